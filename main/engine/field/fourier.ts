/** Gaussian Fourier features of coordinates: Tancik et al. 2020, "Fourier features let networks learn high frequency functions", eq. 5. */

import * as tf from '@tensorflow/tfjs-core';

/** [sin(2π c Bᵀ), cos(2π c Bᵀ)] for coordinates c [B, N, 2] and frequencies [F, 2]; the result is [B, N, 2F]. */
export function fourierFeatures(coords: tf.Tensor, frequencies: tf.Tensor): tf.Tensor {
  const [batch, points] = coords.shape;
  const flat = tf.reshape(coords, [-1, 2]) as tf.Tensor2D;
  const phase = tf.mul(tf.matMul(flat, frequencies as tf.Tensor2D, false, true), 2 * Math.PI); // [B·N, F]
  return tf.reshape(tf.concat([tf.sin(phase), tf.cos(phase)], 1), [batch, points, -1]);
}
