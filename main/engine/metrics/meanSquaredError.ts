/** Mean squared error, summed in float64. */

import { assertComparable } from './pixelValues.ts';
import type { PixelValues } from './pixelValues.ts';

/**
 * Mean of (truth − result)² over all values.
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
