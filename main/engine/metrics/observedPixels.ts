/** Which values of an image belong to observed pixels. */

/**
 * 1 at every observed pixel of `pixels`, 0 elsewhere; `observed` are row-major pixel indices.
 * @throws Error when an index lies outside the image.
 */
export function markObserved(observed: Int32Array, pixels: number): Uint8Array {
  const marks = new Uint8Array(pixels);
  for (const pixel of observed) {
    if (pixel < 0 || pixel >= pixels) {
      throw new Error(
        `Observed pixel ${pixel} lies outside the image: expected 0 … ${pixels - 1}; ` +
          'pass the mask that belongs to this image.',
      );
    }
    marks[pixel] = 1;
  }
  return marks;
}

/** Positions in an RGB image of `length` values that belong to no observed pixel, ascending. @throws as markObserved. */
export function unobservedPositions(observed: Int32Array, length: number): Int32Array {
  const marks = markObserved(observed, length / 3);
  const positions = new Int32Array(length);
  let count = 0;
  for (let position = 0; position < length; position++) {
    if (marks[Math.floor(position / 3)] === 0) positions[count++] = position;
  }
  return positions.subarray(0, count);
}
