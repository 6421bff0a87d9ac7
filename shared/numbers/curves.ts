/**
 * Thins a curve to what a screen can show without changing how it looks: of every bucket the first, the last, the lowest
 * and the highest point stay (the M4 aggregation of Jugel et al. 2014, "M4: a visualization-oriented time series data
 * aggregation").
 */

/**
 * Indices of the points that stay, ascending: all of them where there are no more than `limit`, else at most `limit`
 * (≥ 4). Buckets are equally many points long, ±1.
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

/**
 * mᵢ = w · mᵢ₋₁ + (1 − w) · xᵢ, divided by 1 − wⁱ, so that it starts at the first value. `weight` of the past in [0, 1):
 * 0 gives the values themselves.
 */
export function smooth(values: ArrayLike<number>, weight: number): Float64Array {
  const smoothed = new Float64Array(values.length);
  let mean = 0;
  let bias = 1;
  for (let index = 0; index < values.length; index++) {
    mean = weight * mean + (1 - weight) * values[index];
    bias *= weight;
    smoothed[index] = mean / (1 - bias);
  }
  return smoothed;
}
