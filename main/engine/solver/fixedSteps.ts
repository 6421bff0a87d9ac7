/** Runge–Kutta methods with fixed steps. */

import * as tf from '@tensorflow/tfjs-core';
import { velocitySolver } from './solver.ts';

/** Euler's method: x ← x + Δt v(x, t), with the mean velocity v(x, t, Δt) of a network with shortcuts. */
export const euler = velocitySolver(
  (velocity, { state, time, delta }) => tf.add(state, tf.mul(velocity(state, time, delta), delta)),
  { passesStepSize: true },
);

/** Heun's method, second order: x ← x + Δt (v(x, t) + v(x + Δt v(x, t), t + Δt)) / 2. */
export const heun = velocitySolver((velocity, { state, time, delta }) => {
  const first = velocity(state, time);
  const predicted = tf.add(state, tf.mul(first, delta));
  const second = velocity(predicted, time + delta);
  return tf.add(state, tf.mul(tf.add(first, second), delta / 2));
});

/** The midpoint rule, second order: x ← x + Δt v(x + ½ Δt v(x, t), t + ½ Δt). */
export const midpoint = velocitySolver((velocity, { state, time, delta }) => {
  const halfway = tf.add(state, tf.mul(velocity(state, time), delta / 2));
  return tf.add(state, tf.mul(velocity(halfway, time + delta / 2), delta));
});

/** The classical Runge–Kutta method, fourth order: x ← x + Δt (k₁ + 2 k₂ + 2 k₃ + k₄) / 6. */
export const rk4 = velocitySolver((velocity, { state, time, delta }) => {
  const ahead = (slope: tf.Tensor, fraction: number) => tf.add(state, tf.mul(slope, fraction * delta));
  const first = velocity(state, time);
  const second = velocity(ahead(first, 0.5), time + delta / 2);
  const third = velocity(ahead(second, 0.5), time + delta / 2);
  const fourth = velocity(ahead(third, 1), time + delta);
  const middle = tf.mul(tf.add(second, third), 2);
  return tf.add(state, tf.mul(tf.addN([first, middle, fourth]), delta / 6));
});
