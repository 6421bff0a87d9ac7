/** The observed pixels nearest to a query, with their offsets: what a local field reads. */

import type { Example } from './contextArrays.ts';

/** Numbers a neighbour: offset (x, y) in mean distances of observed pixels, then its colour. */
export const neighbourEntries = 5;

/** How many neighbours an example can have. */
export function countNeighbours(wanted: number, { observed }: Pick<Example, 'observed'>): number {
  return Math.min(wanted, observed.length);
}

/**
 * Writes for every query its `count` nearest observed pixels, the nearest first and of equals the one that comes first in
 * the picture: queries × count × 5 numbers. The order of the observed pixels has no influence.
 */
export function writeNeighbours(
  output: Float32Array,
  { observed, queries }: Pick<Example, 'observed' | 'queries'>,
  picture: { height: number; width: number; image: Float32Array; count: number },
): void {
  const { height, width, image, count } = picture;
  const isObserved = new Uint8Array(height * width);
  observed.forEach((pixel) => (isObserved[pixel] = 1));
  const density = Math.sqrt(observed.length / (height * width));
  let at = 0;
  for (const query of queries) {
    for (const pixel of nearestPixels(query, isObserved, { height, width, count })) {
      output[at] = ((pixel % width) - (query % width)) * density;
      output[at + 1] = (Math.floor(pixel / width) - Math.floor(query / width)) * density;
      output.set(image.subarray(3 * pixel, 3 * pixel + 3), at + 2);
      at += neighbourEntries;
    }
  }
}

/** Looks in growing squares: once one holds enough, nothing nearer lies outside of the square √2 times as wide. */
function nearestPixels(
  query: number,
  isObserved: Uint8Array,
  { height, width, count }: { height: number; width: number; count: number },
): number[] {
  const [row, column] = [Math.floor(query / width), query % width];
  const found: { pixel: number; distance: number }[] = [];
  let last = height + width;
  for (let reach = 0; reach <= last; reach++) {
    const collect = (y: number, x: number) => {
      const pixel = y * width + x;
      if (y < 0 || x < 0 || y >= height || x >= width || isObserved[pixel] === 0) return;
      found.push({ pixel, distance: (y - row) ** 2 + (x - column) ** 2 });
    };
    for (let x = column - reach; x <= column + reach; x++) {
      collect(row - reach, x);
      if (reach > 0) collect(row + reach, x);
    }
    for (let y = row - reach + 1; y < row + reach; y++) {
      collect(y, column - reach);
      collect(y, column + reach);
    }
    if (found.length >= count) last = Math.min(last, Math.ceil(reach * Math.SQRT2));
  }
  found.sort((one, other) => one.distance - other.distance || one.pixel - other.pixel);
  return found.slice(0, count).map(({ pixel }) => pixel);
}
