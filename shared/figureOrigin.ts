/** The origin of a saved figure, stored as JSON in the text of its PNG file. */

import type { InpaintingRequest } from './inpainting.ts';
import type { Protocol } from './metric.ts';

export const figureKeyword = 'sparse-field-lab-figure';

export interface FigureOrigin {
  /** The program's. */
  readonly version: string;
  /** What stands side by side, from the left. */
  readonly shown: readonly string[];
  readonly runs: readonly FigureRun[];
  /** Indices of the images, from 0 in the order of the protocol or of the preview. */
  readonly images: readonly number[];
  /** null if the images were not scored. */
  readonly protocol: Protocol | null;
  /** History entries, if it shows the user's images. */
  readonly inpaintings: readonly {
    readonly id: string;
    readonly picture: string;
    readonly request: InpaintingRequest;
  }[];
}

export interface FigureRun {
  readonly runId: string;
  readonly name: string;
  /** The step whose weights made it. */
  readonly step: number;
  /** The checkpoint with these weights; null where it is not kept. */
  readonly checkpointSha256: string | null;
  /** Method of the evaluation; null for a preview or one of the user's images. */
  readonly method: string | null;
  /** For an intermediate state of a sample: its time along the path, 0 … 1. */
  readonly time?: number;
}

/** Returns the SHA-256 of the checkpoint of a step; null if there is none. */
export function checkpointSha256(
  checkpoints: readonly { readonly step: number; readonly sha256: string }[],
  step: number,
): string | null {
  return checkpoints.find((checkpoint) => checkpoint.step === step)?.sha256 ?? null;
}
