/** Reads and writes masks as image files. The main process decodes the files users choose; the page reads its copies. */

import { maskMedia, type MaskEntry } from '../../../shared/inpainting.ts';
import {
  joinEqualChannels,
  type Mask,
  type MaskChannels,
  type MaskValues,
  valueBit,
} from '../../../shared/images/mask.ts';
import { insertPngText } from '../../../shared/images/pngText.ts';
import { maskKeyword, perChannelText } from '../../../shared/images/readMask.ts';
import { checkFileSize } from '../../../shared/images/imageHeader.ts';
import { mediaUrl, request } from '../../api/client.ts';
import { fetchMedia } from '../../api/fetchMedia.ts';
import type { Size } from '../images/viewport.ts';

export interface LoadedMask {
  readonly mask: MaskValues;
  /** Notes for the user about how the file was converted. */
  readonly notes: readonly string[];
  /** Why white seems to mark the hidden pixels; null if it does not. */
  readonly inverted: string | null;
}

/** Reads a mask file. @throws Error if the file is not a mask for an image of this size. */
export async function readMaskFile(file: Blob, size: Size): Promise<LoadedMask> {
  const { entry, notes, inverted } = await readMaskEntry(file, size, false);
  return { mask: await readStoredMask(entry.id), notes, inverted };
}

/** Has a mask file read and stored by the main process. @throws Error as `readMaskFile`. */
export async function readMaskEntry(
  file: Blob,
  { width, height }: Size,
  invert: boolean,
): Promise<Omit<LoadedMask, 'mask'> & { readonly entry: MaskEntry }> {
  checkFileSize(file.size);
  const bytes = new Uint8Array(await file.arrayBuffer());
  const { mask, notes, inverted } = await request('masks.read', { width, height, bytes, invert });
  return { entry: mask, notes, inverted };
}

/** Reads a mask stored by the main process, in which white is known; RGB where each channel has its own mask. */
export async function readStoredMask(id: string): Promise<MaskValues> {
  const file = await fetchMedia(mediaUrl(maskMedia(id)));
  const channels = (await readColourType(file)) === rgb ? 3 : 1;
  const bitmap = await createImageBitmap(file, { colorSpaceConversion: 'none' });
  try {
    const bits = await readFlags(bitmap, channels, (rgba, from) => rgba[from] >= 128);
    return joinEqualChannels({ channels, bits });
  } finally {
    bitmap.close();
  }
}

/** Position of the colour type in a PNG file, and its values. */
const colourTypePosition = 25;
const [rgb, rgbWithAlpha] = [2, 6];

async function readColourType(file: Blob): Promise<number> {
  const part = file.slice(colourTypePosition, colourTypePosition + 1);
  return new Uint8Array(await part.arrayBuffer())[0];
}

/** Returns one byte per pixel of a stored image, 1 = opaque; null if all are. @param bitmap The decoded `file`. */
export async function readOpaque(file: Blob, bitmap: ImageBitmap): Promise<Uint8Array | null> {
  if ((await readColourType(file)) !== rgbWithAlpha) return null;
  return readFlags(bitmap, 1, (rgba, from) => rgba[from + 3] === 255);
}

/** Pixels read or written at a time, so that a large image is never in memory as RGBA. */
const bandPixels = 2 ** 20;

/** Returns one byte per pixel, 1 if `test` holds for the RGBA from `from` on; with three channels also from its green and blue on. */
async function readFlags(
  bitmap: ImageBitmap,
  channels: MaskChannels,
  test: (rgba: Uint8ClampedArray, from: number) => boolean,
): Promise<Uint8Array> {
  const { width, height } = bitmap;
  const rows = Math.max(1, Math.min(height, Math.floor(bandPixels / width)));
  const context = new OffscreenCanvas(width, rows).getContext('2d', { willReadFrequently: true });
  if (!context) throw new Error('The browser provides no canvas to read the mask with.');
  const flags = new Uint8Array(width * height * channels);
  for (let row = 0; row < height; row += rows) {
    const count = Math.min(rows, height - row);
    context.clearRect(0, 0, width, rows);
    context.drawImage(bitmap, 0, row, width, count, 0, 0, width, count);
    const { data } = context.getImageData(0, 0, width, count);
    for (let pixel = 0; pixel < width * count; pixel++)
      for (let channel = 0; channel < channels; channel++)
        flags[(row * width + pixel) * channels + channel] = test(data, 4 * pixel + channel) ? 1 : 0;
    // Lets the page respond between two bands.
    if (row + rows < height) await new Promise((resolve) => setTimeout(resolve));
  }
  return flags;
}

/** Encodes a mask as PNG, which says so where each channel has its own mask. @throws Error if the browser provides no canvas. */
export async function writeMaskFile(mask: Mask): Promise<Blob> {
  const { width, height, channels } = mask;
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (!context) throw new Error('The browser provides no canvas to draw the mask on.');
  const rows = Math.max(1, Math.floor(bandPixels / width));
  for (let top = 0; top < height; top += rows) {
    const count = Math.min(rows, height - top);
    const rgba = new Uint8ClampedArray(4 * width * count).fill(255);
    for (let pixel = 0; pixel < width * count; pixel++)
      for (let channel = 0; channel < 3; channel++)
        rgba[4 * pixel + channel] = 255 * valueBit(mask, 3 * (top * width + pixel) + channel);
    context.putImageData(new ImageData(rgba, width, count), 0, top);
  }
  const file = await canvas.convertToBlob({ type: 'image/png' });
  if (channels === 1) return file;
  const bytes = new Uint8Array(await file.arrayBuffer());
  return new Blob([insertPngText(bytes, maskKeyword, perChannelText)], { type: file.type });
}
