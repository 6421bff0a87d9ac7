/** Between the numbers of a picture and its bytes. */

import type { InpaintInput } from './inpaintInput.ts';

/** 8-bit RGB of values in [0, 1], clamped; known pixels are the picture's own to the bit. */
export function fillKnown(
  values: Float32Array,
  { pixels, mask }: Pick<InpaintInput, 'pixels' | 'mask'>,
): Uint8Array {
  const bytes = new Uint8Array(values.length);
  for (let index = 0; index < bytes.length; index++) {
    const isKnown = mask[Math.floor(index / 3)] === 1;
    bytes[index] = isKnown ? pixels[index] : Math.round(Math.min(1, Math.max(0, values[index])) * 255);
  }
  return bytes;
}

/** Grey bytes, white for `white` and above; all black where that is 0. */
export function toGrey(values: Float32Array, white: number): Uint8Array {
  return Uint8Array.from(values, (value) =>
    white === 0 ? 0 : Math.min(255, Math.round((value / white) * 255)),
  );
}
