/** Euler's method: x ← x + Δt v(x, t), with the mean velocity v(x, t, Δt) of a field that knows shortcuts. */

import * as tf from '@tensorflow/tfjs-core';
import { velocitySolver } from './integrate.ts';

export const euler = velocitySolver(
  (velocity, { state, time, delta }) => tf.add(state, tf.mul(velocity(state, time, delta), delta)),
  { tellsSteps: true },
);
