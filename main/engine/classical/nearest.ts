/** Nearest neighbour: every pixel gets the colour of the observed pixel with the smallest Euclidean distance. */

import type { SparseObservation } from '../../../shared/images/image.ts';

export interface ImageSize {
  readonly height: number;
  readonly width: number;
}

/** Returns height × width × 3 values, exact at observed pixels. O(pixels × distance to the nearest observed pixel). */
export function reconstructNearest(observation: SparseObservation): Float32Array {
  const rows = nearestObserved(observation.indices, observation);
  const output = new Float32Array(rows.length * 3);
  rows.forEach((row, pixel) => output.set(observation.values.subarray(row * 3, row * 3 + 3), pixel * 3));
  return output;
}

/**
 * Returns for every pixel the position in `indices` (at least one) of the nearest observed pixel. Of equally near pixels the
 * leftmost is taken, then the upper one, independently of the order of `indices`: a rule that favours neither rows nor columns.
 */
export function nearestObserved(indices: Int32Array, size: ImageSize): Int32Array {
  const { height, width } = size;
  const inColumn = nearestInColumn(indices, size);
  const rows = new Int32Array(height * width);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) rows[y * width + x] = searchColumns(inColumn, indices, { x, y, width });
  }
  return rows;
}

/** Returns the position in `indices` of the nearest observed pixel of the same column, −1 for empty columns. */
function nearestInColumn(indices: Int32Array, { height, width }: ImageSize): Int32Array {
  const nearest = new Int32Array(height * width).fill(-1);
  indices.forEach((pixel, row) => (nearest[pixel] = row));
  const distance = new Int32Array(height * width).map((_, pixel) => (nearest[pixel] < 0 ? height : 0));
  const spread = (from: number, to: number) => {
    if (distance[from] + 1 >= distance[to]) return;
    distance[to] = distance[from] + 1;
    nearest[to] = nearest[from];
  };
  for (let pixel = width; pixel < nearest.length; pixel++) spread(pixel - width, pixel);
  for (let pixel = nearest.length - 1 - width; pixel >= 0; pixel--) spread(pixel + width, pixel);
  return nearest;
}

interface Position {
  readonly x: number;
  readonly y: number;
  readonly width: number;
}

/** Searches columns at increasing distance until that distance alone exceeds the best one found. */
function searchColumns(inColumn: Int32Array, indices: Int32Array, { x, y, width }: Position): number {
  let best = -1;
  let bestDistance = Infinity;
  for (let reach = 0; reach < width && reach * reach <= bestDistance; reach++) {
    for (const column of [x - reach, x + reach]) {
      const row = column >= 0 && column < width ? inColumn[y * width + column] : -1;
      if (row < 0) continue;
      const rise = Math.floor(indices[row] / width) - y;
      const distance = reach * reach + rise * rise;
      const isLeftOfBest = distance === bestDistance && column < indices[best] % width;
      if (distance >= bestDistance && !isLeftOfBest) continue;
      bestDistance = distance;
      best = row;
    }
  }
  return best;
}

/**
 * Gives every unknown pixel, in place, the colour of a known one (`isKnown` 1; at least one) at the smallest city-block distance, in two
 * passes over the image: Borgefors 1986, "Distance transformations in digital images". O(pixels).
 */
export function spreadKnown(values: Float32Array, isKnown: Uint8Array, { height, width }: ImageSize): void {
  const pixels = height * width;
  const nearest = new Int32Array(pixels);
  const distance = new Int32Array(pixels).fill(pixels);
  const consider = (pixel: number, neighbour: number) => {
    if (distance[neighbour] + 1 >= distance[pixel]) return;
    distance[pixel] = distance[neighbour] + 1;
    nearest[pixel] = nearest[neighbour];
  };
  for (let pixel = 0; pixel < pixels; pixel++) {
    if (isKnown[pixel] === 1) {
      nearest[pixel] = pixel;
      distance[pixel] = 0;
      continue;
    }
    if (pixel % width > 0) consider(pixel, pixel - 1);
    if (pixel >= width) consider(pixel, pixel - width);
  }
  for (let pixel = pixels - 1; pixel >= 0; pixel--) {
    if (isKnown[pixel] === 1) continue;
    if (pixel % width < width - 1) consider(pixel, pixel + 1);
    if (pixel < pixels - width) consider(pixel, pixel + width);
    values.copyWithin(pixel * 3, nearest[pixel] * 3, nearest[pixel] * 3 + 3);
  }
}
