/** A mask that was made for another picture. */

import type { Size } from '../images/viewport.ts';
import type { MaskPixels } from './maskShapes.ts';

/** The same mask for a picture of another size: each pixel is as the one at its place. */
export function stretchMask(mask: MaskPixels, { width, height }: Size): Uint8Array {
  const bytes = new Uint8Array(width * height);
  for (let row = 0; row < height; row++) {
    const start = Math.floor(((row + 0.5) * mask.height) / height) * mask.width;
    for (let column = 0; column < width; column++) {
      bytes[row * width + column] = mask.bytes[start + Math.floor(((column + 0.5) * mask.width) / width)];
    }
  }
  return bytes;
}
