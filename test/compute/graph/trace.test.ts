import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createCompiledFunctions } from '../../../main/compute/graph/compiledFunctions.ts';
import { placeholderOf } from '../../../main/compute/graph/graphDef.ts';
import { openSession } from '../../../main/compute/graph/session.ts';
import { traceFunction } from '../../../main/compute/graph/trace.ts';
import { runEagerly } from '../../../main/engine/runFunction.ts';
import type { NamedTensors } from '../../../main/engine/tensors.ts';
import { expectClose, wave } from '../../engine/field/waves.ts';
import { describeNative, tf } from '../../support/backend.ts';
import { nativeBackend, replaceInBinding } from './nativeBinding.ts';

describeNative('traceFunction', () => {
  it('holds one tensor per shape for any number of results, and none afterwards', () => {
    const numbers = countHeldNumbers();
    const input = tf.ones([10, 10]);
    const trace = traceFunction(nativeBackend(), [input], () =>
      tf.tidy(() => {
        const kept = Array.from({ length: 50 }, () => tf.square(input));
        return [tf.sum(tf.addN(kept))];
      }),
    );
    expect(trace.nodes.filter(({ operation }) => operation === 'Square')).toHaveLength(50);
    // The input, the single tensor of the shape, the result that is being replaced, and one number per id.
    expect(numbers.most).toBeLessThan(4 * 100 + 60);
    input.dispose();
    expect(numbers.now).toBe(0);
  });

  it('distinguishes results of the same shape', () => {
    const input = tf.ones([3]);
    const { nodes, results } = traceFunction(nativeBackend(), [input], () => {
      const [square, root] = [tf.square(input), tf.sqrt(input)];
      return [tf.sub(root, square), square];
    });
    expect(nodes.map(({ operation }) => operation)).toEqual(['Square', 'Sqrt', 'Sub']);
    const node = (index: number) => ({ kind: 'node', index, output: 0 });
    expect(nodes[2].inputs).toEqual([node(1), node(0)]);
    expect(results).toEqual([node(2), node(0)]);
    input.dispose();
  });

  it('executes equal operations once, and again where a constant decides about the shape of the result', () => {
    const executed: string[] = [];
    replaceInBinding((own) => ({
      executeOp(operation, ...rest) {
        executed.push(operation);
        return own.executeOp(operation, ...rest);
      },
    }));
    const input = tf.ones([6, 4]);
    const heights = [2, 3, 2, 6];
    const { nodes } = traceFunction(nativeBackend(), [input], () =>
      tf.tidy(() => heights.map((height) => tf.square(tf.square(tf.slice(input, [0, 0], [height, 4]))))),
    );
    const shapesOf = (name: string) =>
      nodes.flatMap(({ operation, shapes }) => (operation === name ? shapes : []));
    expect(shapesOf('Slice')).toEqual(heights.map((height) => [height, 4]));
    expect(shapesOf('Square')).toEqual(
      heights.flatMap((height) => [
        [height, 4],
        [height, 4],
      ]),
    );
    const count = (name: string) => executed.filter((operation) => operation === name).length;
    expect([count('Slice'), count('Square')]).toEqual([3, 3]);
    input.dispose();
  });

  it('keeps an input that is also a result, and disposes every other result', () => {
    const input = tf.ones([2]);
    const before = tf.memory().numTensors;
    const { results } = traceFunction(nativeBackend(), [input], () => [input, tf.square(input)]);
    expect(results[0]).toEqual({ kind: 'input', index: 0 });
    expect(tf.memory().numTensors).toBe(before);
    expect([...input.dataSync()]).toEqual([1, 1]);
    input.dispose();
  });
});

/** Counts the numbers that tensors of the addon hold from now on. */
function countHeldNumbers(): { now: number; most: number } {
  const count = { now: 0, most: 0 };
  const held = new Map<number, number>();
  const hold = (id: number, shape: readonly number[]) => {
    held.set(
      id,
      shape.reduce((product, length) => product * length, 1),
    );
    count.now += held.get(id) ?? 0;
    count.most = Math.max(count.most, count.now);
  };
  replaceInBinding((own) => ({
    createTensor(shape, dtype, values) {
      const id = own.createTensor(shape, dtype, values);
      hold(id, shape);
      return id;
    },
    executeOp(...call) {
      const outputs = own.executeOp(...call);
      outputs.forEach(({ id, shape }) => hold(id, shape));
      return outputs;
    },
    deleteTensor(id) {
      own.deleteTensor(id);
      count.now -= held.get(id) ?? 0;
      held.delete(id);
    },
  }));
  return count;
}

/** TensorFlow takes over the memory of arrays that begin at a multiple of 64 bytes; of this many, some do. */
const arrayCount = 64;
const length = 1024;

describeNative('the variables of a session', () => {
  it('keep their values when the arrays from which they were set are overwritten', () => {
    const backend = nativeBackend();
    const sources = Array.from({ length: arrayCount }, (_, index) => new Float32Array(length).fill(index));
    const values = sources.map((source) => tf.tensor1d(source));
    const one = tf.scalar(1);
    const session = openSession(backend, {
      trace: traceFunction(backend, [...values, one], () => tf.tidy(() => [tf.add(values[0], one)])),
      variables: values.map(({ shape }) => shape),
      placeholders: [placeholderOf(one)],
      updated: 0,
    });
    session.setVariables(values);
    sources.forEach((source) => source.fill(-1));
    const found = session.readVariables();
    expect(found.map((tensor) => tensor.dataSync()[length - 1])).toEqual(sources.map((_, index) => index));
    session.close();
    tf.dispose([...values, ...found, one]);
  });
});

type Work = (inputs: NamedTensors) => NamedTensors;

/** Runs a function compiled and eagerly, and expects the same numbers in the same shapes. */
function expectSameCompiled(inputs: NamedTensors, work: Work): void {
  const { run, close } = createCompiledFunctions(nativeBackend(), {
    parts: 2,
    onEager(name, reason) {
      throw new Error(`"${name}" was not compiled: ${reason}`);
    },
  });
  const call = { parameters: {}, inputs, work: (_: NamedTensors, given: NamedTensors) => work(given) };
  const compiled = run('work', call);
  const eager = runEagerly('work', call);
  for (const [name, tensor] of Object.entries(compiled)) {
    expect(tensor.shape).toEqual(eager[name].shape);
    expectClose(tensor, eager[name], 1e-6);
  }
  tf.dispose([compiled, eager]);
  close();
}

const size = fc.integer({ min: 1, max: 5 });

describeNative('rewriting an operation as one that TensorFlow fuses', () => {
  it('preserves a matrix product, whichever side is transposed', () => {
    const sizes = fc.record({ m: size, k: size, n: size, a: fc.boolean(), b: fc.boolean() });
    const property = fc.property(sizes, ({ m, k, n, a, b }) => {
      const inputs = { left: wave('left', a ? [k, m] : [m, k]), right: wave('right', b ? [n, k] : [k, n]) };
      expectSameCompiled(inputs, ({ left, right }) => ({ product: tf.matMul(left, right, a, b) }));
    });
    fc.assert(property, { numRuns: 20 });
  });

  it('preserves a batch of products', () => {
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
  ])('preserves the sum of shapes [%s] and [%s]', (first, second) => {
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
  ])('preserves the sum of $shape over axis $axis (keepDims: $keep)', ({ shape, axis, keep }) => {
    expectSameCompiled({ x: wave('x', shape) }, ({ x }) => ({ sum: tf.sum(x, axis, keep) }));
  });

  it('preserves a layer with its gradients', () => {
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
