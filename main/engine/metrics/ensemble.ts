/** An ensemble: several samples of one image, value by value beside the truth. */

import { assertComparable, type PixelValues } from './pixelValues.ts';

/** Samples that the fair estimators need: with one, nothing is known of their spread. */
const smallest = 2;

/** @throws Error when there are fewer than two samples, or one differs in length from the truth. */
export function assertEnsemble(truth: PixelValues, samples: readonly PixelValues[]): void {
  if (samples.length < smallest) {
    throw new Error(
      `An ensemble of ${samples.length} has no spread: expected at least ${smallest} samples; draw more.`,
    );
  }
  samples.forEach((sample) => assertComparable(truth, sample));
}

/** Mean over the samples of every value. */
export function ensembleMean(samples: readonly PixelValues[]): Float64Array {
  const mean = new Float64Array(samples[0].length);
  for (const sample of samples) {
    for (let index = 0; index < mean.length; index++) mean[index] += sample[index] / samples.length;
  }
  return mean;
}

/** Variance over the samples, with N − 1, averaged over all values. */
export function ensembleVariance(samples: readonly PixelValues[]): number {
  const mean = ensembleMean(samples);
  let sum = 0;
  for (const sample of samples) {
    for (let index = 0; index < mean.length; index++) sum += (sample[index] - mean[index]) ** 2;
  }
  return sum / ((samples.length - 1) * mean.length);
}
