/** Dropout whose masks are a pure function of a seed and the place in the network, so that a resumed run drops the same units. */

import * as tf from '@tensorflow/tfjs-core';
import { sliceRows, type BatchPart } from '../batchParts.ts';
import { drawUniform } from '../random.ts';

/** Drops units of a tensor; each call of one forward pass is the next place. Without dropout it is the identity. */
export type Dropout = (x: tf.Tensor) => tf.Tensor;

export const noDropout: Dropout = (x) => x;

export interface DropoutOptions {
  /** In [0, 1). */
  readonly rate: number;
  /** The tensor of a seedArray, one a training step. */
  readonly seed: tf.Tensor;
  /** The rows that pass, where they are not the whole batch: they drop what they would drop in it. */
  readonly part?: BatchPart;
}

/** A dropout for one forward pass. */
export function createDropout({ rate, seed, part }: DropoutOptions): Dropout {
  if (rate === 0) return noDropout;
  let place = 0;
  // The same draw for every part: a graph computes it once.
  const drawPart = ([rows, ...rest]: number[], part: BatchPart) =>
    sliceRows(drawUniform(seed, [(rows / part.rows) * part.of, ...rest], place), part);
  return (x) => {
    place += 1;
    const uniforms = part ? drawPart(x.shape, part) : drawUniform(seed, x.shape, place);
    const kept = tf.cast(tf.greaterEqual(uniforms, rate), 'float32');
    return tf.mul(x, tf.mul(kept, 1 / (1 - rate)));
  };
}
