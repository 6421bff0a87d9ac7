/** Classical methods where single channels of pixels are observed: each channel is reconstructed from its own observed pixels. */

import type { SparseObservation } from '../../../shared/images/image.ts';
import type { ImageSize } from './nearest.ts';
import { createThinPlateEstimator } from './thinPlate.ts';

const channelNames = ['red', 'green', 'blue'];

/**
 * Applies a method to every channel of an observation. Returns height × width × 3 values.
 * @throws Error when a channel is observed nowhere, or under the conditions of the method.
 */
export function reconstructByChannel(
  method: (observation: SparseObservation) => Float32Array,
  observation: SparseObservation & { readonly channels: Uint8Array },
): Float32Array {
  const { height, width, indices, channels, values } = observation;
  const output = new Float32Array(height * width * 3);
  channelNames.forEach((_, channel) => {
    const rows = rowsOfChannel(channels, channel);
    // Methods expect three values of a pixel: they get the same one three times.
    const grey = Float32Array.from({ length: rows.length * 3 }, (_, index) => {
      return values[rows[Math.floor(index / 3)] * 3 + channel];
    });
    const estimate = method({ height, width, indices: rows.map((row) => indices[row]), values: grey });
    for (let at = channel; at < output.length; at += 3) output[at] = estimate[at];
  });
  return output;
}

/** The thin plate of one channel for every image under one mask. */
export interface ChannelPlate {
  /** Rows of the mask's observed pixels that show this channel, n of them. */
  readonly rows: Int32Array;
  /** The m pixels that do not, row-major. */
  readonly unobserved: Int32Array;
  /** Returns the m values at the unobserved pixels for n observed ones. Linear; may leave [0, 1]. */
  readonly estimate: (values: Float32Array) => Float32Array;
}

/**
 * Solves the thin plate of every channel once, red, green and blue; afterwards an image costs a product with three matrices
 * [m, n].
 * @throws Error when a channel is observed nowhere, or under the conditions of \`createThinPlateEstimator\`.
 */
export function createChannelPlates(
  { indices, channels }: { readonly indices: Int32Array; readonly channels: Uint8Array },
  size: ImageSize,
): readonly ChannelPlate[] {
  return channelNames.map((_, channel) => {
    const rows = rowsOfChannel(channels, channel);
    const pixels = rows.map((row) => indices[row]);
    return { rows, ...createThinPlateEstimator(pixels, size, 1) };
  });
}

function rowsOfChannel(channels: Uint8Array, channel: number): Int32Array {
  const rows = Int32Array.from(channels.keys()).filter((row) => channels[row] === channel);
  if (rows.length > 0) return rows;
  throw new Error(
    `The ${channelNames[channel]} channel of no pixel is observed: expected at least one; use an image of at least 2×2 pixels.`,
  );
}
