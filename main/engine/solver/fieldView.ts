/** A field along its path as solvers see it: a velocity, or a diffusion. */

import * as tf from '@tensorflow/tfjs-core';
import { noDropout } from '../field/dropout.ts';
import type { Context } from '../field/field.ts';
import type { NamedTensors } from '../field/parameters.ts';
import { toldSize } from '../objective/shortcut.ts';
import { combineEnds, convert } from '../path/affine.ts';
import type { Coefficients, Path, Prediction } from '../path/path.ts';
import { predictionOf } from '../path/precondition.ts';
import { paths } from '../path/registry.ts';
import type { RunFunction } from '../runFunction.ts';
import type { SamplingProblem } from './sampleField.ts';
import type { Diffusion, RowVelocityFn, VelocityFn } from './solver.ts';

/** What the field says about a state [B, N, 3]. `start` is the x₀ it seems to come from. */
export interface Reading {
  readonly velocity: tf.Tensor;
  readonly data: tf.Tensor;
  readonly start: tf.Tensor;
}

/** The two ends of the path that a state seems to lie on. */
export type Ends = Pick<Reading, 'data' | 'start'>;

/** What of a problem a diffusion depends on. */
export type DiffusionProblem = Pick<SamplingProblem, 'path' | 'drawNoise'> & {
  readonly context: Pick<Context, 'estimate'>;
};

export interface FieldView {
  /** One evaluation of the field: at the point, or for a step from it where the field knows a shortcut of that size. */
  read(state: tf.Tensor, time: number, step?: number): Reading;
  /** As read, every row at its own time; only the active rows count as evaluated. */
  readRows(state: tf.Tensor, times: readonly number[], active: readonly boolean[]): Reading;
  /** How often the field was evaluated so far for one row of the batch. */
  evaluations(row: number): number;
}

export function viewField(
  problem: Pick<SamplingProblem, 'field' | 'parameters' | 'path'> & Pick<DiffusionProblem, 'context'>,
  encoded: NamedTensors,
  run: RunFunction,
): FieldView {
  const { field, parameters, path, context } = problem;
  const work = (weights: NamedTensors, inputs: NamedTensors): NamedTensors => {
    const { state, time, step, pathEstimate: estimate, ...known } = inputs;
    const point = { state, time, ...(step ? { step } : {}) };
    const output = field.predict(weights, known, point, noDropout);
    const value = predictionOf(path, { output, estimate, ...point });
    const as = (to: Prediction) =>
      convert(paths[path.kind], { value, from: path.prediction, to, state, time });
    return { velocity: as('velocity'), data: as('data'), start: as('noise') };
  };
  const isRead = path.residualDeviation > 0 && context.estimate;
  const known = isRead ? { ...encoded, pathEstimate: isRead } : encoded;
  const readAt = (state: tf.Tensor, time: tf.Tensor, step: number): Reading => {
    const point = { ...known, state, time };
    const inputs = field.isToldSteps ? { ...point, step: tf.fill([state.shape[0]], step) } : point;
    const { smallestPart } = field;
    return run('predict', { parameters, inputs, work, isByRows: true, smallestPart }) as unknown as Reading;
  };
  let ofAllRows = 0;
  const ofRow: number[] = [];
  return {
    read(state, at, size = 0) {
      ofAllRows += 1;
      return readAt(state, tf.fill([state.shape[0]], at), toldSize(size, at));
    },
    readRows(state, times, active) {
      active.forEach((isActive, row) => (ofRow[row] = (ofRow[row] ?? 0) + Number(isActive)));
      return readAt(state, tf.tensor1d([...times]), 0);
    },
    evaluations: (row) => ofAllRows + (ofRow[row] ?? 0),
  };
}

/** The velocity as solvers with fixed steps and adaptive ones ask for it. */
export function velocityOf(view: Pick<FieldView, 'read' | 'readRows'>): VelocityFn & RowVelocityFn {
  return (state: tf.Tensor, time: number | readonly number[], of?: number | Parameters<RowVelocityFn>[2]) => {
    if (typeof time === 'number') return view.read(state, time, of as number | undefined).velocity;
    return view.readRows(state, time, (of as Parameters<RowVelocityFn>[2]).active).velocity;
  };
}

/** @throws Error when noise is drawn and the problem brings none. */
export function diffusionOf(
  view: { read(state: tf.Tensor, time: number): Ends },
  problem: DiffusionProblem,
): Diffusion {
  const { path: config, context, drawNoise } = problem;
  const path = paths[config.kind];
  // Starts lie around this point, `startNoise` wide.
  const centre = (config.start === 'classical' && context.estimate) || 0;
  let draws = 0;
  return {
    coefficientsAt: (time) => coefficientsAt(path, time),
    takeApart(state, time) {
      const { data, start } = view.read(state, time);
      return { data, noise: tf.div(tf.sub(start, centre), config.startNoise) };
    },
    putTogether({ data, noise }, at) {
      const start = tf.add(tf.mul(noise, config.startNoise), centre);
      return combineEnds(path.coefficients(tf.fill([data.shape[0]], at)), { data, start });
    },
    drawNoise() {
      if (!drawNoise) throw new Error('A stochastic solver needs noise: none was given with the problem.');
      return drawNoise(draws++);
    },
  };
}

/** α, σ and their derivatives at a time, as numbers. */
export function coefficientsAt(path: Path, time: number): Record<keyof Coefficients, number> {
  const all = tf.tidy(() => {
    const { alpha, sigma, alphaRate, sigmaRate } = path.coefficients(tf.tensor1d([time]));
    return tf.concat([alpha, sigma, alphaRate, sigmaRate].map((factor) => tf.reshape(factor, [1])));
  });
  const [alpha, sigma, alphaRate, sigmaRate] = all.dataSync();
  all.dispose();
  return { alpha, sigma, alphaRate, sigmaRate };
}
