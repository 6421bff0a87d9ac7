/** Gaussian noise on observed values: y = x + σ ε with ε ~ N(0, 1), independent for every pixel and channel. */

import { randomNormals, type RandomKey } from '../numbers/random.ts';
import { type Image, observe, type SparseObservation } from './image.ts';

/** Largest standard deviation: as large as the range of colours. */
export const largestNoise = 1;

/**
 * Returns the image with noise of standard deviation `deviation` on every pixel, not clamped; the image itself if there is
 * none. The noise of a pixel does not depend on which pixels are observed.
 */
export function addNoise(image: Image, deviation: number, key: RandomKey): Image {
  if (deviation === 0) return image;
  const noise = randomNormals(key, image.values.length);
  return { ...image, values: image.values.map((value, index) => value + deviation * noise[index]) };
}

/** The noise on the observed values of a dataset's images. */
export interface ObservationNoise {
  /** Standard deviation in colours in [0, 1]; 0: none. */
  readonly deviation: number;
  /** Seed of the masks: one seed determines what is observed. */
  readonly seed: number;
}

/** Observes image `index` of a dataset at some pixels; its noise is a pure function of (seed, index). */
export function observeNoisily(
  image: Image,
  indices: Int32Array,
  {
    deviation,
    seed,
    index,
    channels,
  }: ObservationNoise & Pick<SparseObservation, 'channels'> & { readonly index: number },
): SparseObservation {
  const seen = addNoise(image, deviation, { seed, stream: 'observationNoise', step: index });
  return observe(seen, indices, channels);
}
