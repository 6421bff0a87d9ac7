/**
 * Which images are computed together. The last bits of a matrix product depend on the number of rows and on the row's
 * place among them, so every image is always computed in a batch of one shape and in the row that its index gives:
 * then its result is the same whichever images were requested with it.
 */

import type { RunConfig } from '../../../shared/config/config.ts';
import { countEvaluation } from '../../../shared/config/networkSize.ts';

/** How the images of a network are batched on this machine. */
export interface BatchShape {
  readonly rows: number;
  /** Whether every batch has that many rows; otherwise no row depends on how many there are, and a batch may be smaller. */
  readonly isFixed: boolean;
}

/** What batches are computed by. */
export interface BatchPower {
  /** Native TensorFlow, not WebAssembly. */
  readonly isNative: boolean;
  /** On a graphics card. */
  readonly isGraphics: boolean;
  /** Parts of a batch that are computed side by side. */
  readonly parts: number;
}

/** Images computed at once where their number is free: bounds memory without starving the cores. */
const mostRows = 16;
/** Rows that keep a core busy, of a small network and of a large one. */
const [rowsOfSmall, rowsOfLarge] = [4, 2];
/** Multiplications of one evaluation of one image from which a network counts as large. */
const largeProducts = 2e9;

export function batchShapeOf(config: RunConfig, { isNative, isGraphics, parts }: BatchPower): BatchShape {
  // WebAssembly computes row by row.
  if (!isNative) return { rows: mostRows, isFixed: false };
  if (isGraphics) return { rows: mostRows, isFixed: true };
  const pixels = config.data.imageSize ** 2;
  const points = { observed: Math.ceil(config.mask.keepRatio * pixels), queries: pixels };
  const products = countEvaluation(config.field, points, config.data.imageSize);
  return { rows: parts * (products < largeProducts ? rowsOfSmall : rowsOfLarge), isFixed: true };
}

/** Images next to each other in a request that share a batch. */
export interface ImageGroup {
  /** Position of the first one in the request, and how many there are. */
  readonly first: number;
  readonly count: number;
  /** For each row of the batch the image in it, counted from `first`; rows that are left over repeat the first image. */
  readonly imageOfRow: readonly number[];
  /** For each image its row. */
  readonly rowOfImage: readonly number[];
}

/** `indices`: the index of each image in its split, in the order of the request. */
export function groupImages(indices: readonly number[], shape: BatchShape): ImageGroup[] {
  const groups: ImageGroup[] = [];
  for (let first = 0; first < indices.length;) {
    const rowOfImage: number[] = [];
    for (const index of indices.slice(first, first + shape.rows)) {
      const row = shape.isFixed ? index % shape.rows : rowOfImage.length;
      if (rowOfImage.includes(row)) break;
      rowOfImage.push(row);
    }
    const count = rowOfImage.length;
    const imageOfRow = Array.from({ length: shape.isFixed ? shape.rows : count }, (_, row) =>
      Math.max(0, rowOfImage.indexOf(row)),
    );
    groups.push({ first, count, imageOfRow, rowOfImage });
    first += count;
  }
  return groups;
}
