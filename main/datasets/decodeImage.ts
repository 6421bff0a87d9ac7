/** Decodes one PNG, JPEG or WebP file: the only decoder of the window, the terminal and the datasets. */

import { open, readFile, stat } from 'node:fs/promises';

import sharp from 'sharp';
import type { Sharp } from 'sharp';

import { describeError } from '../../shared/text/describeError.ts';
import { formatCount, formatPlural } from '../../shared/text/format.ts';
import {
  checkFileSize,
  findImageFormat,
  formatMegapixels,
  imageLimits,
  nameOtherImageFormat,
  readImageHeader,
} from '../../shared/images/imageHeader.ts';
import type { ImageFormat, ImageHeader, ImageSize } from '../../shared/images/imageHeader.ts';
import { readPngText } from '../../shared/images/pngText.ts';
import { type MaskImage, maskKeyword, perChannelText } from '../../shared/images/readMask.ts';
import type { PixelImage } from './areaResize.ts';

export interface DecodedImage extends PixelImage {
  /** width × height, 1 = fully opaque; null: every pixel is. */
  readonly opaque: Uint8Array | null;
  /** Whether the file is animated; only the first frame is decoded. */
  readonly isAnimated: boolean;
  /** Upright size in the file if the image was shrunk while decoding, else null. */
  readonly reducedFrom: ImageSize | null;
}

export interface DecodeOptions {
  /** Background of transparent parts: `#rrggbb` or the name of a colour (default white). */
  readonly background?: string;
  /** Images too large for their full size are shrunk while they are decoded instead of being refused. */
  readonly mayShrink?: boolean;
  /** Next step for an image that is too large; the end of the message. */
  readonly advice?: string;
}

/** An image too large to be used, in contrast to a damaged one. */
export class ImageTooLargeError extends Error {}

/** Decodes an image file, as `decodeImageBytes` does. */
export async function decodeImage(file: string, options: DecodeOptions = {}): Promise<DecodedImage> {
  return decodeImageBytes(await readImageFile(file), options);
}

/** @throws Error when the file is empty, too large or cannot be read. */
async function readImageFile(file: string): Promise<Uint8Array> {
  checkFileSize((await stat(file)).size);
  return readFile(file);
}

/**
 * Upright 8-bit sRGB. The header decides the format, not the name. EXIF rotation is applied and an embedded colour
 * profile converted to sRGB; all metadata are dropped. 16-bit, grey, palette and CMYK images become sRGB; of an
 * animation the first frame is taken.
 * @throws ImageTooLargeError above `imageLimits`; Error for another format or a damaged file.
 */
export async function decodeImageBytes(file: Uint8Array, options: DecodeOptions = {}): Promise<DecodedImage> {
  checkFileSize(file.length);
  const header = readImageHeader(file);
  const factor = chooseReduction(header, options);
  try {
    const { hasAlpha, autoOrient } = await openImage(file, header).metadata();
    const place = () => {
      const upright = openImage(file, header).autoOrient();
      if (factor === 1) return upright;
      const [width, height] = [autoOrient.width, autoOrient.height].map((side) => Math.ceil(side / factor));
      return upright.resize(width, height, { fit: 'fill' });
    };
    const { data, info } = await place()
      .flatten({ background: options.background ?? 'white' })
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    const { width, height, channels } = info;
    if (channels !== 3) throw new Error(`${channels} channels after decoding instead of 3`);
    return {
      width,
      height,
      pixels: data,
      isAnimated: header.isAnimated,
      opaque: hasAlpha ? await readOpaque(place()) : null,
      reducedFrom: factor > 1 ? { width: autoOrient.width, height: autoOrient.height } : null,
    };
  } catch (error) {
    throw explainFailure(header, error);
  }
}

/**
 * A mask's values as they are in the file, 8 or 16 bits, without any change of colours: small values matter.
 * @throws as `decodeImageBytes`.
 */
export async function decodeMaskBytes(file: Uint8Array): Promise<MaskImage> {
  checkFileSize(file.length);
  const header = readImageHeader(file);
  chooseReduction(header, { advice: 'Give a mask of the image’s own size.' });
  try {
    const { depth, space } = await openImage(file, header).metadata();
    const isDeep = depth === 'ushort' || space === 'rgb16' || space === 'grey16';
    const { data, info } = await openImage(file, header)
      .autoOrient()
      .toColourspace(isDeep ? 'rgb16' : 'srgb')
      .ensureAlpha()
      .raw({ depth: isDeep ? 'ushort' : 'uchar' })
      .toBuffer({ resolveWithObject: true });
    const { width, height } = info;
    const rgba = isDeep ? new Uint16Array(Uint8Array.from(data).buffer) : new Uint8Array(data);
    const isPerChannel = readPngText(file, maskKeyword) === perChannelText;
    return { width, height, rgba, white: isDeep ? 65_535 : 255, isPerChannel };
  } catch (error) {
    throw explainFailure(header, error);
  }
}

const endOfJpeg = Buffer.from([0xff, 0xd9]);

/**
 * A JPEG that lacks its end marker gets one, and then any warning means that pixels are missing: a complete image without
 * the marker is decoded, one that is cut short is not.
 */
function openImage(file: Uint8Array, { lacksEnd }: ImageHeader): Sharp {
  return sharp(lacksEnd ? Buffer.concat([file, endOfJpeg]) : file, {
    limitInputPixels: imageLimits.shrunkPixels,
    failOn: lacksEnd ? 'warning' : 'error',
    sequentialRead: true,
  });
}

/** Returns the divisor of both sides: a power of two, 1 for an image that fits. */
function chooseReduction({ width, height }: ImageSize, { mayShrink = false, advice }: DecodeOptions): number {
  const pixels = width * height;
  const most = mayShrink ? imageLimits.shrunkPixels : imageLimits.fullPixels;
  if (pixels > most) {
    const size = `${formatCount(width)} × ${formatCount(height)} pixels (${formatMegapixels(pixels)})`;
    const use = mayShrink ? 'can be read' : 'can be used at full size';
    throw new ImageTooLargeError(
      `The image has ${size}; at most ${formatMegapixels(most)} ${use}. ${advice ?? 'Save it smaller.'}`,
    );
  }
  let factor = 1;
  while (Math.ceil(width / factor) * Math.ceil(height / factor) > imageLimits.fullPixels) factor *= 2;
  return factor;
}

async function readOpaque(image: Sharp): Promise<Uint8Array | null> {
  const alpha = await image.extractChannel('alpha').raw({ depth: 'uchar' }).toBuffer();
  let isOpaque = true;
  const opaque = new Uint8Array(alpha.length);
  for (let pixel = 0; pixel < alpha.length; pixel++) {
    if (alpha[pixel] === 255) opaque[pixel] = 1;
    else isOpaque = false;
  }
  return isOpaque ? null : opaque;
}

/** Describes what was done to an image while decoding, one sentence each. */
export function describeDecoding({ width, height, isAnimated, reducedFrom }: DecodedImage): string[] {
  const notes: string[] = [];
  if (isAnimated) notes.push('It is animated: its first frame is used.');
  if (reducedFrom) {
    const from = `${formatCount(reducedFrom.width)} × ${formatCount(reducedFrom.height)}`;
    const to = `${formatCount(width)} × ${formatCount(height)}`;
    notes.push(`It was reduced from ${from} to ${to} pixels while it was read.`);
  }
  return notes;
}

/** Describes how many pixels are transparent and what happens to them. `isHidden`: they will be filled in. */
export function describeTransparency(opaque: Uint8Array, { isHidden }: { isHidden: boolean }): string {
  const transparent = countTransparent(opaque);
  const percent = Number(((100 * transparent) / opaque.length).toPrecision(2));
  const found = `${formatPlural(transparent, 'transparent pixel')} (${percent} %)`;
  return isHidden
    ? `${found}: hidden, to be filled in. There is no truth to score them against.`
    : `${found}: shown over the background, as part of the image.`;
}

export function countTransparent(opaque: Uint8Array): number {
  let count = 0;
  for (let pixel = 0; pixel < opaque.length; pixel++) count += 1 - opaque[pixel];
  return count;
}

/** Creates the error for an image that cannot be decoded; the decoder's message comes last, because it is technical. */
function explainFailure({ format, lacksEnd, rareCoding }: ImageHeader, error: unknown): Error {
  const reason = describeError(error).trim().replace(/\.$/, '');
  const message =
    rareCoding !== null
      ? `This file is coded as ${rareCoding}, which cannot be read here. Export it as an ordinary 8-bit JPEG or PNG.`
      : lacksEnd || /premature end|truncated|cut short|not enough data/i.test(reason)
        ? `This ${format} file is cut short: it is damaged. (${reason})`
        : `This ${format} file cannot be decoded: it is damaged. (${reason})`;
  return new Error(message, { cause: error });
}

/** Returns the format in the header of `file`; undefined for other formats and unreadable files. */
export async function sniffImageFile(file: string): Promise<ImageFormat | undefined> {
  return findImageFormat(await readStart(file, 12));
}

/** Reads the first bytes of a file; empty if it cannot be read. */
export async function readStart(file: string, length: number): Promise<Uint8Array> {
  const handle = await open(file).catch(() => undefined);
  if (!handle) return new Uint8Array(0);
  try {
    const start = new Uint8Array(length);
    const { bytesRead } = await handle.read(start, 0, length, 0);
    return start.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

/** Bytes needed to recognise other formats: the tags of a RAW file are beyond its header. */
const namedBytes = 65_536;

/**
 * Counts images of other formats among files that are no PNG, JPEG or WebP images, with what to do about them:
 * `2 HEIC images and 1 TIFF image cannot be read: export them as JPEG or PNG.` null: there are none.
 */
export async function describeOtherFormats(files: readonly string[]): Promise<string | null> {
  const counts = new Map<string, number>();
  for (const file of files) {
    const name = nameOtherImageFormat(await readStart(file, namedBytes));
    if (name) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  if (counts.size === 0) return null;
  const parts = [...counts].map(([name, count]) => formatPlural(count, `${name} image`));
  const [last, ...others] = parts.reverse();
  const list = others.length > 0 ? `${others.reverse().join(', ')} and ${last}` : last;
  const isOne = counts.size === 1 && [...counts.values()][0] === 1;
  return `${list} cannot be read: export ${isOne ? 'it' : 'them'} as JPEG or PNG.`;
}
