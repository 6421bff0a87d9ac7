/** How far a reconstruction is from the pixels it was given. */

import { meanSquaredError } from './meanSquaredError.ts';
import type { PixelValues } from './pixelValues.ts';

/**
 * Root mean squared error over the observed pixels (row-major indices of an RGB image); 0 when none is observed.
 * Measure it before observed pixels are pasted: afterwards it is 0 for every method.
 * @throws Error when the images differ in length.
 */
export function observedRmse(truth: PixelValues, result: PixelValues, observed: Int32Array): number {
  if (observed.length === 0) return 0;
  const positions = Int32Array.from({ length: observed.length * 3 }, (_, index) => {
    return observed[Math.floor(index / 3)] * 3 + (index % 3);
  });
  return Math.sqrt(meanSquaredError(gatherValues(truth, positions), gatherValues(result, positions)));
}

/** The values at `positions` as float64. @throws Error when a position lies outside. */
export function gatherValues(values: PixelValues, positions: Int32Array): Float64Array {
  return Float64Array.from(positions, (position) => {
    const value = values[position];
    if (value === undefined) {
      throw new Error(
        `Value ${position} lies outside an image of ${values.length} values: pass the mask that belongs to it.`,
      );
    }
    return value;
  });
}
