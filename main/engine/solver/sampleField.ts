/** From a field to images: encode the context once, integrate the path's velocity from the start to t = 1. */

import * as tf from '@tensorflow/tfjs-core';
import type { PathConfig, RunConfig } from '../../../shared/config.ts';
import { noDropout } from '../field/dropout.ts';
import type { Context, Field } from '../field/field.ts';
import type { NamedTensors } from '../field/parameters.ts';
import { paths } from '../path/registry.ts';
import { runEagerly, type RunFunction } from '../runFunction.ts';
import { solvers } from './registry.ts';
import type { SolverHooks, VelocityFn } from './solver.ts';
import { type TimeGrid, uniformGrid } from './timeGrid.ts';

export interface SamplingProblem {
  readonly field: Field;
  readonly parameters: NamedTensors;
  readonly path: PathConfig;
  readonly context: Context;
  /** x₀ [B, Nq, 3]; stays the caller's. */
  readonly start: tf.Tensor;
}

export interface SamplingPlan {
  readonly solver: RunConfig['sampler']['solver'];
  readonly steps: number;
}

/**
 * Unclamped x₁ [B, Nq, 3]. `run` runs the two functions `encode` and `velocity`; the solver around them is a few small
 * operations a step, and stays a plain loop that can be watched and cancelled.
 */
export function sampleField(
  problem: SamplingProblem,
  plan: SamplingPlan,
  options: { hooks?: SolverHooks; run?: RunFunction } = {},
): tf.Tensor {
  const { hooks, run = runEagerly } = options;
  return tf.tidy(() => {
    const { field, parameters, context } = problem;
    const encoded = run('encode', {
      parameters,
      inputs: presentTensors(context),
      isByRows: true,
      work: (weights, inputs) => field.encode(weights, inputs as unknown as Context, noDropout),
    });
    const velocity = velocityOf(problem, encoded, run);
    return solvers[plan.solver].integrate(velocity, problem.start, gridOf(problem.path, plan), hooks);
  });
}

/** Function evaluations of one sample. */
export function evaluationsOf(path: PathConfig, plan: SamplingPlan): number {
  return solvers[plan.solver].evaluations(gridOf(path, plan));
}

function gridOf(path: PathConfig, plan: SamplingPlan): TimeGrid {
  return uniformGrid(plan.steps, { isSingularAtEnd: path.prediction === 'data' });
}

function velocityOf(problem: SamplingProblem, encoded: NamedTensors, run: RunFunction): VelocityFn {
  const { field, parameters, path } = problem;
  const work = (weights: NamedTensors, { state, time, ...known }: NamedTensors): NamedTensors => {
    const predicted = field.predict(weights, known, { state, time }, noDropout);
    return { velocity: paths[path.kind].toVelocity(predicted, path.prediction, { state, time }) };
  };
  return (state, at) => {
    const time = tf.fill([state.shape[0]], at);
    const inputs = { ...encoded, state, time };
    return run('velocity', { parameters, inputs, work, isByRows: true })['velocity'];
  };
}

function presentTensors(context: Context): NamedTensors {
  const entries = Object.entries(context as unknown as Record<string, tf.Tensor | undefined>);
  return Object.fromEntries(entries.filter((entry): entry is [string, tf.Tensor] => entry[1] !== undefined));
}
