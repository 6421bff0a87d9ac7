/** The straight path x_t = (1 − t) x₀ + t x₁: Lipman et al. 2023, "Flow matching for generative modeling", eq. 22 with σ_min = 0. */

import * as tf from '@tensorflow/tfjs-core';
import type { Path } from './path.ts';

/** Where x̂₁ is predicted, v = (x̂₁ − x_t) / (1 − t); closer to the end than this the last step would divide by nothing. */
const smallestRemainder = 1e-6;

export const linearPath: Path = {
  sample({ start, data, time }) {
    const t = alongPoints(time);
    const state = tf.add(tf.mul(start, tf.sub(1, t)), tf.mul(data, t));
    return { state, time, start, data };
  },
  target(sample, prediction) {
    return prediction === 'data' ? sample.data : tf.sub(sample.data, sample.start);
  },
  toVelocity(predicted, prediction, { state, time }) {
    if (prediction === 'velocity') return predicted;
    const remainder = tf.maximum(tf.sub(1, alongPoints(time)), smallestRemainder);
    return tf.div(tf.sub(predicted, state), remainder);
  },
};

/** [B] → [B, 1, 1] */
function alongPoints(time: tf.Tensor): tf.Tensor {
  return tf.reshape(time, [-1, 1, 1]);
}
