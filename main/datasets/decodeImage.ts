/** Decodes one PNG, JPEG or WebP file to upright 8-bit RGB. */

import { open, readFile, stat } from 'node:fs/promises';

import sharp from 'sharp';

import { mostPictureBytes, mostPicturePixels } from '../../shared/inpainting.ts';
import type { PixelImage } from './areaResize.ts';

/**
 * The header decides the format, not the name. EXIF rotation is applied, transparency stands over `ground` (`#rrggbb`
 * or a name of a colour), 16-bit, grey and CMYK pictures become sRGB; of an animation the first frame.
 * @throws Error when the file is larger than 20 MiB or 40 megapixels, of another format, or damaged.
 */
export async function decodeImage(file: string, ground = 'white'): Promise<PixelImage> {
  const { size } = await stat(file);
  if (size === 0) throw new Error('an empty file');
  if (size > mostPictureBytes) throw new Error(`${size} bytes, expected at most ${mostPictureBytes}`);
  const bytes = await readFile(file);
  if (!sniffImageFormat(bytes)) throw new Error('not a PNG, JPEG or WebP file');
  const { width, height } = await sharp(bytes, { limitInputPixels: false }).metadata();
  if (width * height > mostPicturePixels)
    throw new Error(`${width}×${height} pixels, expected at most ${mostPicturePixels}`);
  const { data, info } = await sharp(bytes, { limitInputPixels: mostPicturePixels, failOn: 'error' })
    .autoOrient()
    .flatten({ background: ground })
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  if (info.channels !== 3) throw new Error(`${info.channels} channels after decoding, expected 3`);
  return { width: info.width, height: info.height, pixels: data };
}

export type ImageFormat = 'png' | 'jpeg' | 'webp';

/** The format that the header of `file` announces; undefined for others and where nothing can be read. */
export async function sniffImageFile(file: string): Promise<ImageFormat | undefined> {
  const handle = await open(file).catch(() => undefined);
  if (!handle) return undefined;
  try {
    const start = new Uint8Array(12);
    await handle.read(start, 0, start.length, 0);
    return sniffImageFormat(start);
  } finally {
    await handle.close();
  }
}

function sniffImageFormat(bytes: Uint8Array): ImageFormat | undefined {
  const start = Buffer.from(bytes.subarray(0, 12)).toString('latin1');
  if (start.startsWith('\x89PNG\r\n\x1a\n')) return 'png';
  if (start.startsWith('\xff\xd8\xff')) return 'jpeg';
  if (start.startsWith('RIFF') && start.slice(8) === 'WEBP') return 'webp';
  return undefined;
}
