/** Masks as picture files: white is known, black is unknown. */

import { openPicture, readBands } from '../intake/decodePicture.ts';
import type { MaskPixels } from './maskShapes.ts';
import type { Size } from '../../images/viewport.ts';

/** From this brightness on, of 255, a pixel is known. */
const knownFrom = 128;

/**
 * One byte a pixel, 1 = known; transparent is unknown.
 * @throws Error when it is no picture, or of another size.
 */
export async function readMaskFile(file: Blob, expected: Size): Promise<Uint8Array> {
  const bitmap = await openPicture(file);
  try {
    const { width, height } = bitmap;
    if (width !== expected.width || height !== expected.height) {
      throw new Error(
        `A mask of ${width} × ${height} pixels found, ${expected.width} × ${expected.height} expected, as the picture has.`,
      );
    }
    const bytes = new Uint8Array(width * height);
    await readBands(bitmap, '#000000', (rgba, first) => {
      for (let from = 0, to = first; from < rgba.length; from += 4, to++)
        bytes[to] = (rgba[from] + rgba[from + 1] + rgba[from + 2]) / 3 >= knownFrom ? 1 : 0;
    });
    return bytes;
  } finally {
    bitmap.close();
  }
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
