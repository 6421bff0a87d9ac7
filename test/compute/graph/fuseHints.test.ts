import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createCompiledFunctions } from '../../../main/compute/graph/compiledFunctions.ts';
import { runEagerly } from '../../../main/engine/runFunction.ts';
import { expectClose, wave } from '../../engine/field/waves.ts';
import { describeNative, tf } from '../../support/backend.ts';
import { nativeBackend } from './nativeBinding.ts';
import type { NamedTensors } from '../../../main/engine/tensors.ts';

type Work = (inputs: NamedTensors) => NamedTensors;

/** Compiled for these inputs, and run eagerly: the results must be the same numbers in the same shapes. */
function expectSameCompiled(inputs: NamedTensors, work: Work): void {
  const { run, close } = createCompiledFunctions(nativeBackend(), {
    parts: 2,
    onEager(name, reason) {
      throw new Error(`"${name}" was not compiled: ${reason}`);
    },
  });
  const call = { parameters: {}, inputs, work: (_: NamedTensors, given: NamedTensors) => work(given) };
  const [compiled, eager] = [run('work', call), runEagerly('work', call)];
  for (const [name, tensor] of Object.entries(compiled)) {
    expect(tensor.shape).toEqual(eager[name].shape);
    expectClose(tensor, eager[name], 1e-6);
  }
  tf.dispose([compiled, eager]);
  close();
}

const size = fc.integer({ min: 1, max: 5 });

describeNative('an operation written as the one TensorFlow fuses', () => {
  it('keeps a matrix product, whichever side is transposed', () => {
    const sizes = fc.record({ m: size, k: size, n: size, a: fc.boolean(), b: fc.boolean() });
    const property = fc.property(sizes, ({ m, k, n, a, b }) => {
      const inputs = { left: wave('left', a ? [k, m] : [m, k]), right: wave('right', b ? [n, k] : [k, n]) };
      expectSameCompiled(inputs, ({ left, right }) => ({ product: tf.matMul(left, right, a, b) }));
    });
    fc.assert(property, { numRuns: 20 });
  });

  it('keeps a batch of products', () => {
    const inputs = { left: wave('left', [2, 3, 4]), right: wave('right', [2, 4, 5]) };
    expectSameCompiled(inputs, ({ left, right }) => ({ product: tf.matMul(left, right) }));
  });

  it.each([
    [[3, 4], [4]],
    [[4, 4], [4]],
    [[2, 3, 4], [4]],
    [[2, 2, 3, 4], [4]],
    [[4], [4]],
    [[4], [3, 4]],
    [[3, 1], [4]],
    [[3, 4], [1]],
    [[3, 4], []],
    [
      [3, 4],
      [3, 4],
    ],
    [
      [3, 4],
      [3, 1],
    ],
  ])('keeps the sum of shapes [%s] and [%s]', (first, second) => {
    const inputs = { first: wave('first', first), second: wave('second', second) };
    expectSameCompiled(inputs, ({ first: a, second: b }) => ({ sum: tf.add(a, b) }));
  });

  it.each([
    { shape: [3, 4], axis: 0, keep: false },
    { shape: [3, 4], axis: 0, keep: true },
    { shape: [3, 4], axis: 1, keep: false },
    { shape: [3, 4], axis: [0, 1], keep: false },
    { shape: [2, 3, 4], axis: 0, keep: false },
    { shape: [4], axis: 0, keep: false },
  ])('keeps the sum of $shape over axis $axis, its axis kept: $keep', ({ shape, axis, keep }) => {
    expectSameCompiled({ x: wave('x', shape) }, ({ x }) => ({ sum: tf.sum(x, axis, keep) }));
  });

  it('keeps a layer with its gradients', () => {
    const inputs = { x: wave('x', [6, 4]), weight: wave('weight', [5, 4]), bias: wave('bias', [5]) };
    expectSameCompiled(inputs, ({ x, weight, bias }) => {
      const loss = (...[w, b]: (typeof x)[]) => tf.mean(tf.square(tf.add(tf.matMul(x, w, false, true), b)));
      const { value, grads } = tf.valueAndGrads((...of) => loss(...of) as ReturnType<typeof tf.scalar>)([
        weight,
        bias,
      ]);
      return { value, weight: grads[0], bias: grads[1] };
    });
  });
});
