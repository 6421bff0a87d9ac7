/** The classical estimates that a field or its path starts from. */

import type { SparseObservation } from '../../shared/images/image.ts';
import { reconstructClassically } from '../engine/classical/registry.ts';

/** height × width × 3 values in [0, 1]. */
export type EstimateOf = (observation: SparseObservation) => Float32Array;

export const estimateAnew: EstimateOf = (observation) => reconstructClassically('thin plate', observation);

/** Solves each observation once for as long as it is kept: sampling the same images again costs nothing more. */
export function rememberEstimates(): EstimateOf {
  const known = new WeakMap<SparseObservation, Float32Array>();
  return (observation) => {
    const estimate = known.get(observation) ?? estimateAnew(observation);
    known.set(observation, estimate);
    return estimate;
  };
}
