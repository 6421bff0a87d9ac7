/** Images as they cross every border: float RGB in [0, 1], channels last. */

import { mapInto } from '../numbers/mapInto.ts';
import type { MaskValues } from './mask.ts';

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

/** The values of one image that are known. */
export interface SparseObservation {
  readonly height: number;
  readonly width: number;
  /** Row-major pixel indices, n of them, each in [0, height × width). */
  readonly indices: Int32Array;
  /** n × 3 numbers in [0, 1], unless they are noisy; zeros in channels that are not observed. */
  readonly values: Float32Array;
  /**
   * The one channel that is observed of each of the n entries, 0 to 2: a pixel has an entry for each of its observed channels.
   * Absent: every entry is a pixel that is observed in all three.
   */
  readonly channels?: Uint8Array;
}

/** Which values of an image are observed. */
export type ObservedPixels = Pick<SparseObservation, 'indices' | 'channels'>;

/** Returns which values of an image a mask leaves observed, in row-major order. */
export function observedPixels({ channels, bits }: MaskValues): ObservedPixels {
  let count = 0;
  const indices = new Int32Array(bits.length);
  for (let index = 0; index < bits.length; index++) if (bits[index] === 1) indices[count++] = index;
  const observed = indices.slice(0, count);
  if (channels === 1) return { indices: observed };
  return {
    indices: observed.map((value) => Math.floor(value / 3)),
    channels: mapInto(new Uint8Array(count), observed, (value) => value % 3),
  };
}

/** Keeps the pixels of `image` at `indices`, with `channels` only that channel of each. */
export function observe(image: Image, indices: Int32Array, channels?: Uint8Array): SparseObservation {
  const values = new Float32Array(indices.length * 3);
  const observation = { height: image.height, width: image.width, indices, values };
  if (!channels) {
    indices.forEach((pixel, row) => values.set(image.values.subarray(pixel * 3, pixel * 3 + 3), row * 3));
    return observation;
  }
  channels.forEach((channel, row) => (values[row * 3 + channel] = image.values[indices[row] * 3 + channel]));
  return { ...observation, channels };
}

/** Writes the observed values over `values` (height × width × 3), in place; channels that are not observed stay. */
export function pasteObserved(values: Float32Array, observation: SparseObservation): void {
  const { indices, channels, values: observed } = observation;
  if (channels) {
    channels.forEach((channel, row) => (values[indices[row] * 3 + channel] = observed[row * 3 + channel]));
    return;
  }
  indices.forEach((pixel, row) => values.set(observed.subarray(row * 3, row * 3 + 3), pixel * 3));
}

/**
 * Returns pixels × 3 bytes, 1 for every value that is observed.
 * @throws Error when an index lies outside the image.
 */
export function markObserved({ indices, channels }: ObservedPixels, pixels: number): Uint8Array {
  const marks = new Uint8Array(pixels * 3);
  indices.forEach((pixel, row) => {
    if (pixel < 0 || pixel >= pixels) {
      throw new Error(
        `Observed pixel ${pixel} lies outside the image: expected 0 … ${pixels - 1}; ` +
          'pass the mask that belongs to this image.',
      );
    }
    if (channels) marks[pixel * 3 + channels[row]] = 1;
    else marks.fill(1, pixel * 3, pixel * 3 + 3);
  });
  return marks;
}

/** Returns the values clamped to [0, 1], as results are scored; noisy observations may be outside. */
export function clampColours(values: Float32Array): Float32Array {
  return values.map((value) => Math.min(1, Math.max(0, value)));
}
