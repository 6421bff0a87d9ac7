/** Dropout whose masks are a pure function of a seed and the place in the network, so that a resumed run drops the same units. */

import * as tf from '@tensorflow/tfjs-core';
import { drawUniform } from '../random.ts';

/** Drops units of a tensor; each call of one forward pass is the next place. Without dropout it is the identity. */
export type Dropout = (x: tf.Tensor) => tf.Tensor;

export const noDropout: Dropout = (x) => x;

/** A dropout for one forward pass. `rate` in [0, 1); `seed` is the tensor of a seedArray, one a training step. */
export function createDropout(options: { rate: number; seed: tf.Tensor }): Dropout {
  if (options.rate === 0) return noDropout;
  let place = 0;
  return (x) => {
    place += 1;
    const uniforms = drawUniform(options.seed, x.shape, place);
    const kept = tf.cast(tf.greaterEqual(uniforms, options.rate), 'float32');
    return tf.mul(x, tf.mul(kept, 1 / (1 - options.rate)));
  };
}
