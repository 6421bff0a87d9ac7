/**
 * What the output of a field says in the words of its path. Where the field knows a classical estimate, the state can be
 * read through it first: with data spread by `deviation` around the estimate, the best linear guess is known in closed
 * form, and the field adds to it. Karras et al. 2022, "Elucidating the design space", eq. 7, about the estimate.
 */

import * as tf from '@tensorflow/tfjs-core';
import type { PathConfig } from '../../../shared/config.ts';
import { convert } from './affine.ts';
import { paths } from './registry.ts';

/** The prediction [B, N, 3] that an output stands for; the output itself where nothing is read through an estimate. */
export function predictionOf(
  config: PathConfig,
  of: { output: tf.Tensor; estimate: tf.Tensor | undefined; state: tf.Tensor; time: tf.Tensor },
): tf.Tensor {
  const { output, estimate, state, time } = of;
  const deviation = config.residualDeviation;
  if (deviation === 0 || !estimate) return output;
  const path = paths[config.kind];
  const { alpha, sigma } = path.coefficients(time);
  // The variance of the state around its mean α · estimate.
  const variance = tf.add(tf.square(tf.mul(alpha, deviation)), tf.square(sigma));
  const rest = tf.sub(state, tf.mul(alpha, estimate));
  const learned = tf.div(tf.sub(output, estimate), tf.sqrt(variance));
  if (config.prediction === 'noise') {
    // Written out: by way of the data it would be divided by σ, which ends at 0.
    return tf.sub(tf.mul(rest, tf.div(sigma, variance)), tf.mul(learned, alpha));
  }
  const gain = tf.div(tf.mul(alpha, deviation ** 2), variance);
  const value = tf.addN([estimate, tf.mul(rest, gain), tf.mul(learned, sigma)]);
  return convert(path, { value, from: 'data', to: config.prediction, state, time });
}
