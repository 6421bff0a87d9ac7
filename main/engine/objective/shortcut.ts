/**
 * Shortcuts along a straight path: Frans, Hafner, Levine & Abbeel 2024, "One step diffusion via shortcut models" (arXiv
 * 2410.12557), §3. A step of size d follows the mean velocity of two steps of half its size, down to the flow itself.
 */

import * as tf from '@tensorflow/tfjs-core';
import { randomIntegers, randomUniforms } from '../../../shared/numbers/random.ts';

/** Step sizes that are trained, the largest first; half of the smallest is a step of the flow. */
export const shortcutSizes: readonly number[] = [1, 1 / 2, 1 / 4, 1 / 8, 1 / 16, 1 / 32];

/** Returns the size to condition the network on: `size` if a shortcut of that size starts at `time`, otherwise 0, the flow. */
export function conditionedSize(size: number, time: number): number {
  return shortcutSizes.includes(size) && time % size === 0 ? size : 0;
}

/** Returns how many images of a batch are shortcuts, at most all but one; `fraction` is in [0, 1]. */
export function shortcutCount(batchSize: number, fraction: number): number {
  return Math.min(Math.round(fraction * batchSize), batchSize - 1);
}

/** Samples `count` sizes, all equally likely, and start times that are whole multiples of the size. Pure functions of (seed, step). */
export function sampleShortcuts(
  count: number,
  at: { seed: number; step: number },
): { sizes: Float32Array; times: Float32Array } {
  const key = { ...at, stream: 'shortcut' } as const;
  const choices = randomIntegers({ ...key, stream: 'shortcutSize' }, count, shortcutSizes.length);
  const sizes = Float32Array.from(choices, (choice) => shortcutSizes[choice]);
  const times = randomUniforms(key, count).map(
    (uniform, row) => Math.floor(uniform / sizes[row]) * sizes[row],
  );
  return { sizes, times };
}

/** Returns the mean velocity [B, N, 3] over a step from a state [B, N, 3]; times and step sizes are [B]. */
export type StepVelocity = (point: { state: tf.Tensor; time: tf.Tensor; step: tf.Tensor }) => tf.Tensor;

/** Returns the mean velocity [B, N, 3] of two steps of half the size: eq. 4. Halves below the smallest size are steps of the flow. */
export function meanOfTwoSteps(velocity: StepVelocity, point: Parameters<StepVelocity>[0]): tf.Tensor {
  const half = tf.mul(point.step, 0.5);
  const smallest = shortcutSizes[shortcutSizes.length - 1];
  const step = tf.mul(half, tf.cast(tf.greaterEqual(half, smallest), 'float32'));
  const first = velocity({ ...point, step });
  const state = tf.add(point.state, tf.mul(first, tf.reshape(half, [-1, 1, 1])));
  const second = velocity({ state, time: tf.add(point.time, half), step });
  return tf.mul(tf.add(first, second), 0.5);
}
