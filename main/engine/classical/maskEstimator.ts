/** The classical estimates that networks are given: linear in the observed values, so that a mask is solved once for all images. */

import type { ClassicalEstimate } from '../../../shared/config/config.ts';
import { classicalMethods } from '../../../shared/inpainting.ts';
import type { SparseObservation } from '../../../shared/images/image.ts';
import { tensionEnergy } from './gridEnergy.ts';
import { createGridSolver } from './gridSolver.ts';
import type { ImageSize } from './nearest.ts';
import { reconstructClassically } from './registry.ts';
import { createThinPlateEstimator, type MaskEstimator, unobservedPixels } from './thinPlate.ts';

/** Solves a method for a mask; costs what `createThinPlateEstimator` and `createGridSolver` state. */
export function createMaskEstimator(
  method: ClassicalEstimate,
  indices: Int32Array,
  size: ImageSize,
): MaskEstimator {
  if (method === 'thin-plate') return createThinPlateEstimator(indices, size);
  const unobserved = unobservedPixels(indices, size.height * size.width);
  return { unobserved, estimate: createGridSolver(tensionEnergy, indices, size) };
}

/** Returns the estimate of one observation: height × width × 3 values in [0, 1], exact where it is observed. */
export function estimateObservation(method: ClassicalEstimate, observation: SparseObservation): Float32Array {
  return reconstructClassically(classicalMethods[method].scoredAs, observation);
}
