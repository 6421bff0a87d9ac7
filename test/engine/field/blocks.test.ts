import type { Tensor } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { attention, attentionSpecs } from '../../../main/engine/field/blocks.ts';
import { noDropout } from '../../../main/engine/field/dropout.ts';
import { linear } from '../../../main/engine/field/layers.ts';
import { tf } from '../../support/backend.ts';
import { expectClose, wave, waveParameters } from './waves.ts';
import type { NamedTensors } from '../../../main/engine/tensors.ts';

const random = waveParameters(attentionSpecs('a', 4));

/** Four projections that change nothing. */
const plain: NamedTensors = Object.fromEntries(
  attentionSpecs('a', 4).map(({ name, shape }) => [name, shape.length === 2 ? tf.eye(4) : tf.zeros([4])]),
);

function attend(parameters: NamedTensors, of: { queries: Tensor; context: Tensor; heads: number }) {
  return attention(parameters, 'a', { ...of, dropout: noDropout });
}

describe('attention', () => {
  it('returns the value projection of the only key for every query', () => {
    const context = wave('context', [2, 1, 4]);
    const found = attend(random, { queries: wave('queries', [2, 3, 4]), context, heads: 2 });
    const value = linear(random, 'a.out_proj', linear(random, 'a.v_proj', context));
    expectClose(found, tf.tile(value, [1, 3, 1]));
  });

  it('weighs by softmax of the scaled products, each head on its own part of the last axis in order', () => {
    const queries = tf.tensor3d([[[2, 0, 0, 4]]]);
    const context = tf.tensor3d([
      [
        [1, 0, 0, 0],
        [0, 1, 0, 1],
      ],
    ]);
    // Head 1 sees (2, 0) against (1, 0) and (0, 1), head 2 sees (0, 4) against (0, 0) and (0, 1); scale 1/√2.
    const first = 1 / (1 + Math.exp(-2 / Math.SQRT2));
    const second = 1 / (1 + Math.exp(-4 / Math.SQRT2));
    expectClose(attend(plain, { queries, context, heads: 2 }), [first, 1 - first, 0, second]);
  });

  it('does not see the order of the context', () => {
    const queries = wave('queries', [1, 2, 4]);
    const context = wave('context', [1, 5, 4]);
    const shuffled = tf.gather(context, tf.tensor1d([3, 0, 4, 2, 1], 'int32'), 1);
    expectClose(
      attend(random, { queries, context: shuffled, heads: 2 }),
      attend(random, { queries, context, heads: 2 }),
    );
  });

  it('keeps the images of a batch apart', () => {
    const queries = wave('queries', [2, 3, 4]);
    const context = wave('context', [2, 5, 4]);
    const whole = attend(random, { queries, context, heads: 4 });
    const second = attend(random, {
      queries: tf.slice(queries, 1, 1),
      context: tf.slice(context, 1, 1),
      heads: 4,
    });
    expectClose(tf.slice(whole, 1, 1), second);
    expect(whole.shape).toEqual([2, 3, 4]);
  });
});
