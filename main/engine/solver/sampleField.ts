/** From a field to images: encode the context once, then let a solver go along the path from the start to t = 1. */

import * as tf from '@tensorflow/tfjs-core';
import type { PathConfig, SamplerConfig } from '../../../shared/config/config.ts';
import { noDropout } from '../field/dropout.ts';
import type { Context, Field } from '../field/field.ts';
import type { NamedTensors } from '../field/parameters.ts';
import { runEagerly, type RunFunction } from '../runFunction.ts';
import { diffusionOf, type FieldView, velocityOf, viewField } from './fieldView.ts';
import { findRoute, type Route } from './route.ts';
import type { SolverHooks, TimeGrid, VelocitySolver } from './solver.ts';

export interface SamplingProblem {
  readonly field: Field;
  readonly parameters: NamedTensors;
  readonly path: PathConfig;
  readonly context: Context;
  /** x₀ [B, Nq, 3]; stays the caller's. */
  readonly start: tf.Tensor;
  /** Standard normal numbers [B, Nq, 3], a pure function of the draw's number; stochastic solvers need it. */
  readonly drawNoise?: (draw: number) => tf.Tensor;
}

/** What is left out is as in a new configuration. */
export type SamplingPlan = Pick<SamplerConfig, 'solver' | 'steps'> & Partial<SamplerConfig>;

export interface SamplingOptions {
  readonly hooks?: SolverHooks;
  /** Runs the two functions `encode` and `predict`; the solver around them is a few small operations a step. */
  readonly run?: RunFunction;
  /** Hears how often the field was evaluated for each row of the batch. */
  readonly onEvaluations?: (counts: readonly number[]) => void;
}

/** Unclamped x₁ [B, Nq, 3]. */
export function sampleField(
  problem: SamplingProblem,
  plan: SamplingPlan,
  options: SamplingOptions = {},
): tf.Tensor {
  const { hooks, run = runEagerly } = options;
  return tf.tidy(() => {
    const encoded = encodeContext(problem, run);
    const view = viewField(problem, encoded, run);
    const sampled = solve(problem, findRoute(problem.path, plan), { view, hooks });
    const rows = Array.from({ length: problem.start.shape[0] }, (_, row) => row);
    options.onEvaluations?.(rows.map((row) => view.evaluations(row)));
    return sampled;
  });
}

/** Everything the field says before the path starts; the caller owns the tensors. */
export function encodeContext(
  { field, parameters, context }: Pick<SamplingProblem, 'field' | 'parameters' | 'context'>,
  run: RunFunction,
): NamedTensors {
  return run('encode', {
    parameters,
    inputs: presentTensors(context),
    isByRows: true,
    smallestPart: field.smallestPart,
    work: (weights, inputs) => field.encode(weights, inputs as unknown as Context, noDropout),
  });
}

function solve(
  problem: SamplingProblem,
  route: Route,
  from: { view: FieldView; hooks?: SolverHooks },
): tf.Tensor {
  const { solver, grid } = route;
  const { view, hooks } = from;
  if (solver.sees === 'diffusion')
    return solver.integrate(diffusionOf(view, problem), problem.start, grid, hooks);
  if (!route.lands) return solver.integrate(velocityOf(view), problem.start, grid, hooks);
  return solveAndLand(problem.start, { solver, view, hooks, grid });
}

/** The velocity is followed up to the last inner time, and the last step lands on the data expected there. */
function solveAndLand(
  start: tf.Tensor,
  by: { solver: VelocitySolver; view: FieldView; hooks?: SolverHooks; grid: TimeGrid },
): tf.Tensor {
  const { solver, view, hooks, grid } = by;
  let steps = 0;
  const approached = solver.integrate(velocityOf(view), start, grid, {
    project: hooks?.project,
    onStep(step) {
      steps = step.index;
      hooks?.onStep?.({ ...step, count: step.count === null ? null : step.count + 1 });
    },
  });
  const last = grid[grid.length - 1];
  const { data } = view.read(approached, last, solver.tellsSteps ? 1 - last : 0);
  const state = hooks?.project ? hooks.project(data, 1) : data;
  hooks?.onStep?.({ index: steps + 1, count: steps + 1, time: 1, state });
  return state;
}

function presentTensors(context: Context): NamedTensors {
  const entries = Object.entries(context as unknown as Record<string, tf.Tensor | undefined>);
  return Object.fromEntries(entries.filter((entry): entry is [string, tf.Tensor] => entry[1] !== undefined));
}
