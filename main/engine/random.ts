/** Random tensors as pure functions of a seed tensor: the same eagerly and inside a compiled graph. */

import * as tf from '@tensorflow/tfjs-core';
import { randomBits, type RandomKey } from '../../shared/numbers/random.ts';
import type { NamedArray } from './tensors.ts';

/** Returns the seed of a key as an array [2] of whole numbers below 2^24, which float32 represents exactly. */
export function seedArray(key: RandomKey): NamedArray {
  return { shape: [2], values: Float32Array.from(randomBits(key, 2), (word) => word >>> 8) };
}

/** Samples uniform numbers in [0, 1). `seed` is the tensor of a `seedArray`; `place` separates draws that share a seed. */
export function drawUniform(seed: tf.Tensor, shape: readonly number[], place = 0): tf.Tensor {
  return draw('StatelessUniform', seed, { shape, place });
}

/** Samples standard normal numbers; `seed` and `place` as in `drawUniform`. */
export function drawNormal(seed: tf.Tensor, shape: readonly number[], place = 0): tf.Tensor {
  return draw('StatelessNormal', seed, { shape, place });
}

function draw(kernel: string, seed: tf.Tensor, of: { shape: readonly number[]; place: number }): tf.Tensor {
  const placed = tf.add(tf.cast(seed, 'int32'), tf.tensor1d([of.place, 0], 'int32'));
  return tf.engine().runKernel(kernel, { seed: placed }, { shape: [...of.shape] }) as tf.Tensor;
}
