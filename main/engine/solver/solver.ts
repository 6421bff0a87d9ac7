/** What a solver is: a pure loop over times with an observer. A deterministic one sees a velocity and nothing else. */

import type { Tensor } from '@tensorflow/tfjs-core';

/** The times a solver visits, increasing. */
export type TimeGrid = readonly number[];

/**
 * dx/dt at state [B, N, 3] and one time for the whole batch; of a field that is told steps, and for a step it knows, the
 * mean of dx/dt over that step.
 */
export type VelocityFn = (state: Tensor, time: number, step?: number) => Tensor;

/**
 * dx/dt at state [B, N, 3], every row at a time of its own. Rows that are not `active` have arrived: they are in the batch
 * only to keep its shape, and their result is not used.
 */
export type RowVelocityFn = (
  state: Tensor,
  times: readonly number[],
  rows: { readonly active: readonly boolean[] },
) => Tensor;

/** What a stochastic solver sees of path and field: states as data and noise, taken apart and put together. */
export interface Diffusion {
  /** α and σ of the path. */
  coefficientsAt(time: number): { readonly alpha: number; readonly sigma: number };
  /** The data expected at a state and the standard noise that makes up the rest; one evaluation of the field. */
  takeApart(state: Tensor, time: number): { readonly data: Tensor; readonly noise: Tensor };
  /** The state of these data and this standard noise; at t = 1 the data themselves. */
  putTogether(parts: { data: Tensor; noise: Tensor }, time: number): Tensor;
  /** Fresh standard normal numbers [B, N, 3], others at every call. */
  drawNoise(): Tensor;
}

/** Where a solver stands after a step; `state` belongs to the solver: use it at once, do not keep it. */
export interface SolverStep {
  readonly index: number;
  /** null where the solver finds its steps on the way. */
  readonly count: number | null;
  /** Where the rows differ, the earliest. */
  readonly time: number;
  /** The time of each row, where they differ. */
  readonly times?: readonly number[];
  readonly state: Tensor;
  /** Of a solver that finds its own steps: the length of the next one it tries. */
  readonly nextLength?: number;
}

export interface SolverHooks {
  /** Puts back what is known, after every step. */
  readonly project?: (state: Tensor, time: number) => Tensor;
  readonly onStep?: (step: SolverStep) => void;
}

/** Goes from x at the first time of the grid to the last; the result is a new tensor, x stays the caller's. */
type Integrate<View> = (view: View, x: Tensor, grid: TimeGrid, hooks?: SolverHooks) => Tensor;

export interface FixedStepSolver {
  readonly sees: 'velocity';
  readonly isAdaptive: false;
  /** It goes straight along each velocity, and tells how far. */
  readonly tellsSteps: boolean;
  readonly integrate: Integrate<VelocityFn>;
}

/** Finds its own steps between the first and the last time, for each row by itself. */
export interface AdaptiveSolver {
  readonly sees: 'velocity';
  readonly isAdaptive: true;
  readonly tellsSteps: false;
  readonly integrate: Integrate<RowVelocityFn>;
}

export type VelocitySolver = FixedStepSolver | AdaptiveSolver;

export interface DiffusionSolver {
  readonly sees: 'diffusion';
  /** It calls `drawNoise`. */
  readonly isStochastic: boolean;
  readonly integrate: Integrate<Diffusion>;
}

export type Solver = VelocitySolver | DiffusionSolver;
