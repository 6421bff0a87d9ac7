/** The mean colour of the observed pixels everywhere: the floor of every comparison. */

import type { SparseObservation } from '../../../shared/images/image.ts';

/** Height × width × 3 values, at the observed pixels too. O(pixels). */
export function reconstructMean({ height, width, values }: SparseObservation): Float32Array {
  const sums = [0, 0, 0];
  values.forEach((value, index) => (sums[index % 3] += value));
  const colour = sums.map((sum) => (sum * 3) / values.length);
  return new Float32Array(height * width * 3).map((_, index) => colour[index % 3]);
}
