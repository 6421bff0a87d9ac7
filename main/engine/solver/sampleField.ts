/** From a network to images: encodes the context once, then a solver follows the path from its start to t = 1. */

import * as tf from '@tensorflow/tfjs-core';
import { noDropout } from '../field/dropout.ts';
import type { Encoding } from '../field/field.ts';
import { runEagerly, type RunFunction } from '../runFunction.ts';
import { listTensors } from '../tensors.ts';
import { diffusionOf, type FieldView, type SamplingProblem, velocityOf, viewField } from './fieldView.ts';
import { findRoute, type Route, type SamplingPlan } from './route.ts';
import type { SolverHooks, TimeGrid, VelocitySolver } from './solver.ts';

export interface SamplingOptions {
  readonly hooks?: SolverHooks;
  /** Runs the two functions `encode` and `predict`; the solver itself is a few small operations per step. */
  readonly run?: RunFunction;
  /** Receives how often the network was evaluated for each row of the batch. */
  readonly onEvaluations?: (counts: readonly number[]) => void;
}

/** Samples x₁, [B, Nq, 3], not clamped to [0, 1]; the caller owns it. */
export async function sampleField(
  problem: SamplingProblem,
  plan: SamplingPlan,
  options: SamplingOptions = {},
): Promise<tf.Tensor> {
  const { hooks, run = runEagerly } = options;
  return withEncoding(problem, run, async (encoded) => {
    const view = viewField(problem, encoded, run);
    const sampled = await solve(problem, findRoute(problem.path, plan), { view, hooks });
    const rows = Array.from({ length: problem.start.shape[0] }, (_, row) => row);
    options.onEvaluations?.(rows.map((row) => view.evaluations(row)));
    return sampled;
  });
}

/** Lends the encoded context of a problem. */
export async function withEncoding<Result>(
  problem: SamplingProblem,
  run: RunFunction,
  use: (encoded: Encoding) => Promise<Result>,
): Promise<Result> {
  const encoded = encodeContext(problem, run);
  try {
    return await use(encoded);
  } finally {
    // An encoding may contain parts of the context unchanged.
    const given = new Set(listTensors(problem.context));
    tf.dispose(listTensors(encoded).filter((tensor) => !given.has(tensor)));
  }
}

/** Computes what the network derives from the context alone; the caller owns the tensors. */
export function encodeContext(
  { field, parameters, context }: Pick<SamplingProblem, 'field' | 'parameters' | 'context'>,
  run: RunFunction,
): Encoding {
  return run('encode', {
    parameters,
    inputs: context,
    isByRows: true,
    smallestPart: field.smallestPart,
    work: (weights, inputs) => field.encode(weights, inputs, noDropout),
  });
}

async function solve(
  problem: SamplingProblem,
  route: Route,
  from: { view: FieldView; hooks?: SolverHooks },
): Promise<tf.Tensor> {
  const { solver, grid } = route;
  const { view, hooks } = from;
  if (solver.kind === 'diffusion')
    return solver.integrate(diffusionOf(view, problem), problem.start, grid, hooks);
  if (!route.endsOnData) return solver.integrate(velocityOf(view), problem.start, grid, hooks);
  return solveToData(problem.start, { solver, view, hooks, grid });
}

/** Follows the velocity up to the last inner time, then takes the data expected there. */
async function solveToData(
  start: tf.Tensor,
  by: { solver: VelocitySolver; view: FieldView; hooks?: SolverHooks; grid: TimeGrid },
): Promise<tf.Tensor> {
  const { solver, view, hooks, grid } = by;
  let steps = 0;
  const approached = await solver.integrate(velocityOf(view), start, grid, {
    project: hooks?.project,
    onStep(step) {
      steps = step.index;
      hooks?.onStep?.({ ...step, count: step.count === null ? null : step.count + 1 });
    },
  });
  const last = grid[grid.length - 1];
  let state: tf.Tensor;
  try {
    state = tf.tidy(() => {
      const { data } = view.read(approached, last, solver.passesStepSize ? 1 - last : 0);
      return hooks?.project ? hooks.project(data, 1) : data;
    });
  } finally {
    approached.dispose();
  }
  try {
    hooks?.onStep?.({ index: steps + 1, count: steps + 1, time: 1, state });
  } catch (error) {
    state.dispose();
    throw error;
  }
  return state;
}
