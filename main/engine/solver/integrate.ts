/** The loop all one-step solvers share: tidy every step, project, tell the observer. */

import * as tf from '@tensorflow/tfjs-core';
import type {
  Diffusion,
  DiffusionSolver,
  FixedStepSolver,
  SolverHooks,
  TimeGrid,
  VelocityFn,
} from './solver.ts';

/** One step from `time` to `time + delta`, which is the grid's `next`. */
export type StepRule<View> = (
  view: View,
  at: { state: tf.Tensor; time: number; next: number; delta: number },
) => tf.Tensor;

export function velocitySolver(rule: StepRule<VelocityFn>, options = { tellsSteps: false }): FixedStepSolver {
  return {
    sees: 'velocity',
    isAdaptive: false,
    ...options,
    integrate: (velocity, x, grid, hooks) => integrateBySteps(rule, { view: velocity, x, grid, hooks }),
  };
}

export function diffusionSolver(
  rule: StepRule<Diffusion>,
  options: { isStochastic: boolean },
): DiffusionSolver {
  return {
    sees: 'diffusion',
    ...options,
    integrate: (diffusion, x, grid, hooks) => integrateBySteps(rule, { view: diffusion, x, grid, hooks }),
  };
}

/** The state after the last step; nothing is left behind when the view or a hook throws. */
function integrateBySteps<View>(
  rule: StepRule<View>,
  problem: { view: View; x: tf.Tensor; grid: TimeGrid; hooks?: SolverHooks },
): tf.Tensor {
  const { view, grid, hooks } = problem;
  const count = grid.length - 1;
  let state = tf.clone(problem.x);
  try {
    for (let index = 0; index < count; index++) {
      const [time, next] = [grid[index], grid[index + 1]];
      const reached = tf.tidy(() => {
        const moved = rule(view, { state, time, next, delta: next - time });
        return hooks?.project ? hooks.project(moved, next) : moved;
      });
      state.dispose();
      state = reached;
      hooks?.onStep?.({ index: index + 1, count, time: next, state });
    }
    return state;
  } catch (error) {
    state.dispose();
    throw error;
  }
}
