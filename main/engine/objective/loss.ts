/** The training objective: the loss, the weight of errors along the path, and the times of a batch. */

import * as tf from '@tensorflow/tfjs-core';
import type { ObjectiveConfig, RunConfig } from '../../../shared/config/config.ts';
import { type RandomKey, randomNormals, randomUniforms } from '../../../shared/numbers/random.ts';
import { type Coefficients, dataPerPrediction, smallestDivisor } from '../path/affine.ts';

/**
 * Returns the mean of weight · (prediction − target)² over all elements, a scalar: conditional flow matching, Lipman et al.
 * 2023, eq. 9. `prediction` and `target` are [B, Nq, 3]; `weight` is [B, 1, 1] or of each pixel or value, default 1.
 */
export function matchingLoss(prediction: tf.Tensor, target: tf.Tensor, weight?: tf.Tensor): tf.Tensor {
  const squared = tf.squaredDifference(prediction, target);
  return tf.mean(weight ? tf.mul(squared, weight) : squared);
}

/**
 * Returns the weight of each image's squared error, [B, 1, 1]; undefined when all weights are 1.
 * `min-snr`: the error of the implied data is weighted by its signal-to-noise ratio α² / σ², clamped to limits, for
 * every kind of prediction: Hang et al. 2023, "Efficient diffusion training via min-SNR weighting", §3.4. `sigma-squared`: σ²,
 * the weight of score matching (Song & Ermon 2019, eq. 6), which turns the error of a score into that of its noise.
 */
export function lossWeight(
  { objective, path }: Pick<RunConfig, 'objective' | 'path'>,
  at: Coefficients,
): tf.Tensor | undefined {
  if (objective.weighting === 'none') return undefined;
  const variance = tf.square(at.sigma);
  if (objective.weighting === 'sigma-squared') return variance;
  const ratio = tf.div(tf.square(at.alpha), tf.maximum(variance, smallestDivisor));
  const ofData = tf.minimum(tf.maximum(ratio, objective.snrFloor), objective.snrLimit);
  return tf.mul(ofData, tf.square(dataPerPrediction(path.prediction, at)));
}

/**
 * Returns the weight of each pixel's squared error, [B, H · W, 1], or of each value's, [B, H · W, 3], where each channel has its
 * own mask: `knownWeight` where it is observed, else 1. undefined when all weights are 1, or the observed pixels are not given
 * as a grid: then only unobserved pixels are predicted.
 */
export function knownPixelWeight(
  { knownWeight }: Pick<ObjectiveConfig, 'knownWeight'>,
  observedGrid: tf.Tensor | undefined,
): tf.Tensor | undefined {
  if (knownWeight === 1 || !observedGrid) return undefined;
  const [batch, height, width, entries = 0] = observedGrid.shape;
  const [mask] = tf.split(observedGrid, [entries - 3, 3], 3);
  return tf.reshape(tf.sub(1, tf.mul(mask, 1 - knownWeight)), [batch, height * width, entries - 3]);
}

/**
 * Samples `count` times in [0, 1], a pure function of (seed, step). The first round(startFraction · count) are 0, so that one
 * step from the start is trained as the posterior mean. The others are independent and uniform; or `stratified`, one in each
 * of as many equal parts of [0, 1); or `logit-normal`, 1 / (1 + e^−z) for standard normal z: Esser et al. 2024, "Scaling
 * rectified flow transformers", eq. 19.
 */
export function sampleTime(
  count: number,
  options: { seed: number; step: number; startFraction: number; law?: ObjectiveConfig['time'] },
): Float32Array {
  const { seed, step, startFraction, law = 'uniform' } = options;
  const atStart = Math.round(startFraction * count);
  const times = laws[law]({ seed, stream: 'time', step }, { count, atStart });
  return times.fill(0, 0, atStart);
}

type TimeLaw = (key: RandomKey, of: { count: number; atStart: number }) => Float32Array;

const laws: Readonly<Record<ObjectiveConfig['time'], TimeLaw>> = {
  uniform: (key, { count }) => randomUniforms(key, count),
  stratified: (key, { count, atStart }) =>
    randomUniforms(key, count).map((uniform, row) => (row - atStart + uniform) / (count - atStart)),
  'logit-normal': (key, { count }) => randomNormals(key, count).map((z) => 1 / (1 + Math.exp(-z))),
};
