/** A picture of any size of which some pixels are known: what is cut into tiles. */

import type { SparseObservation } from '../../../shared/images/image.ts';
import type { Area } from './planTiles.ts';

export interface KnownPicture {
  readonly height: number;
  readonly width: number;
  /** height × width × 3 numbers in [0, 1]; zeros where nothing is known. */
  readonly values: Float32Array;
  /** height × width, 1 = known. */
  readonly isKnown: Uint8Array;
}

/**
 * The known part of 8-bit RGB.
 * @throws Error when sizes do not fit, or nothing is known.
 */
export function knownPartOf(picture: {
  readonly height: number;
  readonly width: number;
  readonly pixels: Uint8Array;
  readonly mask: Uint8Array;
}): KnownPicture {
  const { height, width, pixels, mask } = picture;
  const count = height * width;
  if (pixels.length !== count * 3 || mask.length !== count) {
    throw new Error(
      `A picture of ${width}×${height} has ${count * 3} bytes and a mask of ${count}: found ${pixels.length} and ${mask.length}; give the mask of this picture.`,
    );
  }
  if (!mask.includes(1)) {
    throw new Error(
      'No pixel is known: expected at least one; raise the share of known pixels or paint some.',
    );
  }
  const values = new Float32Array(count * 3);
  for (let index = 0; index < values.length; index++) {
    if (mask[Math.floor(index / 3)] === 1) values[index] = pixels[index] / 255;
  }
  return { height, width, values, isKnown: mask };
}

/** The known pixels in row-major order. */
export function observationOf({ height, width, values, isKnown }: KnownPicture): SparseObservation {
  const indices = placesOf(isKnown, 1);
  const observed = new Float32Array(indices.length * 3);
  indices.forEach((pixel, row) => observed.set(values.subarray(pixel * 3, pixel * 3 + 3), row * 3));
  return { height, width, indices, values: observed };
}

/** Where the marks have this value, ascending. */
export function placesOf(marks: Uint8Array, value: 0 | 1): Int32Array {
  const places = new Int32Array(marks.length);
  let count = 0;
  marks.forEach((mark, place) => {
    if (mark === value) places[count++] = place;
  });
  return places.slice(0, count);
}

/** The picture within an area of it. */
export function cutPicture(picture: KnownPicture, area: Area): KnownPicture {
  const { height, width } = area;
  return {
    ...{ height, width },
    values: cutRows(picture.values, { width: picture.width, channels: 3 }, area),
    isKnown: cutRows(picture.isKnown, { width: picture.width, channels: 1 }, area),
  };
}

/** The numbers of an area, of a picture with so many columns and channels. */
export function cutRows<Numbers extends Float32Array | Uint8Array>(
  values: Numbers,
  of: { width: number; channels: number },
  { x, y, width, height }: Area,
): Numbers {
  const row = width * of.channels;
  const cut = values.slice(0, height * row) as Numbers;
  for (let line = 0; line < height; line++) {
    const from = ((y + line) * of.width + x) * of.channels;
    cut.set(values.subarray(from, from + row), line * row);
  }
  return cut;
}

/** At least `side` wide and high: on the right and below are unknown pixels. */
export function padPicture(picture: KnownPicture, side: number): KnownPicture {
  const size = { width: Math.max(side, picture.width), height: Math.max(side, picture.height) };
  if (size.width === picture.width && size.height === picture.height) return picture;
  const values = new Float32Array(size.width * size.height * 3);
  const isKnown = new Uint8Array(size.width * size.height);
  for (let y = 0; y < picture.height; y++) {
    const row = y * picture.width;
    values.set(picture.values.subarray(row * 3, (row + picture.width) * 3), y * size.width * 3);
    isKnown.set(picture.isKnown.subarray(row, row + picture.width), y * size.width);
  }
  return { ...size, values, isKnown };
}

/** Values of a picture [height, width, 3] on a larger one: the last column and the last row repeated. */
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
