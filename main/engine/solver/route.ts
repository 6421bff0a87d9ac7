/** Which solver goes which way: at what times, and whether its last step is another one. */

import { type PathConfig, samplerSchema } from '../../../shared/config/config.ts';
import { paths } from '../path/registry.ts';
import { solvers } from './registry.ts';
import type { SamplingPlan } from './sampleField.ts';
import type { DiffusionSolver, TimeGrid, VelocitySolver } from './solver.ts';
import { timeGrid } from './timeGrid.ts';

export type Route =
  | { readonly solver: DiffusionSolver; readonly grid: TimeGrid; readonly lands: false }
  /** `lands`: the grid ends before t = 1, and one step more goes to the data expected there. */
  | { readonly solver: VelocitySolver; readonly grid: TimeGrid; readonly lands: boolean };

/** An adaptive solver leaves this much of a singular path to the last step. */
const landing = 1e-3;

export function findRoute(path: PathConfig, plan: SamplingPlan): Route {
  const settings = samplerSchema.parse(plan);
  const solver = solvers[settings.solver](settings);
  const grid = timeGrid(settings, paths[path.kind]);
  if (solver.sees === 'diffusion') return { solver, grid, lands: false };
  if (!isSingularAtEnd(path)) return { solver, grid, lands: false };
  const approach = solver.isAdaptive ? [0, Math.min(grid[1], 1 - landing), 1 - landing] : grid.slice(0, -1);
  return { solver, grid: approach, lands: true };
}

/**
 * Where the velocity is undefined at t = 1: a network that predicts data, v = (x̂₁ − x_t) / (1 − t), or a path whose
 * velocity grows without bound.
 */
function isSingularAtEnd(path: PathConfig): boolean {
  return path.prediction === 'data' || paths[path.kind].isSteepAtEnd;
}
