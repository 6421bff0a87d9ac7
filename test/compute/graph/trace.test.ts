import { expect, it } from 'vitest';
import { traceFunction } from '../../../main/compute/graph/trace.ts';
import { describeNative, tf } from '../../support/backend.ts';
import { nativeBackend, replaceInBinding } from './nativeBinding.ts';

describeNative('traceFunction', () => {
  it('holds one tensor a shape however many results there are, and none afterwards', () => {
    const numbers = countNumbers();
    const input = tf.ones([10, 10]);
    const trace = traceFunction(nativeBackend(), [input], () =>
      tf.tidy(() => {
        const kept = Array.from({ length: 50 }, () => tf.square(input));
        return [tf.sum(tf.addN(kept))];
      }),
    );
    expect(trace.nodes.filter(({ operation }) => operation === 'Square')).toHaveLength(50);
    // The input, the shape's one tensor, the result that just replaces or is replaced, and a number for each id.
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

  it('leaves an input that is a result alone and disposes every other result', () => {
    const input = tf.ones([2]);
    const before = tf.memory().numTensors;
    const { results } = traceFunction(nativeBackend(), [input], () => [input, tf.square(input)]);
    expect(results[0]).toEqual({ kind: 'input', index: 0 });
    expect(tf.memory().numTensors).toBe(before);
    expect([...input.dataSync()]).toEqual([1, 1]);
    input.dispose();
  });
});

/** How many numbers the addon's tensors hold, from now on. */
function countNumbers(): { now: number; most: number } {
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
