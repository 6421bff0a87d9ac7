/**
 * Energy score of an ensemble of whole images, fair in the number of samples:
 * ES = (1/N) Σᵢ ‖sᵢ − x‖ − 1/(2N(N−1)) Σᵢⱼ ‖sᵢ − sⱼ‖. Unlike the CRPS it sees how pixels vary together.
 * Gneiting & Raftery 2007, "Strictly proper scoring rules, prediction, and estimation", eq. 22.
 */

import { assertEnsemble } from './ensemble.ts';
import { meanSquaredError } from './meanSquaredError.ts';
import type { PixelValues } from './pixelValues.ts';

/**
 * Distances are root mean squares over the values, so that images of any size compare; the smaller, the better.
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
