/** Where in random space the noise of a sample stands. */

import type { RandomKey } from '../../../shared/numbers/random.ts';

/** Samples of one image get noise keys this far apart. */
const samplesPerImage = 4096;
/** Draws of one sample get keys this far apart from those of the next. */
const drawsPerSample = 65_536;

export interface NoiseOf {
  /** The start is drawn once, and a solver draws many times. */
  readonly stream: 'sampling' | 'solver';
  readonly draw: number;
}

/** `image` is the index of an image in its split, `sample` counts its samples from 0. */
export function noiseKey(
  of: { seed: number; image: number; sample: number },
  { stream, draw }: NoiseOf,
): RandomKey {
  const place = of.image * samplesPerImage + of.sample;
  return { seed: of.seed, stream, step: stream === 'solver' ? place * drawsPerSample + draw : place };
}
