/** What the parent and the compute process say to each other about pictures of any size. */

import type { RunConfig } from '../../shared/config/config.ts';
import type { InpaintingRequest, PictureScore } from '../../shared/inpainting.ts';
import type { PixelRows } from './protocol.ts';

/** A picture of any size, to be reconstructed from its known pixels. The process stays for the next one, its model loaded. */
export interface InpaintJob extends Pick<
  InpaintingRequest,
  'fit' | 'scale' | 'solver' | 'steps' | 'samples' | 'seed' | 'truthIsKnown'
> {
  readonly id: string;
  readonly config: RunConfig;
  readonly checkpoint: string;
  readonly width: number;
  readonly height: number;
  /** width × height × 3. */
  readonly pixels: Uint8Array;
  /**
   * width × height, 1 = known. With `fit: 'fit'`, one of another length is a mask of the square the picture is fitted to:
   * imageSize × imageSize.
   */
  readonly mask: Uint8Array;
  /** width × height, 1 = opaque: transparent pixels are never known, whatever the mask says. null: all are opaque. */
  readonly opaque: Uint8Array | null;
}

/** What came of an inpainting; pictures are height × width × 3 bytes, of the size after fit and scale. */
export interface PictureInpainting {
  readonly height: number;
  readonly width: number;
  readonly truth: Uint8Array;
  /** height × width, 1 = known. */
  readonly mask: Uint8Array;
  /** The sample, or the mean of several; known pixels are exact. */
  readonly result: Uint8Array;
  /** height × width grey: 255 is `largestDeviation`; null with a single sample. */
  readonly deviation: Uint8Array | null;
  readonly largestDeviation: number | null;
  readonly thinPlate: Uint8Array;
  readonly biharmonic: Uint8Array;
  readonly observed: number;
  readonly nfe: number;
  readonly seconds: number;
  readonly peakBytes: number;
  readonly tiles: number;
  readonly scores: readonly PictureScore[];
}

export type InpaintEvent =
  /** A state of the first sample on its way, clamped, known pixels pasted; `index` counts from 0 (the start). */
  | {
      readonly type: 'inpaintState';
      readonly id: string;
      readonly index: number;
      readonly time: number;
      readonly rows: PixelRows;
    }
  /** One sample of several is done; `sample` counts from 1. */
  | { readonly type: 'inpaintSample'; readonly id: string; readonly sample: number; readonly rows: PixelRows }
  | { readonly type: 'inpainted'; readonly id: string; readonly inpainting: PictureInpainting }
  /** It failed, or was cancelled (`message` null); the process stays. */
  | { readonly type: 'inpaintingEnded'; readonly id: string; readonly message: string | null };
