/** How different the samples of one image look: 1 − SSIM between neighbours in the list. */

import type { PixelValues } from './pixelValues.ts';
import { ssim } from './ssim.ts';

/**
 * Mean of 1 − SSIM (uniform 7×7 window) over the N − 1 neighbouring pairs of whole images; 0 when all samples are equal.
 * Its expectation does not depend on N. @throws Error for fewer than two samples, or as ssim does.
 */
export function sampleDiversity(
  samples: readonly PixelValues[],
  size: { readonly height: number; readonly width: number },
): number {
  if (samples.length < 2) {
    throw new Error(`Diversity needs at least 2 samples, found ${samples.length}: draw more.`);
  }
  const pairs = samples.slice(1).map((sample, index) => [samples[index], sample] as const);
  const sum = pairs.reduce(
    (total, [one, other]) => total + 1 - ssim(one, other, { ...size, window: 'uniform' }),
    0,
  );
  return sum / pairs.length;
}
