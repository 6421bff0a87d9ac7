/** The loop all one-step solvers share: tidy every step, project, tell the observer. */

import * as tf from '@tensorflow/tfjs-core';
import type { SolverHooks, VelocityFn } from './solver.ts';
import type { TimeGrid } from './timeGrid.ts';

/** One step from `time` to `time + delta`. `isLast` marks the step that ends the grid. */
export type StepRule = (
  velocity: VelocityFn,
  at: { state: tf.Tensor; time: number; delta: number; isLast: boolean },
) => tf.Tensor;

/** The state after the last step; nothing is left behind when the velocity or a hook throws. */
export function integrateBySteps(
  rule: StepRule,
  problem: { velocity: VelocityFn; x: tf.Tensor; grid: TimeGrid; hooks?: SolverHooks },
): tf.Tensor {
  const { velocity, grid, hooks } = problem;
  const count = grid.times.length - 1;
  let state = tf.clone(problem.x);
  try {
    for (let index = 0; index < count; index++) {
      const time = grid.times[index];
      const next = tf.tidy(() => {
        const delta = grid.times[index + 1] - time;
        const moved = rule(velocity, { state, time, delta, isLast: index === count - 1 });
        return hooks?.project ? hooks.project(moved, grid.times[index + 1]) : moved;
      });
      state.dispose();
      state = next;
      hooks?.onStep?.({ index: index + 1, count, time: grid.times[index + 1], state });
    }
    return state;
  } catch (error) {
    state.dispose();
    throw error;
  }
}
