/** Dropout whose masks are a pure function of (seed, step, place), so that a resumed run drops the same units. */

import * as tf from '@tensorflow/tfjs-core';
import { streams } from '../../../shared/pure/random.ts';

/** Drops units of a tensor; each call of one forward pass is the next place. Without dropout it is the identity. */
export type Dropout = (x: tf.Tensor) => tf.Tensor;

export const noDropout: Dropout = (x) => x;

/** Places of one step get stream numbers from here on, far from those of `streams`. */
const placesPerStream = 0x10000;

/** A dropout for one forward pass at one training step. `rate` in [0, 1). */
export function createDropout(options: { rate: number; seed: number; step: number }): Dropout {
  if (options.rate === 0) return noDropout;
  let place = 0;
  return (x) => {
    place += 1;
    const uniforms = tf.engine().runKernel(
      'StatelessUniform',
      {},
      {
        shape: x.shape,
        seed: options.seed,
        stream: streams.dropout * placesPerStream + place,
        step: options.step,
      },
    ) as tf.Tensor;
    const kept = tf.cast(tf.greaterEqual(uniforms, options.rate), 'float32');
    return tf.mul(x, tf.mul(kept, 1 / (1 - options.rate)));
  };
}
