/** Peak signal-to-noise ratio in dB for the data range [0, 1]: −10 log₁₀(mean squared error). */

import { meanSquaredError } from './meanSquaredError.ts';
import { markObserved } from './observedPixels.ts';
import { assertComparable } from './pixelValues.ts';
import type { PixelValues } from './pixelValues.ts';

/** dB over all values; Infinity when the images are equal. */
export function psnr(truth: PixelValues, result: PixelValues): number {
  return -10 * Math.log10(meanSquaredError(truth, result));
}

/**
 * dB over the pixels that are not in `observed` (row-major pixel indices of an RGB image);
 * Infinity where they are equal there, null when every pixel is observed.
 * @throws Error when the images differ in length or an index lies outside them.
 */
export function psnrUnobserved(truth: PixelValues, result: PixelValues, observed: Int32Array): number | null {
  assertComparable(truth, result);
  const isObserved = markObserved(observed, truth.length / 3);
  let sum = 0;
  let count = 0;
  for (let index = 0; index < truth.length; index++) {
    if (isObserved[Math.floor(index / 3)] === 1) continue;
    const difference = truth[index] - result[index];
    sum += difference * difference;
    count++;
  }
  return count === 0 ? null : -10 * Math.log10(sum / count);
}
