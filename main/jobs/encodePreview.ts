/** The pixels of a preview or a sheet as a PNG. */

import sharp from 'sharp';
import type { PixelRows } from '../compute/protocol.ts';

export function encodePreview({ height, width, channels = 3, pixels }: PixelRows): Promise<Uint8Array> {
  return sharp(pixels, { raw: { width, height, channels } }).png().toBuffer();
}
