/** Reads and writes masks as image files. The main process decodes the files users choose; the page reads its copies. */

import { maskMedia, type MaskEntry } from '../../../shared/inpainting.ts';
import { checkFileSize } from '../../../shared/images/imageHeader.ts';
import { mediaUrl, request } from '../../api/client.ts';
import { fetchMedia } from '../../api/fetchMedia.ts';
import type { Size } from '../images/viewport.ts';
import type { MaskPixels } from './maskShapes.ts';

export interface LoadedMask {
  /** One byte per pixel, 1 = known. */
  readonly bytes: Uint8Array;
  /** Notes for the user about how the file was converted. */
  readonly notes: readonly string[];
  /** Why white seems to mark the hidden pixels; null if it does not. */
  readonly inverted: string | null;
}

/** Reads a mask file. @throws Error if the file is not a mask for an image of this size. */
export async function readMaskFile(file: Blob, size: Size): Promise<LoadedMask> {
  const { entry, notes, inverted } = await readMaskEntry(file, size, false);
  return { bytes: await readStoredMask(entry.id), notes, inverted };
}

/** Has a mask file read and stored by the main process. @throws Error as `readMaskFile`. */
export async function readMaskEntry(
  file: Blob,
  { width, height }: Size,
  invert: boolean,
): Promise<Omit<LoadedMask, 'bytes'> & { readonly entry: MaskEntry }> {
  checkFileSize(file.size);
  const bytes = new Uint8Array(await file.arrayBuffer());
  const { mask, notes, inverted } = await request('masks.read', { width, height, bytes, invert });
  return { entry: mask, notes, inverted };
}

/** Reads a mask stored by the main process, in which white is known. */
export async function readStoredMask(id: string): Promise<Uint8Array> {
  const bitmap = await createImageBitmap(await fetchMedia(mediaUrl(maskMedia(id))), {
    colorSpaceConversion: 'none',
  });
  try {
    return await readFlags(bitmap, (rgba, from) => rgba[from] >= 128);
  } finally {
    bitmap.close();
  }
}

/** Position of the colour type in a PNG file, and its value for RGB with alpha. */
const colourTypePosition = 25;
const rgbWithAlpha = 6;

/** Returns one byte per pixel of a stored image, 1 = opaque; null if all are. @param bitmap The decoded `file`. */
export async function readOpaque(file: Blob, bitmap: ImageBitmap): Promise<Uint8Array | null> {
  const [colourType] = new Uint8Array(
    await file.slice(colourTypePosition, colourTypePosition + 1).arrayBuffer(),
  );
  return colourType === rgbWithAlpha ? readFlags(bitmap, (rgba, from) => rgba[from + 3] === 255) : null;
}

/** Pixels read or written at a time, so that a large image is never in memory as RGBA. */
const bandPixels = 2 ** 20;

/** Returns one byte per pixel, 1 if `test` holds for the RGBA that starts at `from`. */
async function readFlags(
  bitmap: ImageBitmap,
  test: (rgba: Uint8ClampedArray, from: number) => boolean,
): Promise<Uint8Array> {
  const { width, height } = bitmap;
  const rows = Math.max(1, Math.min(height, Math.floor(bandPixels / width)));
  const context = new OffscreenCanvas(width, rows).getContext('2d', { willReadFrequently: true });
  if (!context) throw new Error('The browser provides no canvas to read the mask with.');
  const flags = new Uint8Array(width * height);
  for (let row = 0; row < height; row += rows) {
    const count = Math.min(rows, height - row);
    context.clearRect(0, 0, width, rows);
    context.drawImage(bitmap, 0, row, width, count, 0, 0, width, count);
    const { data } = context.getImageData(0, 0, width, count);
    for (let pixel = 0; pixel < width * count; pixel++)
      flags[row * width + pixel] = test(data, 4 * pixel) ? 1 : 0;
    // Lets the page respond between two bands.
    if (row + rows < height) await new Promise((resolve) => setTimeout(resolve));
  }
  return flags;
}

/** Encodes a mask as PNG. @throws Error if the browser provides no canvas. */
export async function writeMaskFile({ width, height, bytes }: MaskPixels): Promise<Blob> {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (!context) throw new Error('The browser provides no canvas to draw the mask on.');
  const rows = Math.max(1, Math.floor(bandPixels / width));
  for (let top = 0; top < height; top += rows) {
    const count = Math.min(rows, height - top);
    const colours = new Uint32Array(width * count);
    // Opaque white or black.
    for (let index = 0; index < colours.length; index++)
      colours[index] = bytes[top * width + index] === 1 ? 0xffffffff : 0xff000000;
    context.putImageData(new ImageData(new Uint8ClampedArray(colours.buffer), width, count), 0, top);
  }
  return canvas.convertToBlob({ type: 'image/png' });
}
