/** Heun's method, second order: x ← x + Δt (v(x, t) + v(x + Δt v(x, t), t + Δt)) / 2. */

import * as tf from '@tensorflow/tfjs-core';
import { velocitySolver } from './integrate.ts';

export const heun = velocitySolver((velocity, { state, time, delta }) => {
  const first = velocity(state, time);
  const predicted = tf.add(state, tf.mul(first, delta));
  const second = velocity(predicted, time + delta);
  return tf.add(state, tf.mul(tf.add(first, second), delta / 2));
});
