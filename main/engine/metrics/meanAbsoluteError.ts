/** Mean absolute error, summed in float64. */

import { assertComparable } from './pixelValues.ts';
import type { PixelValues } from './pixelValues.ts';

/**
 * Mean of |truth − result| over all values.
 * @throws Error when the images differ in length.
 */
export function meanAbsoluteError(truth: PixelValues, result: PixelValues): number {
  assertComparable(truth, result);
  let sum = 0;
  for (let index = 0; index < truth.length; index++) sum += Math.abs(truth[index] - result[index]);
  return sum / truth.length;
}
