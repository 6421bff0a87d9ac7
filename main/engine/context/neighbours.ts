/** The observed pixels nearest to each query, with their offsets: the input of a local network. */

/** Numbers per neighbour: offset (x, y) in mean distances between observed pixels, then RGB. */
export const neighbourEntries = 5;

/** Returns how many neighbours each query gets: `wanted`, or all observed pixels when there are fewer. */
export function countNeighbours(wanted: number, { observed }: { readonly observed: Int32Array }): number {
  return Math.min(wanted, observed.length);
}

/**
 * Writes the `count` nearest observed pixels of every query to `output` (queries × count × 5 numbers), the nearest first;
 * pixels at the same distance are ordered by their row-major index. The order of `observed` has no influence.
 */
export function writeNeighbours(
  output: Float32Array,
  { observed, queries }: { readonly observed: Int32Array; readonly queries: Int32Array },
  from: { height: number; width: number; image: Float32Array; count: number },
): void {
  const { height, width, image, count } = from;
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

/** Searches growing squares: once one holds enough pixels, none outside a square √2 times as wide can be nearer. */
function nearestPixels(
  query: number,
  isObserved: Uint8Array,
  { height, width, count }: { height: number; width: number; count: number },
): number[] {
  const row = Math.floor(query / width);
  const column = query % width;
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
