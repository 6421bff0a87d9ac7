/** The numbers a metric reads: images of one size as float32 or float64, row-major, channels last. */

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
