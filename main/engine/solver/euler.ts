/** Euler's method: x ← x + Δt v(x, t). */

import * as tf from '@tensorflow/tfjs-core';
import { integrateBySteps, type StepRule } from './integrate.ts';
import type { Solver } from './solver.ts';

export const eulerStep: StepRule = (velocity, { state, time, delta }) =>
  tf.add(state, tf.mul(velocity(state, time), delta));

export const euler: Solver = {
  integrate: (velocity, x, grid, hooks) => integrateBySteps(eulerStep, { velocity, x, grid, hooks }),
  evaluations: (grid) => grid.times.length - 1,
};
