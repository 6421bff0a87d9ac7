/** The classical methods that every table of results includes. */

import { pasteObserved, type SparseObservation } from '../../../shared/images/image.ts';
import { reconstructBiharmonic } from './biharmonic.ts';
import { type ChannelObservation, reconstructByChannel, minimiseChannels } from './channels.ts';
import { bendingEnergy, tensionEnergy } from './gridEnergy.ts';
import { reconstructLinear } from './linear.ts';
import { reconstructNearest } from './nearest.ts';
import { reconstructTelea } from './telea.ts';
import { reconstructTensionSpline } from './tensionSpline.ts';
import { reconstructThinPlate } from './thinPlate.ts';

export const classicalMethodNames = [
  'mean',
  'nearest',
  'linear',
  'Telea',
  'biharmonic',
  'thin plate',
  'tension spline',
] as const;
export type ClassicalMethodName = (typeof classicalMethodNames)[number];

/** Returns an estimate, height × width × 3 values that may leave [0, 1]. Expects what `checkObservation` returns. */
export type ClassicalMethod = (observation: SparseObservation) => Float32Array;

const classicalMethods: Readonly<Record<ClassicalMethodName, ClassicalMethod>> = {
  mean: reconstructMean,
  nearest: reconstructNearest,
  linear: reconstructLinear,
  Telea: reconstructTelea,
  biharmonic: reconstructBiharmonic,
  'thin plate': reconstructThinPlate,
  'tension spline': reconstructTensionSpline,
};

/**
 * Returns height × width × 3 values in [0, 1] with the observed pixels pasted as they are, noisy ones outside [0, 1] included;
 * the order of the observed pixels has no influence. Where single channels are observed, each is reconstructed by itself.
 * @throws Error when the observation is empty, repeats a pixel, leaves the image or is too large for the method.
 */
export function reconstructClassically(
  name: ClassicalMethodName,
  observation: SparseObservation,
): Float32Array {
  const { channels, ...checked } = checkObservation(observation);
  const output = channels
    ? reconstructChannels(name, { ...checked, channels })
    : classicalMethods[name](checked);
  output.forEach((value, index) => (output[index] = Math.min(1, Math.max(0, value))));
  pasteObserved(output, observation);
  return output;
}

function reconstructChannels(name: ClassicalMethodName, observation: ChannelObservation): Float32Array {
  if (name === 'thin plate') return minimiseChannels(bendingEnergy, observation);
  if (name === 'tension spline') return minimiseChannels(tensionEnergy, observation);
  return reconstructByChannel(classicalMethods[name], observation);
}

/** Returns the mean colour of the observed pixels at every pixel, height × width × 3 values: the lower bound of every comparison. O(pixels). */
function reconstructMean({ height, width, values }: SparseObservation): Float32Array {
  const sums = [0, 0, 0];
  values.forEach((value, index) => (sums[index % 3] += value));
  const colour = sums.map((sum) => (sum * 3) / values.length);
  return new Float32Array(height * width * 3).map((_, index) => colour[index % 3]);
}

/**
 * Returns the observation with its pixels in row-major order, so that no result depends on their order: at least one
 * pixel, each of them once, inside the image and finite.
 * @throws Error naming the first value that is invalid.
 */
function checkObservation(observation: SparseObservation): SparseObservation {
  const { height, width, indices, values, channels } = observation;
  const pixels = height * width;
  if (!Number.isInteger(height) || !Number.isInteger(width) || height < 1 || width < 1) {
    throw new Error(`Image size ${height}×${width}: expected whole numbers of at least 1; check the image.`);
  }
  if (indices.length === 0) {
    throw new Error('No observed pixel: expected at least 1; raise the keep ratio.');
  }
  if (values.length !== indices.length * 3) {
    throw new Error(
      `${indices.length} observed pixels with ${values.length} values: expected ${indices.length * 3}; pass RGB.`,
    );
  }
  const broken = values.findIndex((value) => !Number.isFinite(value));
  if (broken >= 0) {
    throw new Error(
      `Observed value ${broken} is ${values[broken]}: expected a number in [0, 1]; check the image.`,
    );
  }
  const place = (row: number) => indices[row] * 3 + (channels?.[row] ?? 0);
  const order = indices.map((_, row) => row).sort((a, b) => place(a) - place(b));
  const sorted = order.map((row) => indices[row]);
  assertDistinctPixels(order.map(place), pixels);
  const gathered = { height, width, indices: sorted, values: gatherRows(values, order) };
  return channels ? { ...gathered, channels: Uint8Array.from(order, (row) => channels[row]) } : gathered;
}

/** `sorted`: 3 × pixel + channel of every entry, ascending. */
function assertDistinctPixels(sorted: Int32Array, pixels: number): void {
  sorted.forEach((place, row) => {
    const pixel = Math.floor(place / 3);
    if (pixel < 0 || pixel >= pixels) {
      throw new Error(
        `Observed pixel ${pixel} lies outside the image: expected 0 … ${pixels - 1}; pass this image's own mask.`,
      );
    }
    if (row > 0 && sorted[row - 1] === place) {
      throw new Error(
        `Pixel ${pixel} is observed twice: expected every pixel at most once; remove the repetition.`,
      );
    }
  });
}

function gatherRows(values: Float32Array, order: Int32Array): Float32Array {
  const gathered = new Float32Array(values.length);
  order.forEach((row, target) => gathered.set(values.subarray(row * 3, row * 3 + 3), target * 3));
  return gathered;
}
