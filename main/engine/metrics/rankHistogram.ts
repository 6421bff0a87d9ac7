/**
 * Where the truth falls among the samples. For a calibrated ensemble every rank is equally likely.
 * Hamill 2001, "Interpretation of rank histograms for verifying ensemble forecasts", §2.
 */

import type { PixelValues } from './pixelValues.ts';
import { assertEnsemble } from './ensemble.ts';

/**
 * Shares of the values whose truth has rank 0 … N among N samples, N + 1 numbers that sum to 1. A truth equal to some
 * samples (values clamped at 0 or 1) is spread evenly over the ranks it could have.
 * @throws Error when there are fewer than two samples or they differ in length from the truth.
 */
export function rankHistogram(truth: PixelValues, samples: readonly PixelValues[]): Float64Array {
  assertEnsemble(truth, samples);
  const shares = new Float64Array(samples.length + 1);
  for (let index = 0; index < truth.length; index++) {
    let smaller = 0;
    let equal = 0;
    for (const sample of samples) {
      if (sample[index] < truth[index]) smaller++;
      else if (sample[index] === truth[index]) equal++;
    }
    const share = 1 / ((equal + 1) * truth.length);
    for (let rank = smaller; rank <= smaller + equal; rank++) shares[rank] += share;
  }
  return shares;
}
