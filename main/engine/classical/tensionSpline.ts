/**
 * Spline in tension through the observed pixels, on the pixel grid: it minimises bending and slopes together. Franke 1985, "Thin
 * plate splines with tension"; Smith & Wessel 1990, "Gridding with continuous curvature splines in tension".
 */

import { pasteObserved, type SparseObservation } from '../../../shared/images/image.ts';
import { tensionEnergy } from './gridEnergy.ts';
import { createGridSolver } from './gridSolver.ts';
import { unobservedPixels } from './thinPlate.ts';

/**
 * Returns height × width × 3 values, exact at observed pixels; constant images are reproduced exactly. Costs what
 * `createGridSolver` states.
 * @throws Error when the factor needs more than 1 GiB.
 */
export function reconstructTensionSpline(observation: SparseObservation): Float32Array {
  const { height, width, indices, values } = observation;
  const output = new Float32Array(height * width * 3);
  pasteObserved(output, observation);
  const unknowns = unobservedPixels(indices, height * width);
  if (unknowns.length === 0) return output;
  const estimated = createGridSolver(tensionEnergy, indices, observation)(values);
  unknowns.forEach((pixel, row) => output.set(estimated.subarray(row * 3, row * 3 + 3), pixel * 3));
  return output;
}
