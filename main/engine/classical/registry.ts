/** The classical methods every table carries. */

import { pasteObserved } from '../../../shared/images/image.ts';
import type { SparseObservation } from '../../../shared/images/image.ts';
import { reconstructBiharmonic } from './biharmonic.ts';
import { checkObservation } from './checkObservation.ts';
import { reconstructLinear } from './linear.ts';
import { reconstructMean } from './mean.ts';
import { reconstructNearest } from './nearest.ts';
import { reconstructThinPlate } from './thinPlate.ts';

export const classicalMethodNames = ['mean', 'nearest', 'linear', 'biharmonic', 'thin plate'] as const;
export type ClassicalMethodName = (typeof classicalMethodNames)[number];

/** Height × width × 3 estimates, which may leave [0, 1]. Takes what `checkObservation` returns. */
export type ClassicalMethod = (observation: SparseObservation) => Float32Array;

export const classicalMethods: Readonly<Record<ClassicalMethodName, ClassicalMethod>> = {
  mean: reconstructMean,
  nearest: reconstructNearest,
  linear: reconstructLinear,
  biharmonic: reconstructBiharmonic,
  'thin plate': reconstructThinPlate,
};

/**
 * Height × width × 3 values in [0, 1], the observed pixels pasted; the order of the observed pixels has no influence.
 * @throws Error when the observation is empty, repeats a pixel, leaves the image or is too large for the method.
 */
export function reconstructClassically(
  name: ClassicalMethodName,
  observation: SparseObservation,
): Float32Array {
  const output = classicalMethods[name](checkObservation(observation));
  output.forEach((value, index) => (output[index] = Math.min(1, Math.max(0, value))));
  pasteObserved(output, observation);
  return output;
}
