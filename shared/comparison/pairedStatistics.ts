/**
 * Two methods on the same images: mean difference with its interval, who wins how often, and how surely.
 * Sign test: Dixon & Mood 1946, "The statistical sign test", J. Am. Stat. Assoc. 41.
 */

import { ensembleMetrics, imageMetrics, type PerImage, perImageMetrics } from '../metric.ts';
import { drawResamples, type PairedDifference, pairedDifference } from './bootstrap.ts';

export type PairedMetric = keyof PerImage;

interface PairedDescription {
  readonly title: string;
  readonly unit: string;
  readonly digits: number;
  readonly largerIsBetter: boolean;
}

/** How paired comparisons show each metric. */
export const pairedMetrics = Object.fromEntries(
  perImageMetrics.map((name) => [name, describe(name)]),
) as Readonly<Record<PairedMetric, PairedDescription>>;

function describe(name: PairedMetric): PairedDescription {
  const { heading, unit, decimals, better } = { ...imageMetrics, ...ensembleMetrics }[name];
  return { title: heading.join(' '), unit, digits: decimals, largerIsBetter: better === 'higher' };
}

export interface PairedStatistics {
  readonly metric: PairedMetric;
  readonly images: number;
  /** Value − reference of each image, in the metric's unit; 0 where both are exact, null where one alone is. */
  readonly differences: readonly (number | null)[];
  /** As the differences, but positive where the value is the better one, and infinite where one alone is. */
  readonly gains: readonly number[];
  /** Mean of the differences of images that neither makes exact, with its 95 % bootstrap interval; null for fewer than two. */
  readonly mean: PairedDifference | null;
  /** Images on which the value is better, as good, worse. */
  readonly wins: number;
  readonly ties: number;
  readonly losses: number;
  /** Exact and two-sided, ties left out: how probable so uneven a count is where neither method is better. */
  readonly signTest: number;
}

/**
 * `values` against `reference`, image by image; null where one of them has no such number.
 * @throws RangeError when they are of different numbers of images.
 */
export function pairedStatistics(
  values: PerImage,
  reference: PerImage,
  metric: PairedMetric,
): PairedStatistics | null {
  const [own, other] = [values[metric], reference[metric]];
  if (own === null || other === null) return null;
  if (own.length !== other.length) {
    throw new RangeError(
      `The evaluations have ${own.length} and ${other.length} images, and only the same images can be paired. Compare evaluations of one protocol.`,
    );
  }
  const sign = pairedMetrics[metric].largerIsBetter ? 1 : -1;
  const gains = own.map((value, image) => sign * subtract(value, other[image]));
  const wins = gains.filter((gain) => gain > 0).length;
  const losses = gains.filter((gain) => gain < 0).length;
  return {
    metric,
    images: own.length,
    gains,
    wins,
    losses,
    ties: own.length - wins - losses,
    differences: gains.map((gain) => (Number.isFinite(gain) ? sign * gain + 0 : null)),
    mean: own.length > 0 ? pairedDifference(own, other, drawResamples(own.length)) : null,
    signTest: signTest(wins, losses),
  };
}

/** Returns the probability of a count at least as uneven for `wins` + `losses` fair coins; 1 for no coins. */
export function signTest(wins: number, losses: number): number {
  const count = wins + losses;
  // Logarithms of the binomial terms: 2^−count alone would be zero from 1075 images on.
  let term = -count * Math.LN2;
  let sum = 0;
  for (let heads = 0; heads <= Math.min(wins, losses); heads++) {
    sum += Math.exp(term);
    term += Math.log((count - heads) / (heads + 1));
  }
  return Math.min(1, 2 * sum);
}

/** Images by gain, the largest first (or the largest loss first); equal ones in the order of the images. */
export function sortByGain({ gains }: PairedStatistics, first: 'gain' | 'loss'): number[] {
  const sign = first === 'gain' ? 1 : -1;
  return gains
    .map((_, image) => image)
    .sort((one, two) => sign * subtract(gains[two], gains[one]) || one - two);
}

export interface Histogram {
  /** One more than there are bins; zero is an edge where it lies among them. */
  readonly edges: readonly number[];
  /** Each bin holds its lower edge, the last one also its upper. */
  readonly counts: readonly number[];
}

/** Counts finite values in about `bins` bins of a round width; null if there are none. */
export function histogramOf(values: readonly (number | null)[], bins = 20): Histogram | null {
  const found = values.filter((value) => value !== null && Number.isFinite(value)) as number[];
  if (found.length === 0) return null;
  const [low, high] = found.reduce(
    ([least, most], value) => [Math.min(least, value), Math.max(most, value)],
    [Infinity, -Infinity],
  );
  // Equal values, and such as differ by rounding alone, still need a bin that has a width.
  const least = 1e-9 * Math.max(Math.abs(low), Math.abs(high), 1);
  const width = roundUp(Math.max(high - low, least) / bins);
  const first = Math.floor(low / width);
  const count = Math.max(1, Math.ceil(high / width) - first);
  const counts = Array.from({ length: count }, () => 0);
  for (const value of found) counts[Math.min(count - 1, Math.max(0, Math.floor(value / width) - first))] += 1;
  return { edges: Array.from({ length: count + 1 }, (_, edge) => (first + edge) * width), counts };
}

/** Two equal numbers, also infinite ones, differ by 0; what is not known differs from nothing. */
function subtract(one: number | null, other: number | null): number {
  if (one === other || one === null || other === null) return 0;
  return one - other;
}

/** The next of 1, 2, 5, 10, 20, … times a power of ten. */
function roundUp(width: number): number {
  const power = 10 ** Math.floor(Math.log10(width));
  return ([1, 2, 5].find((digit) => digit * power >= width * (1 - 1e-12)) ?? 10) * power;
}
