/** A network along its path as solvers see it: as a velocity, or as a diffusion. */

import * as tf from '@tensorflow/tfjs-core';
import type { PathConfig } from '../../../shared/config/config.ts';
import type { Context } from '../context/context.ts';
import { noDropout } from '../field/dropout.ts';
import type { Encoding, Field, PathPoint } from '../field/field.ts';
import { conditionedSize } from '../objective/shortcut.ts';
import {
  type Coefficients,
  combineEnds,
  convertPrediction,
  type Path,
  type Prediction,
  scalesAround,
  type Surroundings,
} from '../path/affine.ts';
import { predictionFromOutput } from '../path/precondition.ts';
import { paths } from '../path/schedules.ts';
import type { RunFunction } from '../runFunction.ts';
import { computeNumbers, type NamedTensors } from '../tensors.ts';
import type { Diffusion, RowVelocityFn, VelocityFn } from './solver.ts';

/** A network, what it is given, and where its path starts. */
export interface SamplingProblem {
  readonly field: Field;
  readonly parameters: NamedTensors;
  readonly path: PathConfig;
  readonly context: Context;
  /** x₀ [B, Nq, 3]; remains the caller's. */
  readonly start: tf.Tensor;
  /** Returns standard normal numbers [B, Nq, 3], a pure function of the draw's number; stochastic solvers need it. */
  readonly drawNoise?: (draw: number) => tf.Tensor;
}

/** The part of a problem that a diffusion depends on. */
export type DiffusionProblem = Pick<SamplingProblem, 'path' | 'drawNoise'> & {
  readonly context: Surroundings;
};

/** A prediction at a state, as velocity, data and start; [B, N, 3] each. `start` is the implied x₀. */
export interface FieldValue {
  readonly velocity: tf.Tensor;
  readonly data: tf.Tensor;
  readonly start: tf.Tensor;
}

/** The implied two ends of the path through a state. */
export type PathEnds = Pick<FieldValue, 'data' | 'start'>;

export interface FieldView {
  /** Evaluates the network at a point, or over a step from it where the network has a shortcut of that size. */
  read(state: tf.Tensor, time: number, step?: number): FieldValue;
  /** Evaluates the network with every row at its own time; only active rows are counted. */
  readRows(state: tf.Tensor, times: readonly number[], active: readonly boolean[]): FieldValue;
  /** Returns how often the network has been evaluated for a row of the batch. */
  evaluations(row: number): number;
}

/** Creates the view of a network whose context is encoded. */
export function viewField(
  problem: Pick<SamplingProblem, 'field' | 'parameters' | 'path'> & Pick<DiffusionProblem, 'context'>,
  encoded: Encoding,
  run: RunFunction,
): FieldView {
  const { field, parameters, path, context } = problem;
  const inputs = { ...encoded, ...pathInputs(path, context) };
  const work = createPrediction(field, path);
  const { smallestPart } = field;
  const readAt = (state: tf.Tensor, time: tf.Tensor, size: number): FieldValue => {
    const step = field.takesStepSize ? { step: tf.fill([state.shape[0]], size) } : {};
    const at: PredictionInputs = { ...inputs, state, time, ...step };
    return run('predict', { parameters, inputs: at, work, isByRows: true, smallestPart });
  };
  let ofAllRows = 0;
  const ofRow: number[] = [];
  return {
    read(state, time, size = 0) {
      ofAllRows += 1;
      return readAt(state, tf.fill([state.shape[0]], time), conditionedSize(size, time));
    },
    readRows(state, times, active) {
      active.forEach((isActive, row) => (ofRow[row] = (ofRow[row] ?? 0) + Number(isActive)));
      return readAt(state, tf.tensor1d([...times]), 0);
    },
    evaluations: (row) => ofAllRows + (ofRow[row] ?? 0),
  };
}

/** The encoding of a context, a point of the path and, for a preconditioned path, what it knows of its pixels, in one record. */
type PredictionInputs = Encoding &
  PathPoint & { readonly pathEstimate?: tf.Tensor; readonly pathContrast?: tf.Tensor };

/** Returns what a preconditioned path knows of its pixels, under the names in which a prediction takes it; else nothing. */
export function pathInputs(
  { residualDeviation }: PathConfig,
  { estimate, contrast }: Surroundings,
): Pick<PredictionInputs, 'pathEstimate' | 'pathContrast'> {
  if (residualDeviation === 0 || !estimate) return {};
  return { pathEstimate: estimate, ...(contrast && { pathContrast: contrast }) };
}

/** Returns the function that a view runs: one evaluation of the network at states [B, N, 3] and times [B]. */
export function createPrediction(field: Field, path: PathConfig) {
  return (weights: NamedTensors, inputs: PredictionInputs): FieldValue => {
    const { state, time, step, pathEstimate: estimate, pathContrast: contrast, ...encoded } = inputs;
    const point = { state, time, ...(step && { step }) };
    const output = field.predict(weights, encoded, point, noDropout);
    const value = predictionFromOutput(path, { output, estimate, contrast, ...point });
    const as = (to: Prediction) =>
      convertPrediction(paths[path.kind], { value, from: path.prediction, to, state, time });
    return { velocity: as('velocity'), data: as('data'), start: as('noise') };
  };
}

/** Returns the velocity in the form that solvers with fixed steps and adaptive solvers call. */
export function velocityOf(view: {
  read(state: tf.Tensor, time: number, step?: number): Pick<FieldValue, 'velocity'>;
  readRows(
    state: tf.Tensor,
    times: readonly number[],
    active: readonly boolean[],
  ): Pick<FieldValue, 'velocity'>;
}): VelocityFn & RowVelocityFn {
  return (state: tf.Tensor, time: number | readonly number[], of?: number | Parameters<RowVelocityFn>[2]) => {
    if (typeof time === 'number') return view.read(state, time, of as number | undefined).velocity;
    return view.readRows(state, time, (of as Parameters<RowVelocityFn>[2]).active).velocity;
  };
}

/**
 * Returns the diffusion that a view describes.
 * @throws Error from `drawNoise` when the problem has no noise.
 */
export function diffusionOf(
  view: { read(state: tf.Tensor, time: number): PathEnds },
  problem: DiffusionProblem,
): Diffusion {
  const { path: config, context, drawNoise } = problem;
  const path = paths[config.kind];
  // Starts are distributed around this point with this standard deviation: in local contrast it is a tensor of the solver's step.
  const startNoise = () => scalesAround(config, context).startNoise;
  const centre = (config.start === 'classical' && context.estimate) || 0;
  let draws = 0;
  return {
    coefficientsAt: (time) => coefficientsAt(path, time),
    dataAt: (state, time) => view.read(state, time).data,
    decompose(state, time) {
      const { data, start } = view.read(state, time);
      return { data, noise: tf.div(tf.sub(start, centre), startNoise()) };
    },
    compose({ data, noise }, at) {
      const start = tf.add(tf.mul(noise, startNoise()), centre);
      return combineEnds(path.coefficients(tf.fill([data.shape[0]], at)), { data, start });
    },
    drawNoise() {
      if (!drawNoise)
        throw new Error('A stochastic solver needs noise, and the problem has none: pass `drawNoise`.');
      return drawNoise(draws++);
    },
  };
}

/** Returns α, σ and their derivatives at a time as numbers. */
export function coefficientsAt(path: Path, time: number): Record<keyof Coefficients, number> {
  const [alpha, sigma, alphaRate, sigmaRate] = computeNumbers(() => {
    const { alpha, sigma, alphaRate, sigmaRate } = path.coefficients(tf.tensor1d([time]));
    return tf.concat([alpha, sigma, alphaRate, sigmaRate].map((factor) => tf.reshape(factor, [1])));
  });
  return { alpha, sigma, alphaRate, sigmaRate };
}
