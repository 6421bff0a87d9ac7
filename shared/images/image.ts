/** Images as they cross every border: float RGB in [0, 1], channels last. */

/** `count` images of one size; `values` has count × height × width × 3 numbers, row-major, channels last. */
export interface ImageBatch {
  readonly count: number;
  readonly height: number;
  readonly width: number;
  readonly values: Float32Array;
}

/** One image; `values` has height × width × 3 numbers. */
export interface Image {
  readonly height: number;
  readonly width: number;
  readonly values: Float32Array;
}

/** The `index`-th image of a batch as a view (no copy). */
export function imageAt(batch: ImageBatch, index: number): Image {
  const size = batch.height * batch.width * 3;
  return {
    height: batch.height,
    width: batch.width,
    values: batch.values.subarray(index * size, (index + 1) * size),
  };
}

/** The pixels of one image that are known. */
export interface SparseObservation {
  readonly height: number;
  readonly width: number;
  /** Row-major pixel indices, n of them, each in [0, height × width). */
  readonly indices: Int32Array;
  /** n × 3 numbers in [0, 1], unless they are noisy. */
  readonly values: Float32Array;
}

/** Keep the pixels of `image` at `indices`. */
export function observe(image: Image, indices: Int32Array): SparseObservation {
  const values = new Float32Array(indices.length * 3);
  indices.forEach((pixel, row) => values.set(image.values.subarray(pixel * 3, pixel * 3 + 3), row * 3));
  return { height: image.height, width: image.width, indices, values };
}

/** Write the observed pixels over `values` (height × width × 3), in place. */
export function pasteObserved(values: Float32Array, observation: SparseObservation): void {
  observation.indices.forEach((pixel, row) =>
    values.set(observation.values.subarray(row * 3, row * 3 + 3), pixel * 3),
  );
}

/** Returns the values clamped to [0, 1], as results are scored; noisy observations may be outside. */
export function clampColours(values: Float32Array): Float32Array {
  return values.map((value) => Math.min(1, Math.max(0, value)));
}
