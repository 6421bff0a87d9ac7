/** The layers of a network on a grid: convolution, and squares of pixels turned into channels and back. Pictures are [B, H, W, C]. */

import * as tf from '@tensorflow/tfjs-core';
import type { Initial, NamedTensors, ParameterSpec } from './parameters.ts';

/**
 * Fewest images that a graph convolves at a time. For a single one TensorFlow lets oneDNN choose between two slow
 * implementations, and two threads that choose differently write over each other's memory: see main/compute/README.md.
 */
export const smallestConvolvedPart = 2;

/** Kernel [side, side, inputs, outputs] and bias [outputs], U(−1/√n, 1/√n) with n = side² · inputs, or zero. */
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

/** The picture convolved with the kernel, as large as it was: outside of it are zeros. */
export function convolve(parameters: NamedTensors, name: string, x: tf.Tensor): tf.Tensor {
  const kernel = parameters[`${name}.weight`] as tf.Tensor4D;
  const convolved = tf.conv2d(x as tf.Tensor4D, kernel, 1, 'same');
  return tf.add(convolved, parameters[`${name}.bias`]);
}

/** Kernel [side, side, channels, 1], U(−1/√n, 1/√n) with n = side²; no bias. */
export function depthwiseSpecs(name: string, size: { side: number; channels: number }): ParameterSpec[] {
  const { side, channels } = size;
  const initial: Initial = { law: 'uniform', scale: 1 / side };
  return [{ name: `${name}.weight`, shape: [side, side, channels, 1], initial, isTrainable: true }];
}

/** Every channel of the picture convolved with a kernel of its own (Chollet 2017, "Xception"); outside are zeros. */
export function convolveChannels(parameters: NamedTensors, name: string, x: tf.Tensor): tf.Tensor {
  const kernel = parameters[`${name}.weight`] as tf.Tensor4D;
  return tf.depthwiseConv2d(x as tf.Tensor4D, kernel, 1, 'same');
}

/** Every square of side × side pixels becomes one pixel with side² times the channels; H and W are multiples of the side. */
export function joinSquares(x: tf.Tensor, side: number): tf.Tensor {
  if (side === 1) return x;
  const [batch, height, width, channels] = x.shape;
  const squares = tf.reshape(x, [batch, height / side, side, width / side, side, channels]);
  const joined = tf.transpose(squares, [0, 1, 3, 2, 4, 5]); // [B, H/s, W/s, s, s, C]
  return tf.reshape(joined, [batch, height / side, width / side, side * side * channels]);
}

/** The inverse of joinSquares. */
export function splitSquares(x: tf.Tensor, side: number): tf.Tensor {
  if (side === 1) return x;
  const [batch, height, width, joined] = x.shape;
  const channels = joined / (side * side);
  const squares = tf.reshape(x, [batch, height, width, side, side, channels]);
  const split = tf.transpose(squares, [0, 1, 3, 2, 4, 5]); // [B, H, s, W, s, C]
  return tf.reshape(split, [batch, height * side, width * side, channels]);
}
