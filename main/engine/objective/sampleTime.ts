/** Times of a training batch: pure functions of (seed, step). */

import type { ObjectiveConfig } from '../../../shared/config/config.ts';
import { type RandomKey, randomNormals, randomUniforms } from '../../../shared/numbers/random.ts';

/**
 * Samples `count` times in [0, 1]. The first round(startFraction · count) are 0, so that one step from the start is trained
 * as the posterior mean. The others are independent and uniform; or `stratified`, one in each of as many equal parts of
 * [0, 1); or `logit-normal`, 1 / (1 + e^−z) for standard normal z: Esser et al. 2024, "Scaling rectified flow
 * transformers", eq. 19.
 */
export function sampleTime(
  count: number,
  options: { seed: number; step: number; startFraction: number; law?: ObjectiveConfig['time'] },
): Float32Array {
  const { seed, step, startFraction, law = 'uniform' } = options;
  const atStart = Math.round(startFraction * count);
  const times = laws[law]({ seed, stream: 'time', step }, { count, atStart });
  return times.fill(0, 0, atStart);
}

type TimeLaw = (key: RandomKey, of: { count: number; atStart: number }) => Float32Array;

const laws: Readonly<Record<ObjectiveConfig['time'], TimeLaw>> = {
  uniform: (key, { count }) => randomUniforms(key, count),
  stratified: (key, { count, atStart }) =>
    randomUniforms(key, count).map((uniform, row) => (row - atStart + uniform) / (count - atStart)),
  'logit-normal': (key, { count }) => randomNormals(key, count).map((z) => 1 / (1 + Math.exp(-z))),
};
