/**
 * Continuous ranked probability score of an ensemble, without the bias of a small one:
 * CRPS = (1/N) Σᵢ |sᵢ − x| − 1/(2N(N−1)) Σᵢⱼ |sᵢ − sⱼ|.
 * Gneiting & Raftery 2007, "Strictly proper scoring rules, prediction, and estimation", eq. 20; fair version:
 * Ferro 2014, "Fair scores for ensemble forecasts", §2.
 */

import { assertEnsemble } from './ensemble.ts';
import type { PixelValues } from './pixelValues.ts';

/**
 * Averaged over all values, in their unit; the smaller, the better, and slightly negative numbers are possible. Its
 * expectation does not depend on the number of samples. A single certain answer would score its mean absolute error.
 * @throws Error when there are fewer than two samples or they differ in length from the truth.
 */
export function crps(truth: PixelValues, samples: readonly PixelValues[]): number {
  assertEnsemble(truth, samples);
  const count = samples.length;
  const sorted = new Float64Array(count);
  let sum = 0;
  for (let index = 0; index < truth.length; index++) {
    for (let sample = 0; sample < count; sample++) sorted[sample] = samples[sample][index];
    sorted.sort();
    let error = 0;
    let pairs = 0;
    for (let rank = 0; rank < count; rank++) {
      error += Math.abs(sorted[rank] - truth[index]);
      // Σ over i < j of s₍ⱼ₎ − s₍ᵢ₎: each value counts once for every smaller and against every larger one.
      pairs += (2 * rank - count + 1) * sorted[rank];
    }
    sum += error / count - pairs / (count * (count - 1));
  }
  return sum / truth.length;
}
