/** How often a solver evaluates the field on its way: found by going it once with nothing to see. */

import * as tf from '@tensorflow/tfjs-core';
import type { PathConfig } from '../../../shared/config/config.ts';
import { diffusionOf } from './fieldView.ts';
import { findRoute } from './route.ts';
import type { SamplingPlan } from './sampleField.ts';

/** null where the solver finds its steps on the way. */
export function countEvaluations(path: PathConfig, plan: SamplingPlan): number | null {
  const { solver, grid, lands } = findRoute(path, plan);
  if (solver.sees === 'velocity' && solver.isAdaptive) return null;
  let count = Number(lands);
  tf.tidy(() => {
    const nothing = () => tf.zeros([1, 1, 3]);
    const look = () => {
      count += 1;
      return nothing();
    };
    const read = () => ({ data: look(), start: nothing() });
    if (solver.sees === 'velocity') solver.integrate(look, nothing(), grid);
    else solver.integrate(diffusionOf({ read }, { path, context: {}, drawNoise: nothing }), nothing(), grid);
  });
  return count;
}
