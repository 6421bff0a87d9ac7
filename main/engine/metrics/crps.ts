/**
 * Proper scores of an ensemble, unbiased in the number of samples: the CRPS of single values and the energy score of whole
 * images. Gneiting & Raftery 2007, "Strictly proper scoring rules, prediction, and estimation"; fair versions: Ferro 2014,
 * "Fair scores for ensemble forecasts", §2.
 */

import { assertEnsemble } from './ensemble.ts';
import { meanSquaredError, type PixelValues } from './pixelErrors.ts';

/**
 * Returns the continuous ranked probability score (1/N) Σᵢ |sᵢ − x| − 1/(2N(N−1)) Σᵢⱼ |sᵢ − sⱼ| averaged over all values, in
 * their unit (Gneiting & Raftery 2007, eq. 20). Smaller is better, and slightly negative numbers are possible. Its
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
      // Σ over i < j of s₍ⱼ₎ − s₍ᵢ₎: each value is added once for every smaller one and subtracted for every larger one.
      pairs += (2 * rank - count + 1) * sorted[rank];
    }
    sum += error / count - pairs / (count * (count - 1));
  }
  return sum / truth.length;
}

/**
 * Returns the energy score (1/N) Σᵢ ‖sᵢ − x‖ − 1/(2N(N−1)) Σᵢⱼ ‖sᵢ − sⱼ‖ (Gneiting & Raftery 2007, eq. 22), which unlike the
 * CRPS depends on how pixels vary together. Norms are root mean squares over the values, so that images of any size compare;
 * smaller is better.
 * @throws Error when there are fewer than two samples or they differ in length from the truth.
 */
export function energyScore(truth: PixelValues, samples: readonly PixelValues[]): number {
  assertEnsemble(truth, samples);
  const count = samples.length;
  let error = 0;
  let pairs = 0;
  samples.forEach((sample, index) => {
    error += distance(truth, sample);
    for (const other of samples.slice(index + 1)) pairs += distance(sample, other);
  });
  return error / count - pairs / (count * (count - 1));
}

function distance(one: PixelValues, other: PixelValues): number {
  return Math.sqrt(meanSquaredError(one, other));
}
