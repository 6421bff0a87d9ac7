/**
 * Percentile bootstrap of means over images, single and paired.
 * Efron & Tibshirani 1993, "An Introduction to the Bootstrap", §13.3.
 */

import { randomIntegers } from '../numbers/random.ts';

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
  const kept = newest?.deref();
  if (kept?.count === count && kept.draws === draws && kept.seed === seed) return kept;
  const key = { seed, stream: 'bootstrap', step: 0 } as const;
  const drawn = { count, draws, seed, indices: randomIntegers(key, count * draws, count) };
  newest = new WeakRef(drawn);
  return drawn;
}

/** The newest draws: every interval of an evaluation needs the same ones, and they may take many megabytes. */
let newest: WeakRef<Resamples & { readonly draws: number; readonly seed: number }> | null = null;

/**
 * Interval of the mean of one number an image. Images without a finite one are left out, and others drawn for the rest;
 * null where fewer than two remain.
 * @throws RangeError when the draws belong to another number of images.
 */
export function meanInterval(values: readonly (number | null)[], resamples: Resamples): Interval | null {
  const { count, indices } = resamples;
  if (values.length !== count) {
    throw new RangeError(`The draws are of ${count} images, found ${values.length} values: draw for those.`);
  }
  const finite = values.filter((value) => value !== null && Number.isFinite(value)) as number[];
  if (finite.length < 2) return null;
  if (finite.length < count) return meanInterval(finite, drawResamples(finite.length));
  const shares = Float64Array.from(finite, (value) => value / count);
  const means = new Float64Array(indices.length / count);
  for (let draw = 0, position = 0; draw < means.length; draw++) {
    let sum = 0;
    for (const end = position + count; position < end; position++) sum += shares[indices[position]];
    means[draw] = sum;
  }
  means.sort();
  return [quantile(means, (1 - confidence) / 2), quantile(means, (1 + confidence) / 2)];
}

/** A paired difference of two methods: its mean over the images where both are finite, and the interval of that. */
export interface PairedDifference {
  readonly mean: number;
  /** Images where one of the two is exact: not part of the mean. */
  readonly leftOut: number;
  readonly interval: Interval;
}

/** `values` − `reference`, image by image; null as meanInterval. @throws as meanInterval. */
export function pairedDifference(
  values: readonly (number | null)[],
  reference: readonly (number | null)[],
  resamples: Resamples,
): PairedDifference | null {
  const differences = values.map((value, image) => (value ?? NaN) - (reference[image] ?? NaN));
  const interval = meanInterval(differences, resamples);
  if (interval === null) return null;
  const finite = differences.filter(Number.isFinite);
  const leftOut = values.length - finite.length;
  return { mean: finite.reduce((sum, value) => sum + value, 0) / finite.length, leftOut, interval };
}

/** Linear between the sorted values. */
function quantile(sorted: Float64Array, fraction: number): number {
  const position = fraction * (sorted.length - 1);
  const low = Math.floor(position);
  const next = Math.min(low + 1, sorted.length - 1);
  return sorted[low] + (position - low) * (sorted[next] - sorted[low]);
}
