/** Pictures of an inpainting as PNG files: 8-bit exact, and saying how they came about. */

import sharp from 'sharp';
import { type Provenance, provenanceKeyword } from '../../shared/inpainting.ts';
import { insertPngText } from '../../shared/images/pngText.ts';

/** height × width pixels of RGB (3 bytes), RGB with alpha (4 bytes) or grey (1 byte). */
export interface ResultPicture {
  readonly height: number;
  readonly width: number;
  readonly pixels: Uint8Array;
}

/**
 * The picture as a PNG file that decodes to exactly these bytes; with `provenance` in its text where it is given.
 * @throws Error when the pixels are not of this size.
 */
export async function encodeResult(
  { height, width, pixels }: ResultPicture,
  provenance?: Provenance,
): Promise<Uint8Array> {
  const channels = ([1, 3, 4] as const).find((count) => pixels.length === height * width * count);
  if (!channels) {
    throw new Error(
      `${pixels.length} bytes for ${width}×${height} pixels: expected ${width * height * 3}, or ${width * height} of grey.`,
    );
  }
  const file = await sharp(pixels, { raw: { width, height, channels } })
    .toColourspace(channels === 1 ? 'b-w' : 'srgb')
    .png()
    .toBuffer();
  return provenance ? insertPngText(file, provenanceKeyword, JSON.stringify(provenance)) : file;
}

/** An RGB image, made smaller where its longer side has more than `side` pixels. */
export function encodeThumbnail({ height, width, pixels }: ResultPicture, side = 320): Promise<Uint8Array> {
  const size = {
    width: side,
    height: side,
    fit: 'inside',
    withoutEnlargement: true,
  } as const;
  return sharp(pixels, { raw: { width, height, channels: 3 } })
    .resize(size)
    .png()
    .toBuffer();
}

/** A mask of one byte a pixel, 1 = known, as the grey picture it is kept as: white where known. */
export function drawMask(mask: Uint8Array): Uint8Array {
  return mask.map((known) => (known ? 255 : 0));
}
