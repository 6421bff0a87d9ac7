/** What a solver is: a pure loop over a time grid with an observer. It sees a velocity and nothing else. */

import type { Tensor } from '@tensorflow/tfjs-core';
import type { TimeGrid } from './timeGrid.ts';

/** dx/dt at state [B, N, 3] and one time for the whole batch. */
export type VelocityFn = (state: Tensor, time: number) => Tensor;

/** Where a solver stands after a step; `state` belongs to the solver: use it at once, do not keep it. */
export interface SolverStep {
  readonly index: number;
  readonly count: number;
  readonly time: number;
  readonly state: Tensor;
}

export interface SolverHooks {
  /** Puts back what is known, after every step. */
  readonly project?: (state: Tensor, time: number) => Tensor;
  readonly onStep?: (step: SolverStep) => void;
}

/** Integrate from x at the first time of the grid to the last; the result is a new tensor, x stays the caller's. */
export interface Solver {
  integrate(velocity: VelocityFn, x: Tensor, grid: TimeGrid, hooks?: SolverHooks): Tensor;
  /** Function evaluations for one pass over the grid. */
  evaluations(grid: TimeGrid): number;
}
