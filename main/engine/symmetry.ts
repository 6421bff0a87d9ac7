/**
 * The symmetries of an image: for augmentation, and for results averaged over mirrored and rotated copies (self-ensemble:
 * Timofte, Rothe & Van Gool 2016, "Seven ways to improve example-based single image super resolution", §"enhanced
 * prediction").
 */

import type { ImageBatch } from '../../shared/images/image.ts';

/** Returns the eight symmetries of a size × size image as pixel maps: map[pixel] is where the pixel goes. The first is the identity. */
export function squareSymmetries(size: number): readonly Int32Array[] {
  const last = size - 1;
  const turns: ((row: number, column: number) => [number, number])[] = [
    (row, column) => [row, column],
    (row, column) => [row, last - column],
    (row, column) => [last - row, column],
    (row, column) => [last - row, last - column],
    (row, column) => [column, row],
    (row, column) => [column, last - row],
    (row, column) => [last - column, row],
    (row, column) => [last - column, last - row],
  ];
  return turns.map((turn) =>
    Int32Array.from({ length: size * size }, (_, pixel) => {
      const [row, column] = turn(Math.floor(pixel / size), pixel % size);
      return row * size + column;
    }),
  );
}

/**
 * Returns the pixel maps of the first 1, 2 or 8 symmetries of an image: the identity, the mirror image (left to right),
 * then the other mirrored and rotated copies.
 * @throws Error when more than two symmetries of an image that is not square are requested.
 */
export function imageSymmetries(
  count: number,
  { height, width }: Pick<ImageBatch, 'height' | 'width'>,
): readonly Int32Array[] {
  if (height === width) return squareSymmetries(width).slice(0, count);
  if (count > 2) {
    throw new Error(
      `An image of ${width}×${height} pixels is not square, so that it can be mirrored but not rotated: ` +
        `found ${count} symmetries, expected 1 or 2.`,
    );
  }
  const pixels = Int32Array.from({ length: height * width }, (_, pixel) => pixel);
  const mirrored = pixels.map((pixel) => pixel - (pixel % width) + (width - 1 - (pixel % width)));
  return [pixels, mirrored].slice(0, count);
}

/** Moves every pixel of some RGB images, stored one after the other, to where the symmetry takes it. */
export function applySymmetry(values: Float32Array, symmetry: Int32Array): Float32Array {
  return movePixels(values, symmetry, (pixel) => [symmetry[pixel], pixel]);
}

/** Undoes `applySymmetry`. */
export function undoSymmetry(values: Float32Array, symmetry: Int32Array): Float32Array {
  return movePixels(values, symmetry, (pixel) => [pixel, symmetry[pixel]]);
}

function movePixels(
  values: Float32Array,
  { length: pixels }: Int32Array,
  move: (pixel: number) => [to: number, from: number],
): Float32Array {
  const moved = new Float32Array(values.length);
  for (let first = 0; first < values.length; first += 3 * pixels) {
    for (let pixel = 0; pixel < pixels; pixel++) {
      const [to, from] = move(pixel);
      for (let channel = 0; channel < 3; channel++) {
        moved[first + 3 * to + channel] = values[first + 3 * from + channel];
      }
    }
  }
  return moved;
}
