/**
 * Shortcuts along a straight path: Frans, Hafner, Levine & Abbeel 2024, "One step diffusion via shortcut models" (arXiv
 * 2410.12557), §3. A step of size d moves by d times the mean velocity of two steps half as long, down to the flow itself.
 */

import * as tf from '@tensorflow/tfjs-core';
import { randomIntegers, randomUniforms } from '../../../shared/numbers/random.ts';

/** The sizes that are trained; half of the smallest is a step of the flow. */
export const shortcutSizes: readonly number[] = [1, 1 / 2, 1 / 4, 1 / 8, 1 / 16, 1 / 32];

/** What a field is told of a step: its size where there is a shortcut of it from that time, else 0, which is the flow. */
export function toldSize(size: number, time: number): number {
  return shortcutSizes.includes(size) && time % size === 0 ? size : 0;
}

/** How many images of a batch are shortcuts; one at least is none. */
export function shortcutCount(batchSize: number, share: number): number {
  return Math.min(Math.round(share * batchSize), batchSize - 1);
}

/** `count` sizes, each as likely, and the times they begin at: whole multiples of the size. Pure functions of (seed, step). */
export function sampleShortcuts(
  count: number,
  at: { seed: number; step: number },
): { sizes: Float32Array; times: Float32Array } {
  const key = { ...at, stream: 'shortcut' } as const;
  const choices = randomIntegers({ ...key, stream: 'shortcutSize' }, count, shortcutSizes.length);
  const sizes = Float32Array.from(choices, (choice) => shortcutSizes[choice]);
  const times = randomUniforms(key, count).map((share, row) => Math.floor(share / sizes[row]) * sizes[row]);
  return { sizes, times };
}

/** The mean velocity over a step at a state [B, N, 3], times and sizes [B]. */
export type StepVelocity = (point: { state: tf.Tensor; time: tf.Tensor; step: tf.Tensor }) => tf.Tensor;

/** Two steps of half the size in place of one, as their mean velocity [B, N, 3]: eq. 4. Steps of 0 are the flow. */
export function meanOfTwoSteps(velocity: StepVelocity, point: Parameters<StepVelocity>[0]): tf.Tensor {
  const half = tf.mul(point.step, 0.5);
  const smallest = shortcutSizes[shortcutSizes.length - 1];
  const step = tf.mul(half, tf.cast(tf.greaterEqual(half, smallest), 'float32'));
  const first = velocity({ ...point, step });
  const state = tf.add(point.state, tf.mul(first, tf.reshape(half, [-1, 1, 1])));
  const second = velocity({ state, time: tf.add(point.time, half), step });
  return tf.mul(tf.add(first, second), 0.5);
}
