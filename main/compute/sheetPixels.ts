/** Many images on one sheet: image i at column i mod columns, row ⌊i / columns⌋. */

import type { ImageBatch } from '../../shared/images/image.ts';
import type { PixelRows } from './protocol.ts';

/** Images of an evaluation that are kept, and columns of their sheet. */
const mostImages = 100;
const mostColumns = 10;
/** Pixels of a sheet: fewer images are kept where they are large. */
const mostPixels = 2 ** 20;

export interface SheetLayout {
  readonly images: number;
  readonly columns: number;
}

export function layOut({
  count,
  height,
  width,
}: Pick<ImageBatch, 'count' | 'height' | 'width'>): SheetLayout {
  const images = Math.min(count, mostImages, Math.max(1, Math.floor(mostPixels / (height * width))));
  return { images, columns: Math.min(images, mostColumns) };
}

export interface Sheet {
  /** Rounded and clamped as they are written. */
  readonly pixels: Uint8ClampedArray;
  /** Where a pixel of an image begins. */
  offset(image: number, pixel: number): number;
  /** The same bytes. */
  readonly rows: PixelRows;
}

export function newSheet(
  { height, width }: Pick<ImageBatch, 'height' | 'width'>,
  { images, columns, channels }: SheetLayout & { readonly channels: 3 | 4 },
): Sheet {
  const size = { height: Math.ceil(images / columns) * height, width: columns * width };
  const pixels = new Uint8ClampedArray(size.height * size.width * channels);
  return {
    pixels,
    offset(image, pixel) {
      const x = (image % columns) * width + (pixel % width);
      const y = Math.floor(image / columns) * height + Math.floor(pixel / width);
      return (y * size.width + x) * channels;
    },
    rows: { ...size, channels, pixels: new Uint8Array(pixels.buffer) },
  };
}

/** @param values Of one image, RGB, pixel by pixel; outside [0, 1] they are cut off, as they are where they are scored. */
export function drawImage({ pixels, offset }: Sheet, image: number, values: Float32Array): void {
  for (let pixel = 0; pixel * 3 < values.length; pixel++) {
    const target = offset(image, pixel);
    for (let channel = 0; channel < 3; channel++)
      pixels[target + channel] = values[pixel * 3 + channel] * 255;
  }
}
