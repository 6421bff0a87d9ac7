/**
 * What the output of a field says in the words of its path. Where the field knows a classical estimate, the state can be
 * read through it first: with data spread by `deviation` around the estimate, the best linear guess is known in closed
 * form, and the field adds to it. Karras et al. 2022, "Elucidating the design space", eq. 7, about the estimate.
 */

import * as tf from '@tensorflow/tfjs-core';
import type { PathConfig } from '../../../shared/config/config.ts';
import type { PathPoint } from '../field/field.ts';
import { alongPoints, convert, targetOf } from './affine.ts';
import type { Prediction } from './path.ts';
import { paths } from './registry.ts';

/** What a field said [B, N, 3], and where. */
interface Said extends PathPoint {
  readonly output: tf.Tensor;
  readonly estimate: tf.Tensor | undefined;
}

/** The prediction [B, N, 3] that an output stands for; the output itself where nothing is read through an estimate. */
export function predictionOf(config: PathConfig, said: Said): tf.Tensor {
  const { output, estimate, state, time, step } = said;
  const deviation = config.residualDeviation;
  if (deviation === 0 || !estimate) return output;
  const path = paths[config.kind];
  const isFromEstimate = config.start === 'classical';
  if (step) {
    const value = velocityOfStep(config, { output, estimate, state, time, step });
    return convert(path, { value, from: 'velocity', to: config.prediction, state, time });
  }
  const { alpha, sigma } = path.coefficients(time);
  const noise = tf.mul(sigma, config.startNoise);
  // The state's mean, a multiple of the estimate, and its variance around it.
  const mean = tf.mul(isFromEstimate ? tf.add(alpha, sigma) : alpha, estimate);
  const variance = tf.add(tf.square(tf.mul(alpha, deviation)), tf.square(noise));
  const rest = tf.sub(state, mean);
  const learned = tf.div(tf.sub(output, estimate), tf.sqrt(variance));
  // Both ends are written out: one by way of the other would be divided by σ, which ends at 0.
  const ofData = tf.div(tf.mul(alpha, deviation ** 2), variance);
  const data = tf.addN([estimate, tf.mul(rest, ofData), tf.mul(learned, noise)]);
  const ofStart = tf.mul(tf.div(noise, variance), config.startNoise);
  const around = tf.sub(tf.mul(rest, ofStart), tf.mul(learned, tf.mul(alpha, config.startNoise)));
  const start = isFromEstimate ? tf.add(around, estimate) : around;
  return targetOf(path, { state, time, data, start }, config.prediction);
}

/** The velocity [B, N, 3] that an output stands for; of a field that is told a step the mean velocity over it. */
export function meanVelocity(config: PathConfig, said: Said): tf.Tensor {
  const { state, time } = said;
  const from: Prediction = config.prediction;
  return convert(paths[config.kind], {
    value: predictionOf(config, said),
    from,
    to: 'velocity',
    state,
    time,
  });
}

/**
 * Along the straight path data N(estimate, D²) flow so that every state keeps its place in units of the deviation κ from
 * the mean, κ² = t² D² + (1 − t)² σ². The guess over a step is that flow, (κ(t + d) / κ(t) − 1) / d, which is written so
 * that d may be 0; what the field adds is scaled as for the data.
 */
function velocityOfStep(
  config: PathConfig,
  said: Required<PathPoint> & { output: tf.Tensor; estimate: tf.Tensor },
) {
  const { output, estimate, state } = said;
  const [from, step] = [alongPoints(said.time), alongPoints(said.step)]; // [B, 1, 1]
  const to = tf.add(from, step);
  const [ofData, ofStart] = [config.residualDeviation ** 2, config.startNoise ** 2];
  const deviationAt = (time: tf.Tensor) =>
    tf.sqrt(tf.add(tf.mul(tf.square(time), ofData), tf.mul(tf.square(tf.sub(1, time)), ofStart)));
  const [before, after] = [deviationAt(from), deviationAt(to)];
  // (κ(to)² − κ(from)²) / d
  const times = tf.add(from, to);
  const change = tf.sub(tf.mul(times, ofData), tf.mul(tf.sub(2, times), ofStart));
  const rate = tf.div(change, tf.mul(before, tf.add(before, after)));
  const isFromEstimate = config.start === 'classical';
  const mean = isFromEstimate ? estimate : tf.mul(from, estimate);
  const learned = tf.mul(tf.sub(output, estimate), tf.div(config.startNoise, before));
  const guess = tf.add(tf.mul(tf.sub(state, mean), rate), learned);
  return isFromEstimate ? guess : tf.add(guess, estimate);
}
