/** EMA of the weights (Polyak & Juditsky 1992); its decay starts small, so that early weights are forgotten. */

import * as tf from '@tensorflow/tfjs-core';

/** Returns the decay in effect at a step: min(decay, (1 + step) / (10 + step)). */
export function averageDecayAt(step: number, decay: number): number {
  return Math.min(decay, (1 + step) / (10 + step));
}

/** Returns average · decay + value · (1 − decay); `decay` is a scalar tensor. */
export function updateAverage(average: tf.Tensor, value: tf.Tensor, decay: tf.Tensor): tf.Tensor {
  return tf.add(value, tf.mul(tf.sub(average, value), decay));
}
