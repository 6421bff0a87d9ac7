/** Typed arrays of one type from those of another. */

/**
 * Fills an array with mapped values, as many as it has places for, and returns it. `Uint8Array.from(values, map)` is the same for a
 * few numbers, and takes fifty times as long for an image, because it iterates.
 */
export function mapInto<
  Output extends Float32Array | Float64Array | Int32Array | Uint8Array | Uint8ClampedArray,
>(output: Output, values: ArrayLike<number>, map: (value: number, index: number) => number): Output {
  for (let index = 0; index < output.length; index++) output[index] = map(values[index], index);
  return output;
}
