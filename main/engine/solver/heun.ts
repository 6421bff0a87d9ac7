/** Heun's method, second order: x ← x + Δt (v(x, t) + v(x + Δt v(x, t), t + Δt)) / 2. */

import * as tf from '@tensorflow/tfjs-core';
import { eulerStep } from './euler.ts';
import { integrateBySteps, type StepRule } from './integrate.ts';
import type { Solver } from './solver.ts';

const heunStep: StepRule = (velocity, { state, time, delta }) => {
  const first = velocity(state, time);
  const predicted = tf.add(state, tf.mul(first, delta));
  const second = velocity(predicted, time + delta);
  return tf.add(state, tf.mul(tf.add(first, second), delta / 2));
};

export const heun: Solver = {
  integrate(velocity, x, grid, hooks) {
    const rule: StepRule = (field, at) =>
      at.isLast && grid.isSingularAtEnd ? eulerStep(field, at) : heunStep(field, at);
    return integrateBySteps(rule, { velocity, x, grid, hooks });
  },
  evaluations: (grid) => 2 * (grid.times.length - 1) - (grid.isSingularAtEnd ? 1 : 0),
};
