/** What every classical method may rely on: at least one observed pixel, each once, inside the image, finite. */

import type { SparseObservation } from '../../../shared/images/image.ts';

/**
 * The same observation with its pixels in row-major order, so that no result depends on their order.
 * @throws Error naming the first value that is out of place.
 */
export function checkObservation(observation: SparseObservation): SparseObservation {
  const { height, width, indices, values } = observation;
  const pixels = height * width;
  if (!Number.isInteger(height) || !Number.isInteger(width) || height < 1 || width < 1) {
    throw new Error(`Image size ${height}×${width}: expected whole numbers of at least 1; check the image.`);
  }
  if (indices.length === 0) {
    throw new Error('No observed pixel: expected at least 1; raise the keep ratio.');
  }
  if (values.length !== indices.length * 3) {
    throw new Error(
      `${indices.length} observed pixels with ${values.length} values: expected ${indices.length * 3}; pass RGB.`,
    );
  }
  const broken = values.findIndex((value) => !Number.isFinite(value));
  if (broken >= 0) {
    throw new Error(
      `Observed value ${broken} is ${values[broken]}: expected a number in [0, 1]; check the image.`,
    );
  }
  const order = indices.map((_, row) => row).sort((a, b) => indices[a] - indices[b]);
  const sorted = order.map((row) => indices[row]);
  assertDistinctPixels(sorted, pixels);
  return { height, width, indices: sorted, values: gatherRows(values, order) };
}

function assertDistinctPixels(sorted: Int32Array, pixels: number): void {
  sorted.forEach((pixel, row) => {
    if (pixel < 0 || pixel >= pixels) {
      throw new Error(
        `Observed pixel ${pixel} lies outside the image: expected 0 … ${pixels - 1}; pass this image's own mask.`,
      );
    }
    if (row > 0 && sorted[row - 1] === pixel) {
      throw new Error(
        `Pixel ${pixel} is observed twice: expected every pixel at most once; remove the repetition.`,
      );
    }
  });
}

function gatherRows(values: Float32Array, order: Int32Array): Float32Array {
  const gathered = new Float32Array(values.length);
  order.forEach((row, target) => gathered.set(values.subarray(row * 3, row * 3 + 3), target * 3));
  return gathered;
}
