/** Small tensors joined into one vector: what is done number by number then costs one operation for all of them, not one each. */

import * as tf from '@tensorflow/tfjs-core';

/** Most numbers of a tensor that is joined: copying a larger one costs more than starting an operation. */
const largestJoined = 2048;

/** A fixed list of shapes, as fewer tensors. */
export interface Packing {
  /** Tensors of the shapes, in order → the vector of the small ones, where there are any, and the large ones. */
  pack(tensors: readonly tf.Tensor[]): tf.Tensor[];
  /** The inverse of pack. */
  unpack(packed: readonly tf.Tensor[]): tf.Tensor[];
}

export function createPacking(shapes: readonly (readonly number[])[]): Packing {
  const sizes = shapes.map((shape) => shape.reduce((product, length) => product * length, 1));
  const isSmall = (_: unknown, index: number) => sizes[index] <= largestJoined;
  const isLarge = (_: unknown, index: number) => sizes[index] > largestJoined;
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
      return sizes.map((size) => (size <= largestJoined ? small : large).next().value as tf.Tensor);
    },
  };
}
