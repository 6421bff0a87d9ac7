/** The preview picture of a step: one row an image, truth / observed / result side by side. */

import { imageAt, type ImageBatch, type SparseObservation } from '../../shared/images/image.ts';
import type { PixelRows } from './protocol.ts';

/** Grey of pixels that are not observed. */
const unobserved = 0.5;

/** 8-bit RGB, `count` × height rows of three pictures' width. */
export function previewRows(
  truth: ImageBatch,
  observations: readonly SparseObservation[],
  result: ImageBatch,
): PixelRows {
  const { height, width, count } = truth;
  const pixels = new Uint8Array(count * height * 3 * width * 3);
  const place = (values: Float32Array, row: number, column: number): void => {
    for (let y = 0; y < height; y++) {
      const target = ((row * height + y) * 3 + column) * width * 3;
      for (let x = 0; x < width * 3; x++) pixels[target + x] = Math.round(values[y * width * 3 + x] * 255);
    }
  };
  for (let row = 0; row < count; row++) {
    const known = new Float32Array(height * width * 3).fill(unobserved);
    const { indices, values } = observations[row];
    indices.forEach((pixel, index) => known.set(values.subarray(index * 3, index * 3 + 3), pixel * 3));
    place(imageAt(truth, row).values, row, 0);
    place(known, row, 1);
    place(imageAt(result, row).values, row, 2);
  }
  return { height: count * height, width: 3 * width, pixels };
}
