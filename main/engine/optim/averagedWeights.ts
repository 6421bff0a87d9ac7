/** Exponential moving average of the weights: Polyak & Juditsky 1992; the decay starts small so that early weights are forgotten. */

import * as tf from '@tensorflow/tfjs-core';
import type { AverageKind } from '../../../shared/config/keptAverages.ts';

/** min(decay, (1 + step) / (10 + step)) */
export function averageDecayAt(step: number, decay: number): number {
  return Math.min(decay, (1 + step) / (10 + step));
}

/** The name of an average's decay in a batch: `averageDecay` of `average`, `averageDecay.2` of `average.2`. */
export function decayName(kind: AverageKind): string {
  return kind.replace('average', 'averageDecay');
}

/** average · decay + value · (1 − decay); `decay` is a scalar tensor. */
export function updateAverage(average: tf.Tensor, value: tf.Tensor, decay: tf.Tensor): tf.Tensor {
  return tf.add(value, tf.mul(tf.sub(average, value), decay));
}
