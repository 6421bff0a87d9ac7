import type { Tensor } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { attention, attentionSpecs } from '../../../main/engine/field/blocks.ts';
import { noDropout } from '../../../main/engine/field/dropout.ts';
import { linear } from '../../../main/engine/field/layers.ts';
import { tf } from '../../support/backend.ts';
import { expectClose, wave, waveParameters } from './waves.ts';
import type { NamedTensors } from '../../../main/engine/tensors.ts';

const waves = waveParameters(attentionSpecs('a', 4));

/** Parameters that make each of the four projections the identity. */
const identity: NamedTensors = Object.fromEntries(
  attentionSpecs('a', 4).map(({ name, shape }) => [name, shape.length === 2 ? tf.eye(4) : tf.zeros([4])]),
);

function attend(parameters: NamedTensors, inputs: { queries: Tensor; context: Tensor; heads: number }) {
  return attention(parameters, 'a', { ...inputs, dropout: noDropout });
}

describe('attention', () => {
  it('returns the value projection of the only key for every query', () => {
    const context = wave('context', [2, 1, 4]);
    const found = attend(waves, { queries: wave('queries', [2, 3, 4]), context, heads: 2 });
    const value = linear(waves, 'a.out_proj', linear(waves, 'a.v_proj', context));
    expectClose(found, tf.tile(value, [1, 3, 1]));
  });

  it('weights values by the softmax of scaled dot products, with each head on its own slice of the last axis', () => {
    const queries = tf.tensor3d([[[2, 0, 0, 4]]]);
    const context = tf.tensor3d([
      [
        [1, 0, 0, 0],
        [0, 1, 0, 1],
      ],
    ]);
    // Head 1 compares (2, 0) with (1, 0) and (0, 1); head 2 compares (0, 4) with (0, 0) and (0, 1). The scale is 1/√2.
    const first = 1 / (1 + Math.exp(-2 / Math.SQRT2));
    const second = 1 / (1 + Math.exp(-4 / Math.SQRT2));
    expectClose(attend(identity, { queries, context, heads: 2 }), [first, 1 - first, 0, second]);
  });

  it('does not depend on the order of the context', () => {
    const queries = wave('queries', [1, 2, 4]);
    const context = wave('context', [1, 5, 4]);
    const shuffled = tf.gather(context, tf.tensor1d([3, 0, 4, 2, 1], 'int32'), 1);
    expectClose(
      attend(waves, { queries, context: shuffled, heads: 2 }),
      attend(waves, { queries, context, heads: 2 }),
    );
  });

  it('treats the images of a batch independently', () => {
    const queries = wave('queries', [2, 3, 4]);
    const context = wave('context', [2, 5, 4]);
    const whole = attend(waves, { queries, context, heads: 4 });
    const second = attend(waves, {
      queries: tf.slice(queries, 1, 1),
      context: tf.slice(context, 1, 1),
      heads: 4,
    });
    expectClose(tf.slice(whole, 1, 1), second);
    expect(whole.shape).toEqual([2, 3, 4]);
  });
});
