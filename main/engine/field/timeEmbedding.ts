/** Sinusoidal embedding of the path's time: Vaswani et al. 2017, §3.5, with the exponent over half − 1. */

import * as tf from '@tensorflow/tfjs-core';

/** sin then cos of scale · t · exp(−i · ln 10000 / (half − 1)), i < half = dim / 2. `time` is [B], the result [B, dim]. */
export function sinusoidalEmbedding(time: tf.Tensor, dim: number, scale = 1): tf.Tensor {
  const half = dim / 2;
  const frequencies = Float32Array.from({ length: half }, (_, index) =>
    Math.exp((-index * Math.log(10000)) / (half - 1)),
  );
  const scaled = scale === 1 ? time : tf.mul(time, scale);
  const phase = tf.mul(tf.reshape(scaled, [-1, 1]), tf.tensor2d(frequencies, [1, half])); // [B, half]
  return tf.concat([tf.sin(phase), tf.cos(phase)], 1);
}
