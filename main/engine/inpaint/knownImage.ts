/** An image of any size of which some values are known, and how parts of it are cut out. */

import { type Area, cropValues } from '../../../shared/images/crop.ts';
import { observedPixels, type SparseObservation } from '../../../shared/images/image.ts';
import { knownInChannel, knownPixels, type Mask, valueBit } from '../../../shared/images/mask.ts';
import { applySymmetry, type Symmetry } from '../symmetry.ts';

/** An image with its mask. */
export interface KnownImage extends Mask {
  /** height × width × 3 values in [0, 1]; zeros where unknown. */
  readonly values: Float32Array;
}

/**
 * Returns the known part of an 8-bit RGB image.
 * @throws Error when the sizes do not match, or no value of a channel is known.
 */
export function knownPartOf({
  pixels,
  mask,
}: {
  readonly pixels: Uint8Array;
  readonly mask: Mask;
}): KnownImage {
  const { height, width, channels, bits } = mask;
  const count = height * width;
  if (pixels.length !== count * 3 || bits.length !== count * channels) {
    throw new Error(
      `An image of ${width}×${height} has ${count * 3} bytes and a mask of ${count * channels}: ` +
        `found ${pixels.length} and ${bits.length}; pass the mask of this image.`,
    );
  }
  assertKnown({ channels, bits });
  const values = new Float32Array(count * 3);
  for (let index = 0; index < values.length; index++) {
    if (valueBit({ channels, bits }, index) === 1) values[index] = pixels[index] / 255;
  }
  return { height, width, channels, bits, values };
}

const channelNames = ['red', 'green', 'blue'];

function assertKnown(mask: Pick<Mask, 'channels' | 'bits'>): void {
  if (!mask.bits.includes(1)) {
    throw new Error(
      'No pixel is known: expected at least one; raise the fraction of known pixels or paint some.',
    );
  }
  if (mask.channels === 1) return;
  const missing = channelNames.find((_, channel) => !knownInChannel(mask, channel).includes(1));
  if (missing === undefined) return;
  throw new Error(
    `The ${missing} channel is known nowhere: expected at least one pixel that shows it; change the mask, or use an image of at least 2×2 pixels.`,
  );
}

/** Returns the known values in row-major order. */
export function observationOf({ height, width, values, ...mask }: KnownImage): SparseObservation {
  const { indices, channels } = observedPixels(mask);
  const observed = new Float32Array(indices.length * 3);
  indices.forEach((pixel, row) => {
    if (channels) observed[row * 3 + channels[row]] = values[pixel * 3 + channels[row]];
    else observed.set(values.subarray(pixel * 3, pixel * 3 + 3), row * 3);
  });
  return { height, width, indices, values: observed, ...(channels && { channels }) };
}

/** Returns one channel of an image as a grey image, with the mask of that channel. */
export function channelOf(image: KnownImage, channel: number): KnownImage {
  const { height, width, values } = image;
  const grey = new Float32Array(values.length);
  for (let at = 0; at < values.length; at += 3) grey.fill(values[at + channel], at, at + 3);
  return { height, width, channels: 1, bits: knownInChannel(image, channel), values: grey };
}

/** Returns the image within an area of it. */
export function cropImage(image: KnownImage, area: Area): KnownImage {
  const { width, channels } = image;
  return {
    height: area.height,
    width: area.width,
    channels,
    values: cropValues(image.values, { width, channels: 3 }, area),
    bits: cropValues(image.bits, { width, channels }, area),
  };
}

/** Returns the reflected or rotated image. */
export function turnImage({ channels, values, bits }: KnownImage, symmetry: Symmetry): KnownImage {
  return {
    width: symmetry.width,
    height: symmetry.height,
    channels,
    values: applySymmetry(values, symmetry),
    bits: applySymmetry(bits, symmetry, channels),
  };
}

/** Extends an image to at least `side` in width and height by unknown pixels on the right and below. */
export function padImage(image: KnownImage, side: number): KnownImage {
  const { channels } = image;
  const width = Math.max(side, image.width);
  const height = Math.max(side, image.height);
  if (width === image.width && height === image.height) return image;
  const values = new Float32Array(width * height * 3);
  const bits = new Uint8Array(width * height * channels);
  for (let y = 0; y < image.height; y++) {
    const row = y * image.width;
    const end = row + image.width;
    values.set(image.values.subarray(row * 3, end * 3), y * width * 3);
    bits.set(image.bits.subarray(row * channels, end * channels), y * width * channels);
  }
  return { width, height, channels, values, bits };
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
  /** Returns the number of pixels of an area inside the image of which every channel is known. */
  countIn(area: Area): number;
}

/** Creates the table of an image; it takes 4 bytes per pixel. */
export function countKnown(image: Mask): KnownCounts {
  const { height, width } = image;
  const isKnown = knownPixels(image);
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
