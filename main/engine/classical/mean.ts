/** The mean colour of the observed pixels everywhere: the floor of every comparison. */

import { pasteObserved } from '../../../shared/image.ts';
import type { SparseObservation } from '../../../shared/image.ts';

/** Height × width × 3 values, observed pixels exact. O(pixels). */
export function reconstructMean(observation: SparseObservation): Float32Array {
  const { height, width, values } = observation;
  const sums = [0, 0, 0];
  values.forEach((value, index) => (sums[index % 3] += value));
  const colour = sums.map((sum) => (sum * 3) / values.length);
  const output = new Float32Array(height * width * 3).map((_, index) => colour[index % 3]);
  pasteObserved(output, observation);
  return output;
}
