/** Lists of gradients and moments: clipped by their global norm, and packed into fewer tensors. */

import * as tf from '@tensorflow/tfjs-core';

/** Returns √ Σ g² over all gradients, a scalar. */
export function globalNorm(gradients: readonly tf.Tensor[]): tf.Tensor {
  return tf.sqrt(tf.addN(gradients.map((gradient) => tf.sum(tf.square(gradient)))));
}

/**
 * Multiplies the gradients by min(1, clipNorm / (norm + 1e-6)): Pascanu et al. 2013, algorithm 1, with the constant that
 * PyTorch adds to the norm.
 */
export function clipByNorm(gradients: readonly tf.Tensor[], norm: tf.Tensor, clipNorm: number): tf.Tensor[] {
  const factor = tf.minimum(tf.div(clipNorm, tf.add(norm, 1e-6)), 1);
  return gradients.map((gradient) => tf.mul(gradient, factor));
}

/** Largest tensor that is packed: copying a larger one takes longer than starting an operation for it. */
const largestPacked = 2048;

/** A fixed list of shapes as fewer tensors, so that an elementwise operation runs once for all small ones. */
export interface Packing {
  /** Returns one vector that holds all small tensors, if there are any, followed by the large ones. */
  pack(tensors: readonly tf.Tensor[]): tf.Tensor[];
  /** Undoes `pack`. */
  unpack(packed: readonly tf.Tensor[]): tf.Tensor[];
}

/** Creates the packing of tensors with these shapes, in this order. */
export function createPacking(shapes: readonly (readonly number[])[]): Packing {
  const sizes = shapes.map((shape) => shape.reduce((product, length) => product * length, 1));
  const isSmall = (_: unknown, index: number) => sizes[index] <= largestPacked;
  const isLarge = (_: unknown, index: number) => sizes[index] > largestPacked;
  const smallShapes = shapes.filter(isSmall);
  const smallSizes = sizes.filter(isSmall);
  return {
    pack(tensors) {
      const small = tensors.filter(isSmall).map((tensor) => tf.reshape(tensor, [-1]) as tf.Tensor1D);
      return [...(small.length > 0 ? [tf.concat1d(small)] : []), ...tensors.filter(isLarge)];
    },
    unpack(packed) {
      const hasSmall = smallSizes.length > 0;
      const parts = hasSmall ? tf.split(packed[0], smallSizes) : [];
      const small = parts.map((part, index) => tf.reshape(part, [...smallShapes[index]])).values();
      const large = packed.slice(hasSmall ? 1 : 0).values();
      return sizes.map((size) => (size <= largestPacked ? small : large).next().value as tf.Tensor);
    },
  };
}
