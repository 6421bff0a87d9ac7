/** Errors of single images: mean squared and absolute error, PSNR, and the error at observed pixels. Sums are float64. */

/** Values of an image as float32 or float64, row-major, channels last. */
export type PixelValues = Float32Array | Float64Array;

/** @throws Error when the two images differ in length or have no pixel. */
export function assertComparable(truth: PixelValues, result: PixelValues): void {
  if (truth.length === 0 || truth.length !== result.length) {
    throw new Error(
      `Cannot compare ${result.length} result values with ${truth.length} true values: ` +
        'expected the same number, at least one; pass two images of the same size.',
    );
  }
}

/**
 * Returns the mean of (truth − result)² over all values.
 * @throws Error when the images differ in length.
 */
export function meanSquaredError(truth: PixelValues, result: PixelValues): number {
  assertComparable(truth, result);
  let sum = 0;
  for (let index = 0; index < truth.length; index++) {
    const difference = truth[index] - result[index];
    sum += difference * difference;
  }
  return sum / truth.length;
}

/**
 * Returns the mean of |truth − result| over all values.
 * @throws Error when the images differ in length.
 */
export function meanAbsoluteError(truth: PixelValues, result: PixelValues): number {
  assertComparable(truth, result);
  let sum = 0;
  for (let index = 0; index < truth.length; index++) sum += Math.abs(truth[index] - result[index]);
  return sum / truth.length;
}

/**
 * Returns the peak signal-to-noise ratio in dB for the data range [0, 1], −10 log₁₀(mean squared error); Infinity when the
 * images are equal.
 * @throws Error when the images differ in length.
 */
export function psnr(truth: PixelValues, result: PixelValues): number {
  return -10 * Math.log10(meanSquaredError(truth, result));
}

/**
 * Returns the PSNR in dB over the pixels of an RGB image that are not in `observed` (row-major indices): Infinity when the
 * images are equal there, null when every pixel is observed.
 * @throws Error when the images differ in length or an index lies outside them.
 */
export function psnrUnobserved(truth: PixelValues, result: PixelValues, observed: Int32Array): number | null {
  assertComparable(truth, result);
  const isObserved = markObserved(observed, truth.length / 3);
  let sum = 0;
  let count = 0;
  for (let index = 0; index < truth.length; index++) {
    if (isObserved[Math.floor(index / 3)] === 1) continue;
    const difference = truth[index] - result[index];
    sum += difference * difference;
    count++;
  }
  return count === 0 ? null : -10 * Math.log10(sum / count);
}

/**
 * Returns the root mean squared error over the observed pixels of an RGB image (row-major indices); 0 when none is observed.
 * Measure it before observed pixels are pasted: afterwards it is 0 for every method.
 * @throws Error when the images differ in length.
 */
export function observedRmse(truth: PixelValues, result: PixelValues, observed: Int32Array): number {
  if (observed.length === 0) return 0;
  const positions = Int32Array.from({ length: observed.length * 3 }, (_, index) => {
    return observed[Math.floor(index / 3)] * 3 + (index % 3);
  });
  return Math.sqrt(meanSquaredError(gatherValues(truth, positions), gatherValues(result, positions)));
}

/**
 * Returns the values at `positions` as float64.
 * @throws Error when a position lies outside the image.
 */
export function gatherValues(values: PixelValues, positions: Int32Array): Float64Array {
  return Float64Array.from(positions, (position) => {
    const value = values[position];
    if (value === undefined) {
      throw new Error(
        `Value ${position} lies outside an image of ${values.length} values: pass the mask that belongs to it.`,
      );
    }
    return value;
  });
}

/**
 * Returns the positions in an RGB image of `length` values that belong to no observed pixel, ascending.
 * @throws Error when an index lies outside the image.
 */
export function unobservedPositions(observed: Int32Array, length: number): Int32Array {
  const marks = markObserved(observed, length / 3);
  const positions = new Int32Array(length);
  let count = 0;
  for (let position = 0; position < length; position++) {
    if (marks[Math.floor(position / 3)] === 0) positions[count++] = position;
  }
  return positions.subarray(0, count);
}

/** Returns 1 for every observed pixel of `pixels` and 0 for the others. @throws Error when an index lies outside the image. */
function markObserved(observed: Int32Array, pixels: number): Uint8Array {
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
