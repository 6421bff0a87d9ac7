/** Statistics of an ensemble: several samples of one image. */

import { assertComparable, type PixelValues } from './pixelErrors.ts';
import { ssim } from './ssim.ts';

/** Fewest samples of an ensemble: a single one has no spread. */
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

/** Returns the mean over the samples of every value. */
export function ensembleMean(samples: readonly PixelValues[]): Float64Array {
  const mean = new Float64Array(samples[0].length);
  for (const sample of samples) {
    for (let index = 0; index < mean.length; index++) mean[index] += sample[index] / samples.length;
  }
  return mean;
}

/** Returns the unbiased variance over the samples (divisor N − 1), averaged over all values. */
export function ensembleVariance(samples: readonly PixelValues[]): number {
  const mean = ensembleMean(samples);
  let sum = 0;
  for (const sample of samples) {
    for (let index = 0; index < mean.length; index++) sum += (sample[index] - mean[index]) ** 2;
  }
  return sum / ((samples.length - 1) * mean.length);
}

/**
 * Returns the mean of 1 − SSIM (uniform 7×7 window) over the N − 1 pairs of successive whole RGB images; 0 when all samples
 * are equal. Its expectation does not depend on N.
 * @throws Error when there are fewer than two samples, or an image is smaller than the window.
 */
export function sampleDiversity(
  samples: readonly PixelValues[],
  size: { readonly height: number; readonly width: number },
): number {
  if (samples.length < smallest) {
    throw new Error(`Diversity needs at least ${smallest} samples, found ${samples.length}: draw more.`);
  }
  const pairs = samples.slice(1).map((sample, index) => [samples[index], sample] as const);
  const sum = pairs.reduce(
    (total, [one, other]) => total + 1 - ssim(one, other, { ...size, window: 'uniform' }),
    0,
  );
  return sum / pairs.length;
}
