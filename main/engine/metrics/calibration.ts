/** Whether the spread of an ensemble matches its error: rank histogram, coverage of central intervals, spread–skill ratio. */

import { assertEnsemble } from './ensemble.ts';
import type { PixelValues } from './pixelErrors.ts';

/**
 * Returns the fraction of values whose truth has rank 0 … N among N samples: N + 1 numbers that sum to 1, all equal for a
 * calibrated ensemble (Hamill 2001, "Interpretation of rank histograms for verifying ensemble forecasts", §2). A truth equal
 * to some samples (values clamped at 0 or 1) counts equally for every rank that it could have.
 * @throws Error when there are fewer than two samples or they differ in length from the truth.
 */
export function rankHistogram(truth: PixelValues, samples: readonly PixelValues[]): Float64Array {
  assertEnsemble(truth, samples);
  const fractions = new Float64Array(samples.length + 1);
  for (let index = 0; index < truth.length; index++) {
    let smaller = 0;
    let equal = 0;
    for (const sample of samples) {
      if (sample[index] < truth[index]) smaller++;
      else if (sample[index] === truth[index]) equal++;
    }
    const fraction = 1 / ((equal + 1) * truth.length);
    for (let rank = smaller; rank <= smaller + equal; rank++) fractions[rank] += fraction;
  }
  return fractions;
}

/**
 * Returns the fraction of truths, in [0, 1], inside the central interval of probability `level`, given a rank histogram.
 * Rank r of N samples represents the probabilities r/(N+1) to (r+1)/(N+1); a rank that the end of the interval cuts counts
 * by the part inside (Czado, Gneiting & Held 2009, "Predictive model assessment for count data", eq. 2, the transform
 * without randomness). A calibrated ensemble covers exactly `level`, however few its samples. But few samples do not show
 * what lies beyond them, so that an ensemble that never contains the truth still scores max(0, 1 − (N+1)(1−level)/2).
 * @throws RangeError unless 0 < level < 1 and there are at least two ranks.
 */
export function coverage(histogram: ArrayLike<number>, level: number): number {
  const ranks = histogram.length;
  if (!(level > 0 && level < 1) || ranks < 2) {
    throw new RangeError(
      `Coverage needs a level between 0 and 1 and at least 2 ranks, found ${level} and ${ranks}.`,
    );
  }
  const low = (1 - level) / 2;
  const high = (1 + level) / 2;
  let covered = 0;
  for (let rank = 0; rank < ranks; rank++) {
    const inside = Math.min(high, (rank + 1) / ranks) - Math.max(low, rank / ranks);
    covered += histogram[rank] * Math.max(0, inside) * ranks;
  }
  return covered;
}

/**
 * Returns √((1 + 1/N) mean variance) / RMSE of the ensemble mean: 1 when calibrated, below 1 when the samples are too similar
 * (Fortin et al. 2014, "Why should ensemble spread match the RMSE of the ensemble mean?", eq. 15). Infinity when the mean is
 * exact and the samples differ, null when neither differs. `variance` is unbiased (divisor N − 1), `error` the mean squared
 * error of the mean.
 */
export function spreadSkill(of: { variance: number; error: number; samples: number }): number | null {
  if (of.variance === 0 && of.error === 0) return null;
  return Math.sqrt(((1 + 1 / of.samples) * of.variance) / of.error);
}
