/** A preview's pixels as a PNG. */

import sharp from 'sharp';
import type { PixelRows } from '../compute/protocol.ts';

export function encodePreview({ height, width, pixels }: PixelRows): Promise<Uint8Array> {
  return sharp(pixels, { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer();
}
