/**
 * Inpainting by fast marching: unobserved pixels are filled from the border of a hole inwards, each with a weighted mean of
 * the pixels around it that have a colour already. Telea 2004, "An image inpainting technique based on the fast marching
 * method".
 *
 * Eq. 2 of the paper also extrapolates the gradients of these pixels. Gradients of pixels that were themselves extrapolated
 * grow with the hole (3 dB lost on brush strokes, 5 dB on blocks), which is why the program published with the paper and
 * OpenCV's limit that term to about one grey level of 255. It is left out here.
 */

import { pasteObserved, type SparseObservation } from '../../../shared/images/image.ts';
import { marchArrivalTimes } from './fastMarching.ts';
import type { ImageSize } from './nearest.ts';

/** ε of the paper, the radius of the disc that a pixel is estimated from. */
const defaultRadius = 3;
/** Arrival times that differ by less are equal: the square roots that they are made of are rounded. */
const sameTime = 1e-9;
/** Smallest factor of direction; without it no weight would be left along a front. */
const smallestDirection = 1e-6;

export interface TeleaOptions {
  /** Pixels, at least 1; default 3. */
  readonly radius?: number;
}

/**
 * Returns height × width × 3 values, exact at observed pixels; the others lie within the observed range of each channel.
 * Pixels that the front reaches at the same time are estimated from earlier ones only, so that the result commutes with the
 * symmetries of the image up to rounding. O(unobserved pixels × radius² + pixels × log(pixels)).
 * @throws Error when the radius is below 1 or no pixel is observed.
 */
export function reconstructTelea(observation: SparseObservation, options?: TeleaOptions): Float32Array {
  const values = new Float32Array(observation.height * observation.width * 3);
  const fronts = fillFronts(observation, values, options);
  while (!fronts.next().done);
  return values;
}

/**
 * Does the work of `reconstructTelea` on `values`, height × width × 3 zeros, front by front; after each it yields the fraction
 * of unobserved pixels that are filled.
 * @throws Error when the radius is below 1 or no pixel is observed.
 */
export function* fillFronts(
  observation: SparseObservation,
  values: Float32Array,
  { radius = defaultRadius }: TeleaOptions = {},
): Generator<number> {
  const { height, width, indices } = observation;
  if (!(radius >= 1))
    throw new Error(`Radius ${radius}: expected at least 1 pixel; leave it out for ${defaultRadius}.`);
  if (indices.length === 0) throw new Error('No observed pixel: expected at least 1; raise the keep ratio.');
  pasteObserved(values, observation);
  const isFilled = new Uint8Array(height * width);
  indices.forEach((pixel) => (isFilled[pixel] = 1));
  const times = signedTimes(isFilled, observation, radius);
  const image: FilledImage = { height, width, values, isFilled, times };
  const disc = offsetsWithin(radius);
  const order = pixelsWhere(isFilled, 0).sort((one, other) => times[one] - times[other]);
  for (let first = 0, end = 0; first < order.length; first = end) {
    while (end < order.length && times[order[end]] - times[order[first]] < sameTime) end++;
    const front = order.subarray(first, end);
    const colours = Array.from(front, (pixel) => estimateColour(pixel, image, disc));
    front.forEach((pixel, row) => {
      isFilled[pixel] = 1;
      values.set(colours[row], pixel * 3);
    });
    yield end / order.length;
  }
}

interface FilledImage extends ImageSize {
  /** height × width × 3 values; meaningless where `isFilled` is 0. */
  readonly values: Float32Array;
  readonly isFilled: Uint8Array;
  /** Distance to the border of the unobserved region, negative among observed pixels. */
  readonly times: Float64Array;
}

/** Returns T of §2.3: 0 at the border of holes, positive inside them, negative outside, there not below −radius. */
function signedTimes(isObserved: Uint8Array, size: ImageSize, radius: number): Float64Array {
  const border = borderPixels(isObserved, size);
  const inside = marchArrivalTimes(border, size, { isOpen: (pixel) => isObserved[pixel] === 0 });
  const outside = marchArrivalTimes(border, size, {
    isOpen: (pixel) => isObserved[pixel] === 1,
    latest: radius,
  });
  return inside.map((time, pixel) => (isObserved[pixel] === 0 ? time : -Math.min(radius, outside[pixel])));
}

/** Returns the observed pixels that have an unobserved neighbour. */
function borderPixels(isObserved: Uint8Array, { height, width }: ImageSize): Int32Array {
  return pixelsWhere(isObserved, 1).filter((pixel) => {
    const x = pixel % width;
    return (
      (x > 0 && isObserved[pixel - 1] === 0) ||
      (x < width - 1 && isObserved[pixel + 1] === 0) ||
      (pixel >= width && isObserved[pixel - width] === 0) ||
      (pixel < (height - 1) * width && isObserved[pixel + width] === 0)
    );
  });
}

function pixelsWhere(flags: Uint8Array, value: 0 | 1): Int32Array {
  return Int32Array.from(flags.keys()).filter((pixel) => flags[pixel] === value);
}

interface Offset {
  readonly x: number;
  readonly y: number;
  /** Euclidean, in pixels. */
  readonly length: number;
}

/** Returns the offsets of a disc without its centre. */
function offsetsWithin(radius: number): Offset[] {
  const reach = Math.floor(radius);
  const offsets: Offset[] = [];
  for (let y = -reach; y <= reach; y++) {
    for (let x = -reach; x <= reach; x++) {
      const length = Math.hypot(x, y);
      if (length > 0 && length <= radius) offsets.push({ x, y, length });
    }
  }
  return offsets;
}

/** Returns the weighted mean of the filled pixels in the disc: direction, distance and level of eq. 3 to 5. */
function estimateColour(
  pixel: number,
  { height, width, values, isFilled, times }: FilledImage,
  disc: readonly Offset[],
): number[] {
  const x = pixel % width;
  const y = Math.floor(pixel / width);
  const normalX = slopeOf(times, { low: x > 0 ? pixel - 1 : pixel, high: x < width - 1 ? pixel + 1 : pixel });
  const normalY = slopeOf(times, {
    low: y > 0 ? pixel - width : pixel,
    high: y < height - 1 ? pixel + width : pixel,
    step: width,
  });
  let [red, green, blue, total] = [0, 0, 0, 0];
  for (const offset of disc) {
    const otherX = x + offset.x;
    const otherY = y + offset.y;
    if (otherX < 0 || otherY < 0 || otherX >= width || otherY >= height) continue;
    const other = otherY * width + otherX;
    if (isFilled[other] === 0) continue;
    const alongNormal = Math.abs(offset.x * normalX + offset.y * normalY) / offset.length;
    const direction = Math.max(smallestDirection, alongNormal);
    const level = 1 / (1 + Math.abs(times[other] - times[pixel]));
    const weight = (direction * level) / (offset.length * offset.length);
    red += weight * values[other * 3];
    green += weight * values[other * 3 + 1];
    blue += weight * values[other * 3 + 2];
    total += weight;
  }
  return [red / total, green / total, blue / total];
}

/** Returns the difference quotient between two pixels, 0 if they are the same. */
function slopeOf(
  times: Float64Array,
  { low, high, step = 1 }: { low: number; high: number; step?: number },
): number {
  return low === high ? 0 : ((times[high] - times[low]) * step) / (high - low);
}
