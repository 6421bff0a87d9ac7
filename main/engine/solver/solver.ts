/** The interface of every solver, a pure loop over times with an observer; and the loop of all solvers with fixed steps. */

import * as tf from '@tensorflow/tfjs-core';

/** The times a solver visits, increasing. */
export type TimeGrid = readonly number[];

/**
 * Returns dx/dt, [B, N, 3], at a state [B, N, 3] and one time for the whole batch. Given a step that a network with
 * shortcuts was trained on, returns the mean of dx/dt over that step.
 */
export type VelocityFn = (state: tf.Tensor, time: number, step?: number) => tf.Tensor;

/**
 * Returns dx/dt, [B, N, 3], at a state [B, N, 3], every row at a time of its own. Rows that are not `active` have finished:
 * they stay in the batch only to keep its shape, and their result is not used.
 */
export type RowVelocityFn = (
  state: tf.Tensor,
  times: readonly number[],
  rows: { readonly active: readonly boolean[] },
) => tf.Tensor;

/** Path and network as a stochastic solver sees them: states decomposed into data and noise. */
export interface Diffusion {
  /** Returns α and σ of the path. */
  coefficientsAt(time: number): { readonly alpha: number; readonly sigma: number };
  /** Returns the data expected at a state, [B, N, 3]; one evaluation of the network. */
  dataAt(state: tf.Tensor, time: number): tf.Tensor;
  /** Returns the data expected at a state and the standard noise that accounts for the rest, [B, N, 3] each; one evaluation of the network. */
  decompose(state: tf.Tensor, time: number): { readonly data: tf.Tensor; readonly noise: tf.Tensor };
  /** Returns the state with these data and this standard noise; at t = 1 the data themselves. */
  compose(parts: { data: tf.Tensor; noise: tf.Tensor }, time: number): tf.Tensor;
  /** Samples standard normal numbers [B, N, 3], new ones at every call. */
  drawNoise(): tf.Tensor;
}

/** The position of a solver after a step; `state` belongs to the solver: read it during the call, do not keep it. */
export interface SolverStep {
  readonly index: number;
  /** Number of steps; null for a solver that chooses its steps. */
  readonly count: number | null;
  /** The earliest time of all rows. */
  readonly time: number;
  /** The time of each row, for solvers whose rows proceed separately. */
  readonly times?: readonly number[];
  readonly state: tf.Tensor;
  /** Length of the next step to try, for a solver that chooses its steps. */
  readonly nextLength?: number;
}

export interface SolverHooks {
  /** Restores the known pixels of a state after every step. */
  readonly project?: (state: tf.Tensor, time: number) => tf.Tensor;
  readonly onStep?: (step: SolverStep) => void;
}

/** Integrates x from the first time of the grid to the last; the result is a new tensor, x remains the caller's. */
type Integrate<View> = (view: View, x: tf.Tensor, grid: TimeGrid, hooks?: SolverHooks) => tf.Tensor;

export interface FixedStepSolver {
  readonly kind: 'velocity';
  readonly isAdaptive: false;
  /** Whether it moves along a single velocity per step and passes the size of the step. */
  readonly passesStepSize: boolean;
  readonly integrate: Integrate<VelocityFn>;
}

/** Chooses its own steps between the first and the last time, for each row separately. */
export interface AdaptiveSolver {
  readonly kind: 'velocity';
  readonly isAdaptive: true;
  readonly passesStepSize: false;
  /** Awaits the estimated error of every step. */
  readonly integrate: (...problem: Parameters<Integrate<RowVelocityFn>>) => Promise<tf.Tensor>;
}

export type VelocitySolver = FixedStepSolver | AdaptiveSolver;

export interface DiffusionSolver {
  readonly kind: 'diffusion';
  /** Whether it calls `drawNoise`. */
  readonly isStochastic: boolean;
  readonly integrate: Integrate<Diffusion>;
}

export type Solver = VelocitySolver | DiffusionSolver;

/** Takes one step from `time` to `next` = `time + delta`. */
export type StepRule<View> = (
  view: View,
  at: { state: tf.Tensor; time: number; next: number; delta: number },
) => tf.Tensor;

/** Creates a deterministic solver with fixed steps from the rule of one step. */
export function velocitySolver(
  rule: StepRule<VelocityFn>,
  options = { passesStepSize: false },
): FixedStepSolver {
  return {
    kind: 'velocity',
    isAdaptive: false,
    ...options,
    integrate: (velocity, x, grid, hooks) => integrateBySteps(rule, { view: velocity, x, grid, hooks }),
  };
}

/** Creates a solver on data and noise from the rule of one step. */
export function diffusionSolver(
  rule: StepRule<Diffusion>,
  options: { isStochastic: boolean },
): DiffusionSolver {
  return {
    kind: 'diffusion',
    ...options,
    integrate: (diffusion, x, grid, hooks) => integrateBySteps(rule, { view: diffusion, x, grid, hooks }),
  };
}

/** Returns the state after the last step; disposes every tensor of its own when the view or a hook throws. */
function integrateBySteps<View>(
  rule: StepRule<View>,
  problem: { view: View; x: tf.Tensor; grid: TimeGrid; hooks?: SolverHooks },
): tf.Tensor {
  const { view, grid, hooks } = problem;
  const count = grid.length - 1;
  let state = tf.clone(problem.x);
  try {
    for (let index = 0; index < count; index++) {
      const time = grid[index];
      const next = grid[index + 1];
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
