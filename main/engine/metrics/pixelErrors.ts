/** Errors of single images: mean squared and absolute error, PSNR, and the error at observed values. Sums are float64. */

import { mapInto } from '../../../shared/numbers/mapInto.ts';
import { markObserved, type ObservedPixels } from '../../../shared/images/image.ts';

/** Values of an image as float32 or float64, row-major, channels last. */
export type PixelValues = Float32Array | Float64Array;

/** @throws Error when the two images differ in length or have no pixel. */
export function assertComparable(truth: PixelValues, result: PixelValues): void {
  if (truth.length === 0 || truth.length !== result.length) {
    throw new Error(
      `Cannot compare ${result.length} result values with ${truth.length} true values: ` +
        'expected the same number, at least one; pass two images of the same size.',
    );
  }
}

/**
 * Returns the mean of (truth − result)² over all values.
 * @throws Error when the images differ in length.
 */
export function meanSquaredError(truth: PixelValues, result: PixelValues): number {
  assertComparable(truth, result);
  let sum = 0;
  for (let index = 0; index < truth.length; index++) {
    const difference = truth[index] - result[index];
    sum += difference * difference;
  }
  return sum / truth.length;
}

/**
 * Returns the mean of |truth − result| over all values.
 * @throws Error when the images differ in length.
 */
export function meanAbsoluteError(truth: PixelValues, result: PixelValues): number {
  assertComparable(truth, result);
  let sum = 0;
  for (let index = 0; index < truth.length; index++) sum += Math.abs(truth[index] - result[index]);
  return sum / truth.length;
}

/**
 * Returns the peak signal-to-noise ratio in dB for the data range [0, 1], −10 log₁₀(mean squared error); Infinity when the
 * images are equal.
 * @throws Error when the images differ in length.
 */
export function psnr(truth: PixelValues, result: PixelValues): number {
  return -10 * Math.log10(meanSquaredError(truth, result));
}

/**
 * Returns the PSNR in dB over the values of an RGB image that are not observed: Infinity when the images are equal there, null
 * when every value is observed.
 * @throws Error when the images differ in length or an index lies outside them.
 */
export function psnrUnobserved(
  truth: PixelValues,
  result: PixelValues,
  observed: ObservedPixels,
): number | null {
  assertComparable(truth, result);
  const isObserved = markObserved(observed, truth.length / 3);
  let sum = 0;
  let count = 0;
  for (let index = 0; index < truth.length; index++) {
    if (isObserved[index] === 1) continue;
    const difference = truth[index] - result[index];
    sum += difference * difference;
    count++;
  }
  return count === 0 ? null : -10 * Math.log10(sum / count);
}

/**
 * Returns the root mean squared error over the observed values of an RGB image; 0 when none is observed. Measure it before
 * observed values are pasted: afterwards it is 0 for every method.
 * @throws Error when the images differ in length.
 */
export function observedRmse(truth: PixelValues, result: PixelValues, observed: ObservedPixels): number {
  const { indices, channels } = observed;
  if (indices.length === 0) return 0;
  const positions = channels
    ? indices.map((pixel, row) => pixel * 3 + channels[row])
    : Int32Array.from({ length: indices.length * 3 }, (_, index) => {
        return indices[Math.floor(index / 3)] * 3 + (index % 3);
      });
  return Math.sqrt(meanSquaredError(gatherValues(truth, positions), gatherValues(result, positions)));
}

/**
 * Returns the values at `positions` as float64.
 * @throws Error when a position lies outside the image.
 */
export function gatherValues(values: PixelValues, positions: Int32Array): Float64Array {
  return mapInto(new Float64Array(positions.length), positions, (position) => {
    const value = values[position];
    if (value === undefined) {
      throw new Error(
        `Value ${position} lies outside an image of ${values.length} values: pass the mask that belongs to it.`,
      );
    }
    return value;
  });
}

/**
 * Returns the positions in an RGB image of `length` values that are not observed, ascending.
 * @throws Error when an index lies outside the image.
 */
export function unobservedPositions(observed: ObservedPixels, length: number): Int32Array {
  const marks = markObserved(observed, length / 3);
  const positions = new Int32Array(length);
  let count = 0;
  for (let position = 0; position < length; position++) {
    if (marks[position] === 0) positions[count++] = position;
  }
  return positions.subarray(0, count);
}
