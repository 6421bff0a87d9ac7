/** A flow whose solution is known: pixels that are independent and Gaussian around a mean that is linear in what is observed. */

import type { Context } from '../../../main/engine/context/context.ts';
import type { Field } from '../../../main/engine/field/field.ts';
import { runConfigSchema } from '../../../shared/config/config.ts';
import { tf } from '../../support/backend.ts';

/** Standard deviation of the data around their mean. */
export const deviation = 0.3;
/** Weights of the 2 observed pixels in the mean of each of the 3 pixels. */
export const weights = [
  [0.8, 0.2],
  [-0.1, 1.1],
  [0.5, 0.5],
];
export const path = runConfigSchema.parse({ path: { kind: 'linear', prediction: 'velocity' } }).path;

/** v = m + (t s² − (1 − t)) (x_t − t m) / κ², κ² = t² s² + (1 − t)². */
export const exactFlow: Field = {
  parameters: [],
  encode: (_parameters, { observedValues }) => {
    const [rows] = observedValues.shape;
    const matrix = tf.tile(tf.tensor(weights.flat(), [1, 3, 2]), [rows, 1, 1]);
    return { mean: tf.matMul(matrix, observedValues) };
  },
  predict(_parameters, { mean }, { state, time }) {
    if (!mean) throw new Error('The encoding has no mean.');
    const at = tf.reshape(time, [-1, 1, 1]);
    const variance = tf.add(tf.square(tf.mul(at, deviation)), tf.square(tf.sub(1, at)));
    const rate = tf.div(tf.sub(tf.mul(at, deviation ** 2), tf.sub(1, at)), variance);
    return tf.add(mean, tf.mul(rate, tf.sub(state, tf.mul(at, mean))));
  },
};

/** κ(t), in which every state keeps its distance from the mean, with its first two derivatives. */
export function scaleAt(time: number): {
  readonly scale: number;
  readonly rate: number;
  readonly bend: number;
} {
  const scale = Math.hypot(time * deviation, 1 - time);
  return {
    scale,
    rate: (time * deviation ** 2 - (1 - time)) / scale,
    bend: deviation ** 2 / scale ** 3,
  };
}

/** Two images, each with two observed pixels and three queries. */
export const observedValues = [0.2, 0.5, 0.9, 0.7, 0.1, 0.4, 0.3, 0.3, 0.6, 0.8, 0.9, 0.2];
export const start = Array.from({ length: 18 }, (_, index) => 1.5 * Math.sin(2.3 * index + 1));

/** Returns the mean of every value of `start`. */
export function exactMeans(): number[] {
  return start.map((_, index) => {
    const [image, pixel, channel] = [Math.floor(index / 9), Math.floor((index % 9) / 3), index % 3];
    return weights[pixel].reduce(
      (sum, weight, observed) => sum + weight * observedValues[image * 6 + observed * 3 + channel],
      0,
    );
  });
}

export function exactProblem() {
  const coords = tf.zeros([2, 3, 2]);
  const context: Context = {
    observedCoords: tf.zeros([2, 2, 2]),
    observedValues: tf.tensor(observedValues, [2, 2, 3]),
    queryCoords: coords,
  };
  return { field: exactFlow, parameters: {}, path, context, start: tf.tensor(start, [2, 3, 3]) };
}
