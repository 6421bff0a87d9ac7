/** The classical Runge–Kutta method, fourth order: x ← x + Δt (k₁ + 2 k₂ + 2 k₃ + k₄) / 6. */

import * as tf from '@tensorflow/tfjs-core';
import { velocitySolver } from './integrate.ts';

export const rk4 = velocitySolver((velocity, { state, time, delta }) => {
  const ahead = (slope: tf.Tensor, share: number) => tf.add(state, tf.mul(slope, share * delta));
  const first = velocity(state, time);
  const second = velocity(ahead(first, 0.5), time + delta / 2);
  const third = velocity(ahead(second, 0.5), time + delta / 2);
  const fourth = velocity(ahead(third, 1), time + delta);
  const middle = tf.mul(tf.add(second, third), 2);
  return tf.add(state, tf.mul(tf.addN([first, middle, fourth]), delta / 6));
});
