/** From a sampling plan to a solver, its times, and its number of evaluations. */

import * as tf from '@tensorflow/tfjs-core';
import { type PathConfig, type SamplerConfig, samplerSchema } from '../../../shared/config/config.ts';
import { adaptiveEvaluations } from '../../../shared/config/samplerConfig.ts';
import { paths } from '../path/schedules.ts';
import { ancestral, ancestralUndrifted, createDdim, createLangevin } from './diffusionSolvers.ts';
import { createDopri5 } from './dopri5.ts';
import { diffusionOf } from './fieldView.ts';
import { euler, heun, midpoint, rk4 } from './fixedSteps.ts';
import type { DiffusionSolver, Solver, TimeGrid, VelocitySolver } from './solver.ts';
import { timeGrid } from './timeGrid.ts';

/** The solvers that a configuration can name. */
const solvers: Readonly<Record<SamplerConfig['solver'], (settings: SamplerConfig) => Solver>> = {
  euler: () => euler,
  heun: () => heun,
  midpoint: () => midpoint,
  rk4: () => rk4,
  dopri5: ({ tolerance }) => createDopri5(tolerance),
  ddim: ({ eta }) => createDdim(eta),
  ancestral: () => ancestral,
  'ancestral-undrifted': () => ancestralUndrifted,
  langevin: ({ correctorSteps, correctorRatio }) =>
    createLangevin({ steps: correctorSteps, ratio: correctorRatio }),
};

/** Settings of a sampling; those left out have the defaults of a new configuration. */
export type SamplingPlan = Pick<SamplerConfig, 'solver' | 'steps'> & Partial<SamplerConfig>;

/** A solver and the times it visits. */
export type Route =
  | { readonly solver: DiffusionSolver; readonly grid: TimeGrid; readonly endsOnData: false }
  /** `endsOnData`: the grid ends before t = 1, and one more evaluation yields the data expected there. */
  | { readonly solver: VelocitySolver; readonly grid: TimeGrid; readonly endsOnData: boolean };

/** Length of a singular path that an adaptive solver leaves to the last evaluation. */
const lastLength = 1e-3;

/**
 * Returns the route of a plan along a path.
 * @throws Error when the plan holds an invalid setting.
 */
export function findRoute(path: PathConfig, plan: SamplingPlan): Route {
  const settings = samplerSchema.parse(plan);
  const solver = solvers[settings.solver](settings);
  const grid = timeGrid(settings, paths[path.kind]);
  if (solver.kind === 'diffusion') return { solver, grid, endsOnData: false };
  if (!isSingularAtEnd(path)) return { solver, grid, endsOnData: false };
  const inner = solver.isAdaptive
    ? [0, Math.min(grid[1], 1 - lastLength), 1 - lastLength]
    : grid.slice(0, -1);
  return { solver, grid: inner, endsOnData: true };
}

/**
 * Returns whether the velocity is undefined at t = 1: for a network that predicts data, v = (x̂₁ − x_t) / (1 − t), or on a
 * path whose velocity is unbounded.
 */
function isSingularAtEnd(path: PathConfig): boolean {
  return path.prediction === 'data' || paths[path.kind].isSteepAtEnd;
}

/** Counts the evaluations of a plan by running its solver once on zeros; null for a solver that chooses its steps. */
export function countEvaluations(path: PathConfig, plan: SamplingPlan): number | null {
  const { solver, grid, endsOnData } = findRoute(path, plan);
  if (solver.kind === 'velocity' && solver.isAdaptive) return null;
  let count = Number(endsOnData);
  tf.tidy(() => {
    const zeros = () => tf.zeros([1, 1, 3]);
    const evaluate = () => {
      count += 1;
      return zeros();
    };
    const read = () => ({ data: evaluate(), start: zeros() });
    if (solver.kind === 'velocity') solver.integrate(evaluate, zeros(), grid);
    else {
      const context = { contrast: tf.ones([1, 1, 1]) };
      solver.integrate(diffusionOf({ read }, { path, context, drawNoise: zeros }), zeros(), grid);
    }
  });
  return count;
}

/** Returns the evaluations to expect of a plan, for estimates of time. */
export function expectEvaluations(path: PathConfig, plan: SamplingPlan): number {
  return countEvaluations(path, plan) ?? adaptiveEvaluations;
}
