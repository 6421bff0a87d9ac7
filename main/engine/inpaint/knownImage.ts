/** An image of any size of which some pixels are known, and how parts of it are cut out. */

import { type Area, cropValues } from '../../../shared/images/crop.ts';
import type { SparseObservation } from '../../../shared/images/image.ts';

export interface KnownImage {
  readonly height: number;
  readonly width: number;
  /** height × width × 3 values in [0, 1]; zeros at unknown pixels. */
  readonly values: Float32Array;
  /** height × width, 1 = known. */
  readonly isKnown: Uint8Array;
}

/**
 * Returns the known part of an 8-bit RGB image.
 * @throws Error when the sizes do not match, or no pixel is known.
 */
export function knownPartOf(image: {
  readonly height: number;
  readonly width: number;
  readonly pixels: Uint8Array;
  readonly mask: Uint8Array;
}): KnownImage {
  const { height, width, pixels, mask } = image;
  const count = height * width;
  if (pixels.length !== count * 3 || mask.length !== count) {
    throw new Error(
      `An image of ${width}×${height} has ${count * 3} bytes and a mask of ${count}: ` +
        `found ${pixels.length} and ${mask.length}; pass the mask of this image.`,
    );
  }
  if (!mask.includes(1)) {
    throw new Error(
      'No pixel is known: expected at least one; raise the fraction of known pixels or paint some.',
    );
  }
  const values = new Float32Array(count * 3);
  for (let index = 0; index < values.length; index++) {
    if (mask[Math.floor(index / 3)] === 1) values[index] = pixels[index] / 255;
  }
  return { height, width, values, isKnown: mask };
}

/** Returns the known pixels in row-major order. */
export function observationOf({ height, width, values, isKnown }: KnownImage): SparseObservation {
  const indices = pixelsWhere(isKnown, 1);
  const observed = new Float32Array(indices.length * 3);
  indices.forEach((pixel, row) => observed.set(values.subarray(pixel * 3, pixel * 3 + 3), row * 3));
  return { height, width, indices, values: observed };
}

/** Returns the indices at which the marks have this value, ascending. */
export function pixelsWhere(marks: Uint8Array, value: 0 | 1): Int32Array {
  const pixels = new Int32Array(marks.length);
  let count = 0;
  marks.forEach((mark, pixel) => {
    if (mark === value) pixels[count++] = pixel;
  });
  return pixels.slice(0, count);
}

/** Returns the image within an area of it. */
export function cropImage(image: KnownImage, area: Area): KnownImage {
  return {
    height: area.height,
    width: area.width,
    values: cropValues(image.values, { width: image.width, channels: 3 }, area),
    isKnown: cropValues(image.isKnown, { width: image.width, channels: 1 }, area),
  };
}

/** Extends an image to at least `side` in width and height by unknown pixels on the right and below. */
export function padImage(image: KnownImage, side: number): KnownImage {
  const width = Math.max(side, image.width);
  const height = Math.max(side, image.height);
  if (width === image.width && height === image.height) return image;
  const values = new Float32Array(width * height * 3);
  const isKnown = new Uint8Array(width * height);
  for (let y = 0; y < image.height; y++) {
    const row = y * image.width;
    values.set(image.values.subarray(row * 3, (row + image.width) * 3), y * width * 3);
    isKnown.set(image.isKnown.subarray(row, row + image.width), y * width);
  }
  return { width, height, values, isKnown };
}

/** Extends values [height, width, 3] to a larger size by repeating the last column and the last row. */
export function extendValues(
  values: Float32Array,
  from: { width: number; height: number },
  to: { width: number; height: number },
): Float32Array {
  if (from.width === to.width && from.height === to.height) return values;
  const extended = new Float32Array(to.width * to.height * 3);
  for (let y = 0; y < to.height; y++) {
    for (let x = 0; x < to.width; x++) {
      const source = (Math.min(y, from.height - 1) * from.width + Math.min(x, from.width - 1)) * 3;
      extended.set(values.subarray(source, source + 3), (y * to.width + x) * 3);
    }
  }
  return extended;
}

/** Counts known pixels of rectangles in constant time: a summed-area table (Crow 1984). */
export interface KnownCounts {
  /** Returns the number of known pixels of an area inside the image. */
  countIn(area: Area): number;
}

/** Creates the table of an image; it takes 4 bytes per pixel. */
export function countKnown({
  height,
  width,
  isKnown,
}: Pick<KnownImage, 'height' | 'width' | 'isKnown'>): KnownCounts {
  const line = width + 1;
  // Entry (x, y) counts the known pixels left of x and above y.
  const sums = new Uint32Array(line * (height + 1));
  for (let y = 0; y < height; y++) {
    let row = 0;
    for (let x = 0; x < width; x++) {
      row += isKnown[y * width + x];
      sums[(y + 1) * line + x + 1] = sums[y * line + x + 1] + row;
    }
  }
  return {
    countIn({ x, y, width: columns, height: rows }) {
      const top = y * line + x;
      const bottom = (y + rows) * line + x;
      return sums[bottom + columns] - sums[bottom] - sums[top + columns] + sums[top];
    },
  };
}
