/**
 * Curves for display: thinned to the resolution of a screen without a visible change, and smoothed. Of every bucket, the
 * first, the last, the lowest and the highest point are kept (the M4 aggregation of Jugel et al. 2014, "M4: a visualization-oriented time series data
 * aggregation").
 */

/**
 * Returns the indices of the points that are kept, ascending: all of them if there are at most `limit`, otherwise at most
 * `limit` (≥ 4). The lengths of the buckets differ by at most one point.
 */
export function decimate(values: ArrayLike<number>, limit: number): number[] {
  const { length } = values;
  if (length <= limit) return Array.from({ length }, (_, index) => index);
  const buckets = Math.max(1, Math.floor(limit / 4));
  const kept: number[] = [];
  for (let bucket = 0; bucket < buckets; bucket++) {
    const start = Math.floor((bucket * length) / buckets);
    const end = Math.floor(((bucket + 1) * length) / buckets);
    let lowest = start;
    let highest = start;
    for (let index = start + 1; index < end; index++) {
      if (values[index] < values[lowest]) lowest = index;
      if (values[index] > values[highest]) highest = index;
    }
    const extremes = lowest < highest ? [lowest, highest] : [highest, lowest];
    for (const index of [start, ...extremes, end - 1]) if (index !== kept.at(-1)) kept.push(index);
  }
  return kept;
}

/** A running mean that is corrected for its start at zero, value by value. */
export interface RunningMean {
  /** Takes the next value and returns the mean so far. */
  add(value: number): number;
}

/**
 * Returns mᵢ = w · mᵢ₋₁ + (1 − w) · xᵢ, divided by 1 − wⁱ, so that it starts at the first value. `weight` of the past in [0, 1):
 * 0 returns the values themselves. `from` continues a mean after `count` values.
 */
export function createRunningMean(
  weight: number,
  from: { readonly mean: number; readonly count: number } = { mean: 0, count: 0 },
): RunningMean {
  let bias = weight ** from.count;
  let sum = from.mean * (1 - bias);
  return {
    add(value) {
      sum = weight * sum + (1 - weight) * value;
      bias *= weight;
      return sum / (1 - bias);
    },
  };
}

/** Returns the running mean after each of the values. */
export function smooth(values: ArrayLike<number>, weight: number): Float64Array {
  const mean = createRunningMean(weight);
  // Float64Array.from takes ten times as long.
  const smoothed = new Float64Array(values.length);
  for (let index = 0; index < values.length; index++) smoothed[index] = mean.add(values[index]);
  return smoothed;
}
