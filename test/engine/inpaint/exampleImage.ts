/** Smooth images for tests, with a random selection of known pixels. */

import { type KnownImage, knownPartOf } from '../../../main/engine/inpaint/knownImage.ts';
import type { Mask } from '../../../shared/images/mask.ts';
import { randomUniforms } from '../../../shared/numbers/random.ts';

export interface ExampleImage {
  readonly width: number;
  readonly height: number;
  /** height × width × 3 bytes. */
  readonly pixels: Uint8Array;
  readonly mask: Mask;
}

/** Returns an image of slow waves with this fraction of its pixels known; the first pixel is always known. */
export function createSmoothImage(width: number, height: number, fraction = 0.2, seed = 1): ExampleImage {
  const pixels = Uint8Array.from({ length: width * height * 3 }, (_, index) => {
    const x = Math.floor(index / 3) % width;
    const y = Math.floor(index / 3 / width);
    return 128 + 90 * Math.sin(0.11 * x + 0.07 * y + (index % 3)) * Math.cos(0.05 * y - 0.03 * x);
  });
  const draws = randomUniforms({ seed, stream: 'mask', step: 0 }, width * height);
  const bits = Uint8Array.from(draws, (draw, pixel) => (pixel === 0 || draw < fraction ? 1 : 0));
  return { width, height, pixels, mask: { width, height, channels: 1, bits } };
}

export function knownSmooth(width: number, height: number, fraction?: number): KnownImage {
  return knownPartOf(createSmoothImage(width, height, fraction));
}

/** Returns the root mean squared difference to the image, in units of 1. */
export function rmse(values: Float32Array, { pixels }: ExampleImage): number {
  const sum = values.reduce((total, value, index) => total + (value - pixels[index] / 255) ** 2, 0);
  return Math.sqrt(sum / values.length);
}
