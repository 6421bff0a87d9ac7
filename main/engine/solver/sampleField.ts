/** From a field to images: encode the context once, integrate the path's velocity from the start to t = 1. */

import * as tf from '@tensorflow/tfjs-core';
import type { PathConfig, RunConfig } from '../../../shared/config.ts';
import { noDropout } from '../field/dropout.ts';
import type { Context, Field } from '../field/field.ts';
import type { NamedTensors } from '../field/parameters.ts';
import { paths } from '../path/registry.ts';
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

/** Unclamped x₁ [B, Nq, 3]. */
export function sampleField(problem: SamplingProblem, plan: SamplingPlan, hooks?: SolverHooks): tf.Tensor {
  return tf.tidy(() => {
    const { field, parameters, context } = problem;
    const encoded = field.encode(parameters, context, noDropout);
    const velocity = velocityOf(problem, encoded);
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

function velocityOf(problem: SamplingProblem, encoded: NamedTensors): VelocityFn {
  const { field, parameters, path } = problem;
  return (state, at) => {
    const time = tf.fill([state.shape[0]], at);
    const predicted = field.predict(parameters, encoded, { state, time }, noDropout);
    return paths[path.kind].toVelocity(predicted, path.prediction, { state, time });
  };
}
