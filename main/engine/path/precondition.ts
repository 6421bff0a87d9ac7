/**
 * From the output of a network to a prediction. Where a classical estimate is given, the state can first be combined with
 * it: for data with standard deviation `residualDeviation` around the estimate, the best linear guess is known in closed
 * form, and the network learns what remains. Karras et al. 2022, "Elucidating the design space", eq. 7, centred on the
 * estimate.
 */

import * as tf from '@tensorflow/tfjs-core';
import { type PathConfig, pathScales } from '../../../shared/config/config.ts';
import type { PathPoint } from '../field/field.ts';
import {
  alongPoints,
  convertPrediction,
  type Factor,
  scalesAround,
  type Surroundings,
  targetOf,
} from './affine.ts';
import { paths } from './schedules.ts';

/** The output of a network [B, N, 3], and the point of the path where it was computed. */
interface FieldOutput extends PathPoint, Surroundings {
  readonly output: tf.Tensor;
}

/** Returns the prediction [B, N, 3] that an output represents: the output itself without preconditioning. */
export function predictionFromOutput(config: PathConfig, from: FieldOutput): tf.Tensor {
  const { output, estimate, state, time, step } = from;
  if (pathScales(config).residualDeviation === 0 || !estimate) return output;
  const { residualDeviation: deviation, startNoise } = scalesAround(config, from);
  const path = paths[config.kind];
  const isFromEstimate = config.start === 'classical';
  if (step) {
    const value = velocityOverStep(config, { ...from, estimate, step });
    return convertPrediction(path, { value, from: 'velocity', to: config.prediction, state, time });
  }
  const { alpha, sigma } = path.coefficients(time);
  const noise = tf.mul(sigma, startNoise);
  const { mean, variance } = stateMoments(config, { ...from, estimate, deviation });
  const rest = tf.sub(state, mean);
  const learned = tf.div(tf.sub(output, estimate), tf.sqrt(variance));
  // Both ends are computed explicitly: deriving one from the other would divide by σ, which ends at 0.
  const ofData = tf.div(tf.mul(alpha, squareOf(deviation)), variance);
  const data = tf.addN([estimate, tf.mul(rest, ofData), tf.mul(learned, noise)]);
  const ofStart = tf.mul(tf.div(noise, variance), startNoise);
  const around = tf.sub(tf.mul(rest, ofStart), tf.mul(learned, tf.mul(alpha, startNoise)));
  const start = isFromEstimate ? tf.add(around, estimate) : around;
  return targetOf(path, { state, time, data, start }, config.prediction);
}

/**
 * Returns the mean of the state at times [B], a multiple of the estimate [B, N, 3], and its variance around that mean,
 * [B, 1, 1] or [B, N, 1], for data with standard deviation `deviation` around the estimate; all in colours.
 */
export function stateMoments(
  config: PathConfig,
  at: Surroundings & { estimate: tf.Tensor; time: tf.Tensor; deviation: Factor },
): { mean: tf.Tensor; variance: tf.Tensor } {
  const { estimate, deviation } = at;
  const { alpha, sigma } = paths[config.kind].coefficients(at.time);
  const noise = tf.mul(sigma, scalesAround(config, at).startNoise);
  const mean = tf.mul(config.start === 'classical' ? tf.add(alpha, sigma) : alpha, estimate);
  return { mean, variance: tf.add(tf.square(tf.mul(alpha, deviation)), tf.square(noise)) };
}

/** Returns the velocity [B, N, 3] that an output represents; with a step, the mean velocity over it. */
export function meanVelocity(config: PathConfig, from: FieldOutput): tf.Tensor {
  const { state, time } = from;
  return convertPrediction(paths[config.kind], {
    value: predictionFromOutput(config, from),
    from: config.prediction,
    to: 'velocity',
    state,
    time,
  });
}

/**
 * Returns the mean velocity over a step, [B, N, 3]. Along the straight path, data N(estimate, D²) flow so that every state
 * keeps its distance from the mean in units of the deviation κ, κ² = t² D² + (1 − t)² σ². The guess over a step is that
 * flow, (κ(t + d) / κ(t) − 1) / d, written so that d may be 0; the network's part is scaled as for the data.
 */
function velocityOverStep(
  config: PathConfig,
  at: FieldOutput & { estimate: tf.Tensor; step: tf.Tensor },
): tf.Tensor {
  const { output, estimate, state } = at;
  const from = alongPoints(at.time); // [B, 1, 1]
  const to = tf.add(from, alongPoints(at.step));
  const { residualDeviation, startNoise } = scalesAround(config, at);
  const ofData = squareOf(residualDeviation);
  const ofStart = squareOf(startNoise);
  const deviationAt = (time: tf.Tensor) =>
    tf.sqrt(tf.add(tf.mul(tf.square(time), ofData), tf.mul(tf.square(tf.sub(1, time)), ofStart)));
  const before = deviationAt(from);
  const after = deviationAt(to);
  // (κ(to)² − κ(from)²) / d
  const times = tf.add(from, to);
  const change = tf.sub(tf.mul(times, ofData), tf.mul(tf.sub(2, times), ofStart));
  const rate = tf.div(change, tf.mul(before, tf.add(before, after)));
  const isFromEstimate = config.start === 'classical';
  const mean = isFromEstimate ? estimate : tf.mul(from, estimate);
  const learned = tf.mul(tf.sub(output, estimate), tf.div(startNoise, before));
  const guess = tf.add(tf.mul(tf.sub(state, mean), rate), learned);
  return isFromEstimate ? guess : tf.add(guess, estimate);
}

/** Squares a number in double precision, as every path in one unit for all pixels has been squared. */
function squareOf(factor: Factor): Factor {
  return typeof factor === 'number' ? factor ** 2 : tf.square(factor);
}
