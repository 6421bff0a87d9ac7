/** Conditional flow matching: Lipman et al. 2023, eq. 9 — mean squared error between prediction and target. */

import * as tf from '@tensorflow/tfjs-core';

/** Mean of (prediction − target)² over everything; a scalar. */
export function matchingLoss(prediction: tf.Tensor, target: tf.Tensor): tf.Tensor {
  return tf.mean(tf.squaredDifference(prediction, target));
}
