/**
 * The symmetries of an image: for augmentation, and for results averaged over mirrored and rotated copies (self-ensemble:
 * Timofte, Rothe & Van Gool 2016, "Seven ways to improve example-based single image super resolution", §"enhanced
 * prediction").
 */

import type { ImageBatch } from '../../shared/images/image.ts';

type Size = Pick<ImageBatch, 'height' | 'width'>;

/** A reflection, a rotation, or both: the size of what an image becomes, and where each pixel goes. */
export interface Symmetry extends Size {
  /** to[pixel] is the new index of a pixel; both are row-major. */
  readonly to: Int32Array;
}

/** Returns the eight symmetries of a size × size image as pixel maps: map[pixel] is where the pixel goes. The first is the identity. */
export function squareSymmetries(size: number): readonly Int32Array[] {
  return imageSymmetries(8, { height: size, width: size }).map(({ to }) => to);
}

/** Returns the first 1, 2 or 8 symmetries of an image; see `imageSymmetry`. */
export function imageSymmetries(count: number, size: Size): readonly Symmetry[] {
  return Array.from({ length: count }, (_, number) => imageSymmetry(number, size));
}

/**
 * Returns a symmetry of an image by its number: 0, the identity; 1, the mirror image (left to right); then the other mirrored and
 * rotated copies, up to 7. The sides change places from 4 on.
 */
export function imageSymmetry(number: number, { height, width }: Size): Symmetry {
  const isTurned = number >= 4;
  const size = isTurned ? { height: width, width: height } : { height, width };
  // The lower bit reflects the second coordinate of the result, the higher bit the first.
  const reflectsColumn = (number & 1) === 1;
  const reflectsRow = (number & 2) === 2;
  const to = new Int32Array(height * width);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const [down, along] = isTurned ? [column, row] : [row, column];
      const newRow = reflectsRow ? size.height - 1 - down : down;
      const newColumn = reflectsColumn ? size.width - 1 - along : along;
      to[row * width + column] = newRow * size.width + newColumn;
    }
  }
  return { ...size, to };
}

/** Moves every pixel of some images, stored one after the other with so many values a pixel, to where the symmetry takes it. */
export function applySymmetry<Values extends Float32Array | Uint8Array>(
  values: Values,
  { to }: Pick<Symmetry, 'to'>,
  channels = 3,
): Values {
  const moved = values.slice() as Values;
  for (let first = 0; first < values.length; first += channels * to.length) {
    for (let pixel = 0; pixel < to.length; pixel++) {
      for (let channel = 0; channel < channels; channel++)
        moved[first + channels * to[pixel] + channel] = values[first + channels * pixel + channel];
    }
  }
  return moved;
}

/** Undoes `applySymmetry`. */
export function undoSymmetry<Values extends Float32Array | Uint8Array>(
  values: Values,
  { to }: Pick<Symmetry, 'to'>,
  channels = 3,
): Values {
  const moved = values.slice() as Values;
  for (let first = 0; first < values.length; first += channels * to.length) {
    for (let pixel = 0; pixel < to.length; pixel++) {
      for (let channel = 0; channel < channels; channel++)
        moved[first + channels * pixel + channel] = values[first + channels * to[pixel] + channel];
    }
  }
  return moved;
}
