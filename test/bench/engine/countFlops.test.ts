import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

import { findNativeBackend, type NativeBackend } from '../../../main/compute/graph/nativeBackend.ts';
import { type Trace, traceFunction } from '../../../main/compute/graph/trace.ts';
import { describeNative, tf } from '../../support/backend.ts';
import { countProductFlops } from './countFlops.ts';

const createProduct = (isTransposed: boolean): Trace['nodes'][number] => ({
  operation: 'BatchMatMulV2',
  attributes: [{ name: 'adj_x', type: 0, value: isTransposed }],
  inputs: [
    { kind: 'input', index: 0 },
    { kind: 'input', index: 1 },
  ],
  shapes: [[4, 3, 5]],
});

describe('countProductFlops', () => {
  it('is two operations per element of the product and of the inner axis', () => {
    const trace = { nodes: [createProduct(false)], constants: [], results: [] };
    expect(
      countProductFlops(trace, [
        [4, 3, 7],
        [4, 7, 5],
      ]),
    ).toBe(2 * 4 * 3 * 5 * 7);
  });

  it('finds the inner axis of a transposed left operand', () => {
    const trace = { nodes: [createProduct(true)], constants: [], results: [] };
    expect(
      countProductFlops(trace, [
        [4, 11, 3],
        [4, 11, 5],
      ]),
    ).toBe(2 * 4 * 3 * 5 * 11);
  });
});

describeNative('countProductFlops of a real trace', () => {
  it('counts only the products of a chain of operations', () => {
    const inputs = [tf.ones([2, 3]), tf.ones([5, 3]), tf.ones([5, 7])] as const;
    const trace = traceFunction(requireNativeBackend(), inputs, () => {
      const first = tf.softmax(tf.matMul(inputs[0], inputs[1], false, true)); // [2, 5] over 3
      return [tf.matMul(first, inputs[2])]; // [2, 7] over 5
    });
    const flops = countProductFlops(
      trace,
      inputs.map(({ shape }) => shape),
    );
    expect(flops).toBe(2 * 2 * 5 * 3 + 2 * 2 * 7 * 5);
    tf.dispose([...inputs]);
  });

  it('counts depthwise convolutions and both of their gradients', () => {
    const inputs = [tf.ones([2, 4, 5, 3]), tf.ones([3, 3, 3, 1])] as const;
    const trace = traceFunction(requireNativeBackend(), inputs, () => {
      const convolve = (x: Tensor, kernel: Tensor) =>
        tf.sum(tf.depthwiseConv2d(x as Tensor4D, kernel as Tensor4D, 1, 'same'));
      return tf.grads(convolve)([...inputs]);
    });
    const flops = countProductFlops(
      trace,
      inputs.map(({ shape }) => shape),
    );
    expect(flops).toBe(3 * 2 * (2 * 4 * 5 * 3) * 9);
    tf.dispose([...inputs]);
  });
});

function requireNativeBackend(): NativeBackend {
  const backend = findNativeBackend();
  if (!backend) throw new Error('This test needs native TensorFlow.');
  return backend;
}
