/** The midpoint rule, second order: x ← x + Δt v(x + ½ Δt v(x, t), t + ½ Δt). */

import * as tf from '@tensorflow/tfjs-core';
import { velocitySolver } from './integrate.ts';

export const midpoint = velocitySolver((velocity, { state, time, delta }) => {
  const halfway = tf.add(state, tf.mul(velocity(state, time), delta / 2));
  return tf.add(state, tf.mul(velocity(halfway, time + delta / 2), delta));
});
