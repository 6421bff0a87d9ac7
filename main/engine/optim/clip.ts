/** Gradient clipping by the global norm: Pascanu et al. 2013, algorithm 1, with PyTorch's 1e-6 beside the norm. */

import * as tf from '@tensorflow/tfjs-core';

/** √ Σ g² over all gradients; a scalar. */
export function globalNorm(gradients: readonly tf.Tensor[]): tf.Tensor {
  return tf.sqrt(tf.addN(gradients.map((gradient) => tf.sum(tf.square(gradient)))));
}

/** Gradients times min(1, clipNorm / (norm + 1e-6)). */
export function clipByNorm(gradients: readonly tf.Tensor[], norm: tf.Tensor, clipNorm: number): tf.Tensor[] {
  const factor = tf.minimum(tf.div(clipNorm, tf.add(norm, 1e-6)), 1);
  return gradients.map((gradient) => tf.mul(gradient, factor));
}
