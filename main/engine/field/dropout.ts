/** Dropout whose masks are a pure function of a seed and the place in the network, so that a resumed run drops the same units. */

import * as tf from '@tensorflow/tfjs-core';
import { type BatchPart, sliceRows } from '../batchParts.ts';
import { drawUniform } from '../random.ts';

/** Drops units of a tensor; successive calls in one forward pass are successive places. The identity without dropout. */
export type Dropout = (x: tf.Tensor) => tf.Tensor;

export const noDropout: Dropout = (x) => x;

export interface DropoutOptions {
  /** Probability of a unit to be dropped, in [0, 1). */
  readonly rate: number;
  /** Tensor of a `seedArray`, one per training step; may be absent at a rate of 0. */
  readonly seed: tf.Tensor | undefined;
  /** The rows of the pass, when they are only a part of the batch: they drop the same units as within the whole batch. */
  readonly part?: BatchPart;
}

/** Creates the dropout of one forward pass; kept units are divided by 1 − rate. It throws an Error where it needs a seed and has none. */
export function createDropout({ rate, seed, part }: DropoutOptions): Dropout {
  if (rate === 0) return noDropout;
  let place = 0;
  const draw = (shape: readonly number[]): tf.Tensor => {
    if (!seed)
      throw new Error(`Dropout at a rate of ${rate} needs a seed: pass the dropout seed of the batch.`);
    return drawUniform(seed, shape, place);
  };
  // Every part samples the mask of the whole batch, which a graph computes only once.
  const drawPart = ([rows, ...rest]: number[], of: BatchPart) =>
    sliceRows(draw([(rows / of.rows) * of.of, ...rest]), of);
  return (x) => {
    place += 1;
    const uniforms = part ? drawPart(x.shape, part) : draw(x.shape);
    const kept = tf.cast(tf.greaterEqual(uniforms, rate), 'float32');
    return tf.mul(x, tf.mul(kept, 1 / (1 - rate)));
  };
}
