/**
 * Percentile bootstrap of means over images, single and paired.
 * Efron & Tibshirani 1993, "An Introduction to the Bootstrap", §13.3.
 */

import { randomIntegers } from './random.ts';

/** Ends of a confidence interval. */
export type Interval = readonly [low: number, high: number];

/** Images drawn with replacement, again and again; the same draws serve every mean over the same images. */
export interface Resamples {
  /** Images in each draw. */
  readonly count: number;
  /** Numbers of the images, draw after draw. */
  readonly indices: Int32Array;
}

/** Confidence of every interval in tables and stored rows. */
export const confidence = 0.95;

const defaultDraws = 2000;

/** `draws` times `count` images with replacement: a pure function of (seed, count, draws). */
export function drawResamples(count: number, options: { draws?: number; seed?: number } = {}): Resamples {
  const { draws = defaultDraws, seed = 0 } = options;
  const key = { seed, stream: 'bootstrap', step: 0 } as const;
  return { count, indices: randomIntegers(key, count * draws, count) };
}

/**
 * Interval of the mean of one number an image; null where there are fewer than two images or an infinite number (null).
 * @throws RangeError when the draws belong to another number of images.
 */
export function meanInterval(values: readonly (number | null)[], resamples: Resamples): Interval | null {
  const { count, indices } = resamples;
  if (values.length !== count) {
    throw new RangeError(`The draws are of ${count} images, found ${values.length} values: draw for those.`);
  }
  if (count < 2 || !values.every((value) => value !== null)) return null;
  const shares = Float64Array.from(values, (value) => (value ?? 0) / count);
  const means = new Float64Array(indices.length / count);
  for (let draw = 0, position = 0; draw < means.length; draw++) {
    let sum = 0;
    for (const end = position + count; position < end; position++) sum += shares[indices[position]];
    means[draw] = sum;
  }
  means.sort();
  return [quantile(means, (1 - confidence) / 2), quantile(means, (1 + confidence) / 2)];
}

/** A paired difference of two methods: its mean over the images, and the interval of that. */
export interface PairedDifference {
  readonly mean: number;
  readonly interval: Interval;
}

/** `values` − `reference`, image by image; null as meanInterval. @throws as meanInterval. */
export function pairedDifference(
  values: readonly (number | null)[],
  reference: readonly (number | null)[],
  resamples: Resamples,
): PairedDifference | null {
  const differences = values.map((value, image) => {
    const other = reference[image] ?? null;
    return value === null || other === null ? null : value - other;
  });
  const interval = meanInterval(differences, resamples);
  if (interval === null) return null;
  return {
    mean: differences.reduce<number>((sum, value) => sum + (value ?? 0), 0) / values.length,
    interval,
  };
}

/** Linear between the sorted values. */
function quantile(sorted: Float64Array, share: number): number {
  const position = share * (sorted.length - 1);
  const low = Math.floor(position);
  const next = Math.min(low + 1, sorted.length - 1);
  return sorted[low] + (position - low) * (sorted[next] - sorted[low]);
}
