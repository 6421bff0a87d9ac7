/** Where a figure that was saved comes from: it stands in the text of its PNG file, as JSON. */

import type { InpaintingRequest } from './inpainting.ts';
import type { Protocol } from './metric.ts';

export const figureKeyword = 'sparse-field-lab-figure';

export interface FigureOrigin {
  /** The program's. */
  readonly version: string;
  /** What stands side by side, from the left. */
  readonly shown: readonly string[];
  readonly runs: readonly FigureRun[];
  /** Which pictures, from 0 in the order of the protocol or of the preview. */
  readonly images: readonly number[];
  /** null: the pictures were not scored by one. */
  readonly protocol: Protocol | null;
  /** Entries of the history, where it shows own pictures. */
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
  /** What of an evaluation it is; null: a preview, or an own picture. */
  readonly method: string | null;
  /** Of a sample on its way: where along the path the state stands, 0 … 1. */
  readonly time?: number;
}

/** Of the checkpoint of a step; null where there is none. */
export function checkpointSha256(
  checkpoints: readonly { readonly step: number; readonly sha256: string }[],
  step: number,
): string | null {
  return checkpoints.find((checkpoint) => checkpoint.step === step)?.sha256 ?? null;
}
