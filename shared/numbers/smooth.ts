/** The debiased running mean of a curve: Kingma & Ba 2015, "Adam", eq. (4) applied to a series of numbers. */

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
