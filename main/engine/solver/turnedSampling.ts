/**
 * Results averaged over the symmetries of the picture: each turned picture is sampled and its result turned back. Timofte,
 * Rothe & Van Gool 2016, "Seven ways to improve example-based single image super resolution", §"enhanced prediction".
 */

import type { ImageBatch } from '../../../shared/images/image.ts';
import { squareSymmetries } from '../train/squareSymmetries.ts';

/**
 * Where the pixels of a picture go in each of 1, 2 or 8 symmetries; the first is the identity, the second mirrors left to
 * right.
 * @throws Error for eight symmetries of a picture that is not square.
 */
export function pictureSymmetries(
  count: number,
  { height, width }: Pick<ImageBatch, 'height' | 'width'>,
): readonly Int32Array[] {
  if (height === width) return squareSymmetries(width).slice(0, count);
  if (count > 2) {
    throw new Error(
      `A picture of ${width}×${height} pixels cannot be turned, only mirrored: choose 2 symmetries or 1.`,
    );
  }
  const pixels = Int32Array.from({ length: height * width }, (_, pixel) => pixel);
  const mirrored = pixels.map((pixel) => pixel - (pixel % width) + (width - 1 - (pixel % width)));
  return [pixels, mirrored].slice(0, count);
}

/** Pictures of three channels, one after the other, with every pixel where the symmetry takes it. */
export function turnPictures(values: Float32Array, symmetry: Int32Array): Float32Array {
  return movePixels(values, symmetry, (pixel) => [symmetry[pixel], pixel]);
}

/** The inverse of turnPictures. */
export function turnBack(values: Float32Array, symmetry: Int32Array): Float32Array {
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
