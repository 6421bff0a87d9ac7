/** Masks and transparent parts as image files: the main side reads what users choose, the page its own copies of it. */

import { maskMedia } from '../../../shared/inpainting.ts';
import { checkFileSize } from '../../../shared/images/imageHeader.ts';
import { mediaUrl, request } from '../../api/client.ts';
import type { Size } from '../images/viewport.ts';
import type { MaskPixels } from './maskShapes.ts';

export interface LoadedMask {
  /** width × height, 1 = known. */
  readonly bytes: Uint8Array;
  readonly notes: readonly string[];
  /** The question to ask where white seems to mark the hole; null: it does not. */
  readonly inverted: string | null;
}

/** @throws Error when the file is no mask for an image of this size. */
export async function readMaskFile(file: Blob, { width, height }: Size): Promise<LoadedMask> {
  checkFileSize(file.size);
  const bytes = new Uint8Array(await file.arrayBuffer());
  const { mask, notes, inverted } = await request('masks.read', { width, height, bytes });
  return { bytes: await readStoredMask(mask.id), notes, inverted };
}

/** A mask that the main side keeps: white is known. */
export async function readStoredMask(id: string): Promise<Uint8Array> {
  const bitmap = await createImageBitmap(await fetchMedia(maskMedia(id)), { colorSpaceConversion: 'none' });
  try {
    return await readFlags(bitmap, (rgba, from) => rgba[from] >= 128);
  } finally {
    bitmap.close();
  }
}

/** Byte of a PNG file where its header says which channels it has, and the value for RGB with alpha. */
const [colourTypeAt, colourWithAlpha] = [25, 6];

/** Which pixels of a kept image are opaque; null: all. `bitmap` is the decoded `file`. */
export async function readOpaque(file: Blob, bitmap: ImageBitmap): Promise<Uint8Array | null> {
  const [colourType] = new Uint8Array(await file.slice(colourTypeAt, colourTypeAt + 1).arrayBuffer());
  return colourType === colourWithAlpha ? readFlags(bitmap, (rgba, from) => rgba[from + 3] === 255) : null;
}

/** @throws Error when the file is gone. */
export async function fetchMedia(path: string): Promise<Blob> {
  const response = await fetch(mediaUrl(path));
  if (response.ok) return response.blob();
  throw new Error(`The file ${path} is gone (status ${response.status}). Open the image again.`);
}

/** So many pixels are read back at once: a large image never lies in memory as RGBA besides. */
const pixelsAtOnce = 2 ** 20;

/** One byte a pixel, 1 where `test` holds for its RGBA at `from`. */
async function readFlags(
  bitmap: ImageBitmap,
  test: (rgba: Uint8ClampedArray, from: number) => boolean,
): Promise<Uint8Array> {
  const { width, height } = bitmap;
  const rows = Math.max(1, Math.min(height, Math.floor(pixelsAtOnce / width)));
  const context = new OffscreenCanvas(width, rows).getContext('2d', { willReadFrequently: true });
  if (!context) throw new Error('This browser gives no canvas to read the mask with.');
  const flags = new Uint8Array(width * height);
  for (let row = 0; row < height; row += rows) {
    const count = Math.min(rows, height - row);
    context.clearRect(0, 0, width, rows);
    context.drawImage(bitmap, 0, row, width, count, 0, 0, width, count);
    const { data } = context.getImageData(0, 0, width, count);
    for (let pixel = 0; pixel < width * count; pixel++)
      flags[row * width + pixel] = test(data, 4 * pixel) ? 1 : 0;
    // The page answers between two bands.
    if (row + rows < height) await new Promise((resolve) => setTimeout(resolve));
  }
  return flags;
}

/** @throws Error when the page gives no canvas. */
export async function writeMaskFile({ width, height, bytes }: MaskPixels): Promise<Blob> {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (!context) throw new Error('This browser gives no canvas to draw the mask on.');
  const rows = Math.max(1, Math.floor(2 ** 20 / width));
  for (let top = 0; top < height; top += rows) {
    const count = Math.min(rows, height - top);
    const colours = new Uint32Array(width * count);
    // Opaque black, or white.
    for (let index = 0; index < colours.length; index++)
      colours[index] = bytes[top * width + index] === 1 ? 0xffffffff : 0xff000000;
    context.putImageData(new ImageData(new Uint8ClampedArray(colours.buffer), width, count), 0, top);
  }
  return canvas.convertToBlob({ type: 'image/png' });
}
