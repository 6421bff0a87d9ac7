/** The masks that training sees: as those of the scored images, or each with its own share of observed pixels. */

import type { MaskConfig } from '../../shared/config/config.ts';
import { keepRatioRange } from '../../shared/images/keepRatioRange.ts';
import { randomUniforms } from '../../shared/numbers/random.ts';
import { createMaskSource, type MaskSource } from './mask.ts';

/** 1 / golden ratio: its multiples fill the unit interval more evenly than random numbers do. */
const goldenStep = (Math.sqrt(5) - 1) / 2;

/**
 * Mask i observes a share in [smallest, largest] of the pixels, a function of (seed, i) alone: uniform over masks, and
 * even over any run of them (a Kronecker sequence from a random start), so that a small pool has the whole range.
 * `observedCount` is the largest; all masks have as many targets, which no mask of this source observes at its place.
 * @throws Error as createMaskSource.
 */
export function createTrainingMaskSource(mask: MaskConfig, pixels: number): MaskSource {
  const { law, seed, targetRatio } = mask;
  const { smallest, largest } = keepRatioRange(mask);
  const source = createMaskSource({ law, seed, targetRatio, pixels, keepRatio: largest });
  if (smallest === largest) return source;
  const [start] = randomUniforms({ seed, stream: 'keepRatio', step: 0 }, 1);
  return {
    ...source,
    maskOf: (index) => {
      const { observed, target } = source.maskOf(index);
      const place = (start + index * goldenStep) % 1;
      const count = Math.max(1, Math.floor((smallest + place * (largest - smallest)) * pixels));
      return { observed: observed.subarray(0, count), target };
    },
  };
}
