/** Images for tests: smooth or random colours, with a random fraction of the pixels known. */

import { type KnownImage, knownPartOf } from '../../../main/engine/inpaint/knownImage.ts';
import { randomUniforms } from '../../../shared/numbers/random.ts';

export interface ExampleImage {
  readonly width: number;
  readonly height: number;
  /** height × width × 3 bytes. */
  readonly pixels: Uint8Array;
  readonly mask: Uint8Array;
}

/** Slow waves, of which `share` is known; at least the first pixel. */
export function smoothImage(width: number, height: number, share = 0.2, seed = 1): ExampleImage {
  const pixels = Uint8Array.from({ length: width * height * 3 }, (_, index) => {
    const [x, y] = [Math.floor(index / 3) % width, Math.floor(index / 3 / width)];
    return 128 + 90 * Math.sin(0.11 * x + 0.07 * y + (index % 3)) * Math.cos(0.05 * y - 0.03 * x);
  });
  const draws = randomUniforms({ seed, stream: 'mask', step: 0 }, width * height);
  const mask = Uint8Array.from(draws, (draw, pixel) => (pixel === 0 || draw < share ? 1 : 0));
  return { width, height, pixels, mask };
}

export function knownSmooth(width: number, height: number, share?: number): KnownImage {
  return knownPartOf(smoothImage(width, height, share));
}

/** Returns the root mean squared difference to the image, in units of 1. */
export function rmse(values: Float32Array, { pixels }: ExampleImage): number {
  const sum = values.reduce((total, value, index) => total + (value - pixels[index] / 255) ** 2, 0);
  return Math.sqrt(sum / values.length);
}
