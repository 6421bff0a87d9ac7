/** Mean and standard deviation of samples that are not kept: Welford 1962, "Note on a method for calculating corrected sums". */

export interface ImageMoments {
  /** Adds a sample of height × width × 3 values; all samples must have the same length. */
  add(sample: Float32Array): void;
  /** Returns height × width × 3 values. */
  mean(): Float32Array;
  /** Returns height × width values: the root of the mean variance of the channels (divisor N − 1); zeros after a single sample. */
  deviation(): Float32Array;
}

/** Creates the moments of samples with `length` values. */
export function createImageMoments(length: number): ImageMoments {
  const mean = new Float32Array(length);
  const squares = new Float32Array(length);
  let count = 0;
  return {
    add(sample) {
      count += 1;
      for (let index = 0; index < length; index++) {
        const difference = sample[index] - mean[index];
        mean[index] += difference / count;
        squares[index] += difference * (sample[index] - mean[index]);
      }
    },
    mean: () => mean,
    deviation: () =>
      Float32Array.from({ length: length / 3 }, (_, pixel) => {
        const sum = squares[3 * pixel] + squares[3 * pixel + 1] + squares[3 * pixel + 2];
        return Math.sqrt(sum / 3 / Math.max(1, count - 1));
      }),
  };
}
