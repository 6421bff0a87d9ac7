/** Whether reconstructions are better than a classical estimate of the same images, by more than chance. */

import { imageAt, type ImageBatch } from '../../../shared/images/image.ts';

export interface Gain {
  /** Mean squared error over all images, pooled. */
  readonly mse: number;
  readonly classicalMse: number;
  /** Whether the squared errors are lower by more than chance, or lower by a factor by more than chance. */
  readonly isGain: boolean;
  /** Whether the result is the classical estimate: it differs by less than a hundredth of what it should differ by. */
  readonly isClassical: boolean;
}

/** 95 % quantile of the standard normal distribution. */
const significance = 1.645;

/** Variance of rounding to 8 bits. */
export const roundingVariance = 1 / (255 ** 2 * 12);

/** Largest ratio of squares between what the result adds to the estimate and what is missing there. */
const largestDeadRatio = 1e-4;

/**
 * Compares a result with classical estimates (height × width × 3 values each) of the same images. A gain is found by one of two
 * one-sided paired t-tests at the 5 % level, with the normal quantile: of the squared errors, which a few hard images dominate, or of
 * their logarithms (decibels), to which every image contributes alike, nearly flat ones included.
 */
export function measureGain(truth: ImageBatch, result: ImageBatch, estimates: readonly Float32Array[]): Gain {
  let added = 0;
  let missing = 0;
  const pairs = estimates.map((estimate, index) => {
    const expected = imageAt(truth, index).values;
    const found = imageAt(result, index).values;
    let own = 0;
    let classical = 0;
    expected.forEach((value, at) => {
      own += (found[at] - value) ** 2;
      classical += (estimate[at] - value) ** 2;
      added += (found[at] - estimate[at]) ** 2;
    });
    missing += classical;
    return { own: own / expected.length, classical: classical / expected.length };
  });
  const differences = pairs.map(({ own, classical }) => classical - own);
  // Below the error of rounding, ratios say nothing.
  const ratios = pairs.map(({ own, classical }) =>
    Math.log((classical + roundingVariance) / (own + roundingVariance)),
  );
  const isClassical = added <= largestDeadRatio * missing;
  return {
    mse: mean(pairs.map(({ own }) => own)),
    classicalMse: mean(pairs.map(({ classical }) => classical)),
    // In units of themselves, the errors of a dead output may all be lower by its last digit.
    isGain: isAboveChance(differences) || (!isClassical && isAboveChance(ratios)),
    isClassical,
  };
}

function isAboveChance(differences: readonly number[]): boolean {
  return mean(differences) > significance * standardError(differences);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Standard error of the mean; infinite for fewer than two values. */
function standardError(values: readonly number[]): number {
  if (values.length < 2) return Infinity;
  const centre = mean(values);
  const squares = values.reduce((sum, value) => sum + (value - centre) ** 2, 0);
  return Math.sqrt(squares / (values.length - 1) / values.length);
}
