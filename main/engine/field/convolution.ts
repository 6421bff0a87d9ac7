/** Layers of a network on a grid: convolutions, and blocks of pixels turned into channels and back. Images are [B, H, W, C]. */

import * as tf from '@tensorflow/tfjs-core';
import type { NamedTensors } from '../tensors.ts';
import type { Initial, ParameterSpec } from './parameters.ts';

/**
 * Fewest images that a graph convolves at a time. For a single image, TensorFlow lets oneDNN choose between two slow
 * implementations, and two threads that choose differently overwrite each other's memory: see main/compute/README.md.
 */
export const smallestConvolvedPart = 2;

/** Specifies a kernel [side, side, inputs, outputs] and a bias [outputs], U(−1/√n, 1/√n) with n = side² · inputs, or zero. */
export function convolutionSpecs(
  name: string,
  size: { side: number; inputs: number; outputs: number; initial?: 'uniform' | 'zero' },
): ParameterSpec[] {
  const { side, inputs, outputs } = size;
  const initial: Initial =
    size.initial === 'zero'
      ? { law: 'constant', scale: 0 }
      : { law: 'uniform', scale: 1 / Math.sqrt(side * side * inputs) };
  return [
    { name: `${name}.weight`, shape: [side, side, inputs, outputs], initial, isTrainable: true },
    { name: `${name}.bias`, shape: [outputs], initial, isTrainable: true },
  ];
}

/** Convolves an image [B, H, W, inputs] with a kernel; the result [B, H, W, outputs] has the same size, padded with zeros. */
export function convolve(parameters: NamedTensors, name: string, x: tf.Tensor): tf.Tensor {
  const kernel = parameters[`${name}.weight`] as tf.Tensor4D;
  const convolved = tf.conv2d(x as tf.Tensor4D, kernel, 1, 'same');
  return tf.add(convolved, parameters[`${name}.bias`]);
}

/** Specifies a kernel [side, side, channels, 1], U(−1/√n, 1/√n) with n = side², without bias. */
export function depthwiseSpecs(name: string, size: { side: number; channels: number }): ParameterSpec[] {
  const { side, channels } = size;
  const initial: Initial = { law: 'uniform', scale: 1 / side };
  return [{ name: `${name}.weight`, shape: [side, side, channels, 1], initial, isTrainable: true }];
}

/** Convolves every channel with a kernel of its own (Chollet 2017, "Xception"), padded with zeros; [B, H, W, C] keeps its shape. */
export function convolveChannels(parameters: NamedTensors, name: string, x: tf.Tensor): tf.Tensor {
  const kernel = parameters[`${name}.weight`] as tf.Tensor4D;
  return tf.depthwiseConv2d(x as tf.Tensor4D, kernel, 1, 'same');
}

/** Turns every block of side × side pixels into one pixel with side² times the channels; H and W must be multiples of the side. */
export function joinBlocks(x: tf.Tensor, side: number): tf.Tensor {
  if (side === 1) return x;
  const [batch, height, width, channels] = x.shape;
  const blocks = tf.reshape(x, [batch, height / side, side, width / side, side, channels]);
  const joined = tf.transpose(blocks, [0, 1, 3, 2, 4, 5]); // [B, H/s, W/s, s, s, C]
  return tf.reshape(joined, [batch, height / side, width / side, side * side * channels]);
}

/** Undoes `joinBlocks`. */
export function splitBlocks(x: tf.Tensor, side: number): tf.Tensor {
  if (side === 1) return x;
  const [batch, height, width, joined] = x.shape;
  const channels = joined / (side * side);
  const blocks = tf.reshape(x, [batch, height, width, side, side, channels]);
  const split = tf.transpose(blocks, [0, 1, 3, 2, 4, 5]); // [B, H, s, W, s, C]
  return tf.reshape(split, [batch, height * side, width * side, channels]);
}
