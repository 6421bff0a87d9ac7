/** Conditional flow matching: Lipman et al. 2023, eq. 9 — mean squared error between prediction and target. */

import * as tf from '@tensorflow/tfjs-core';

/** Mean of weight · (prediction − target)² over everything; a scalar. `weight` [B, 1, 1] is 1 where it is left out. */
export function matchingLoss(prediction: tf.Tensor, target: tf.Tensor, weight?: tf.Tensor): tf.Tensor {
  const squared = tf.squaredDifference(prediction, target);
  return tf.mean(weight ? tf.mul(squared, weight) : squared);
}
