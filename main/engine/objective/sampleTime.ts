/** Times of a training batch: pure functions of (seed, step). */

import { randomUniforms } from '../../../shared/pure/random.ts';

/**
 * `count` times in [0, 1), uniform; the first round(startShare · count) are 0, so that one step from the start is
 * trained as the posterior mean.
 */
export function sampleTime(
  count: number,
  options: { seed: number; step: number; startShare: number },
): Float32Array {
  const times = randomUniforms({ seed: options.seed, stream: 'time', step: options.step }, count);
  return times.fill(0, 0, Math.round(options.startShare * count));
}
