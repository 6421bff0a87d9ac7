/**
 * Means over repeated trainings, and differences of two of them. The unit of replication is the seed: the numbers say how much
 * would change if the training were repeated with other seeds, on the same images.
 * Student 1908, "The probable error of a mean", Biometrika 6; Welch 1947, "The generalization of Student's problem when several
 * different population variances are involved", Biometrika 34; Holm 1979, "A simple sequentially rejective multiple test
 * procedure", Scandinavian Journal of Statistics 6.
 */

import { studentCdf, studentQuantile } from '../numbers/studentT.ts';
import { confidence, type Interval } from './bootstrap.ts';

/** The mean of repeated measurements. */
export interface RepeatedMean {
  /** null without values; infinite if a value is. */
  readonly mean: number | null;
  /** Standard deviation of the values, unbiased; null for fewer than two. */
  readonly deviation: number | null;
  /** 95 % interval of the mean by Student's t; null for fewer than two values. */
  readonly interval: Interval | null;
}

/** Returns the mean of values with its t interval: mean ± t(0.975, n − 1) · s / √n. */
export function repeatedMean(values: readonly number[]): RepeatedMean {
  const count = values.length;
  if (count === 0) return { mean: null, deviation: null, interval: null };
  const mean = average(values);
  if (count === 1 || !Number.isFinite(mean)) return { mean, deviation: null, interval: null };
  const deviation = Math.sqrt(variance(values));
  const half = (studentQuantile((1 + confidence) / 2, count - 1) * deviation) / Math.sqrt(count);
  return { mean, deviation, interval: [mean - half, mean + half] };
}

/** Formats a mean with half of its interval: `24.31 ± 0.12`; the mean alone if there is no interval, a dash without values. */
export function formatRepeatedMean(
  found: Pick<RepeatedMean, 'mean' | 'interval'> | undefined,
  digits: number,
): string {
  if (!found || found.mean === null) return '–';
  if (!Number.isFinite(found.mean)) return 'exact';
  const half = found.interval === null ? null : (found.interval[1] - found.interval[0]) / 2;
  return `${found.mean.toFixed(digits)}${half === null ? '' : ` ± ${half.toFixed(digits)}`}`;
}

/** The difference of two means over seeds. */
export interface SeedDifference {
  /** Of the means, one − other. */
  readonly difference: number;
  /** 95 % interval; null where a side has fewer than two seeds, or a value is infinite. */
  readonly interval: Interval | null;
  /** P(T ≤ t): how surely the first mean is the larger one in truth; null as `interval`. */
  readonly probability: number | null;
  /** Two-sided; null as `interval`. */
  readonly pValue: number | null;
  /** Pairs of equal seeds, or Welch's t; null as `interval`. */
  readonly method: 'paired by seed' | 'Welch' | null;
}

/**
 * Returns the difference of two means over seeds; each map holds one number for each seed. Equal seeds give equal noise, masks and
 * order of the images, so that two sides with the same seeds are paired; all others are compared by Welch's t.
 */
export function seedDifference(
  one: ReadonlyMap<number, number>,
  other: ReadonlyMap<number, number>,
): SeedDifference {
  const [own, others] = [[...one.values()], [...other.values()]];
  const difference = average(own) - average(others);
  if (own.length < 2 || others.length < 2 || !Number.isFinite(difference))
    return { difference, interval: null, probability: null, pValue: null, method: null };
  const isPaired = one.size === other.size && [...one.keys()].every((seed) => other.has(seed));
  const { error, freedom } = isPaired ? pairedError(one, other) : welchError(own, others);
  const half = studentQuantile((1 + confidence) / 2, freedom) * error;
  const certain = difference > 0 ? 1 : difference < 0 ? 0 : 0.5;
  const probability = error > 0 ? studentCdf(difference / error, freedom) : certain;
  return {
    difference,
    interval: [difference - half, difference + half],
    probability,
    pValue: 2 * Math.min(probability, 1 - probability),
    method: isPaired ? 'paired by seed' : 'Welch',
  };
}

/** Standard error of a difference of means, with its degrees of freedom. */
interface StandardError {
  readonly error: number;
  readonly freedom: number;
}

function pairedError(one: ReadonlyMap<number, number>, other: ReadonlyMap<number, number>): StandardError {
  const differences = [...one].map(([seed, score]) => score - (other.get(seed) as number));
  return { error: Math.sqrt(variance(differences) / differences.length), freedom: differences.length - 1 };
}

/** Degrees of freedom by Welch and Satterthwaite. */
function welchError(one: readonly number[], other: readonly number[]): StandardError {
  const [a, b] = [variance(one) / one.length, variance(other) / other.length];
  const divisor = a ** 2 / (one.length - 1) + b ** 2 / (other.length - 1);
  const freedom = divisor > 0 ? (a + b) ** 2 / divisor : one.length + other.length - 2;
  return { error: Math.sqrt(a + b), freedom };
}

/**
 * Returns p-values adjusted for their number by Holm's method, in the order given: the chance of any false claim among them stays
 * below that of one. null stays null, and is not counted.
 */
export function adjustByHolm(values: readonly (number | null)[]): (number | null)[] {
  const known = values.flatMap((value, index) => (value === null ? [] : [{ value, index }]));
  const adjusted = [...values];
  let least = 0;
  for (const [rank, { value, index }] of known.sort((a, b) => a.value - b.value).entries()) {
    least = Math.max(least, Math.min(1, (known.length - rank) * value));
    adjusted[index] = least;
  }
  return adjusted;
}

export function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Unbiased. */
function variance(values: readonly number[]): number {
  const mean = average(values);
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
}
