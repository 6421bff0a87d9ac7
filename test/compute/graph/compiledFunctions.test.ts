import type { Tensor } from '@tensorflow/tfjs-core';
import { expect, it, onTestFinished } from 'vitest';
import { createCompiledFunctions } from '../../../main/compute/graph/compiledFunctions.ts';
import { type FunctionCall, runEagerly, type RunFunction } from '../../../main/engine/runFunction.ts';
import { numbersOf, wave } from '../../engine/field/waves.ts';
import { describeNative, tf } from '../../support/backend.ts';
import { countSessions, nativeBackend, replaceInBinding } from './nativeBinding.ts';
import type { NamedTensors } from '../../../main/engine/tensors.ts';

/** A runner of its own, and what it says of functions that it runs eagerly. */
function createRunner() {
  const told: string[] = [];
  const functions = createCompiledFunctions(nativeBackend(), {
    parts: 2,
    onEager: (name, reason) => void told.push(`${name}: ${reason}`),
  });
  onTestFinished(functions.close);
  return { ...functions, told };
}

/** y = tanh(x · weight) + x, by one weight for all numbers. */
const curve = (weights: NamedTensors, { x }: NamedTensors): NamedTensors => ({
  y: tf.add(tf.tanh(tf.mul(x, weights['weight'])), x),
});

const weightOf = (value: number): NamedTensors => ({ weight: tf.scalar(value) });

function numbersFrom(run: RunFunction, name: string, call: FunctionCall): number[] {
  const results = run(name, call);
  const numbers = numbersOf(results['y']);
  tf.dispose(results);
  return numbers;
}

function expectEqualRuns(run: RunFunction, name: string, call: FunctionCall): void {
  const found = numbersFrom(run, name, call);
  const expected = numbersFrom(runEagerly, name, call);
  expect(found).toHaveLength(expected.length);
  found.forEach((value, index) => expect(Math.abs(value - expected[index])).toBeLessThan(1e-6));
}

describeNative('a compiled function', () => {
  it('is traced once for each shape of its inputs, and right for each', () => {
    const { run, told } = createRunner();
    const sessions = countSessions();
    const parameters = weightOf(0.7);
    for (const count of [3, 1, 4, 3, 1, 4]) {
      expectEqualRuns(run, 'curve', {
        parameters,
        inputs: { x: wave(`x${count}`, [count, 2]) },
        work: curve,
      });
    }
    expect(sessions.opened).toBe(3);
    expect(told).toEqual([]);
  });

  it('distinguishes functions by name, and inputs by name too', () => {
    const { run } = createRunner();
    const parameters = weightOf(2);
    const [a, b] = [wave('a', [3]), wave('b', [3])];
    const difference: FunctionCall['work'] = (_weights, { left, right }) => ({ y: tf.sub(left, right) });
    expectEqualRuns(run, 'curve', { parameters, inputs: { x: a }, work: curve });
    expectEqualRuns(run, 'difference', { parameters, inputs: { left: a, right: b }, work: difference });
    expectEqualRuns(run, 'difference', { parameters, inputs: { right: b, left: a }, work: difference });
  });

  it('uses new parameters from the call on that brings them, and gives the old numbers with the old ones', () => {
    const { run } = createRunner();
    const sessions = countSessions();
    const inputs = { x: wave('x', [5]) };
    const [first, second] = [weightOf(0.5), weightOf(-1.5)];
    const at = (parameters: NamedTensors) => numbersFrom(run, 'curve', { parameters, inputs, work: curve });
    const before = at(first);
    expectEqualRuns(run, 'curve', { parameters: second, inputs, work: curve });
    expect(at(second)).not.toEqual(before);
    expect(at(first)).toEqual(before);
    expect(sessions).toEqual({ opened: 1, closed: 0 });
  });

  it('sees new parameters in every shape it was traced for', () => {
    const { run } = createRunner();
    const inputs = [3, 7].map((count) => ({ x: wave('x', [count]) }));
    for (const parameters of [weightOf(0.5), weightOf(-1.5), weightOf(3)]) {
      inputs.forEach((of) => expectEqualRuns(run, 'curve', { parameters, inputs: of, work: curve }));
    }
  });

  it('keeps eight graphs at most: the one unused for longest is closed, and made again when it is needed', () => {
    const { run, close } = createRunner();
    const sessions = countSessions();
    const parameters = weightOf(0.7);
    const use = (count: number) =>
      expectEqualRuns(run, 'curve', { parameters, inputs: { x: wave('x', [count]) }, work: curve });
    for (let count = 1; count <= 8; count++) use(count);
    expect(sessions).toEqual({ opened: 8, closed: 0 });
    use(1);
    use(9);
    expect(sessions).toEqual({ opened: 9, closed: 1 });
    use(1);
    expect(sessions.opened).toBe(9);
    use(2);
    expect(sessions).toEqual({ opened: 10, closed: 2 });
    close();
    expect(sessions).toEqual({ opened: 10, closed: 10 });
  });

  it('owns nothing but its results, whether it is traced or run', () => {
    const { run } = createRunner();
    const call: FunctionCall = { parameters: weightOf(1), inputs: { x: wave('x', [4]) }, work: curve };
    const before = tf.memory().numTensors;
    const kept = Array.from({ length: 50 }, () => run('curve', call));
    expect(tf.memory().numTensors).toBe(before + 50);
    tf.dispose(kept);
    expect(tf.memory().numTensors).toBe(before);
    const { x, weight } = { ...call.inputs, ...call.parameters };
    expect([x.isDisposed, weight.isDisposed]).toEqual([false, false]);
  });

  it('may hand an input through', () => {
    const { run } = createRunner();
    const call: FunctionCall = {
      parameters: weightOf(3),
      inputs: { x: wave('x', [4]) },
      work: (weights, { x }) => ({ x, y: tf.mul(x, weights['weight']) }),
    };
    for (let round = 0; round < 2; round++) {
      const results = run('through', call);
      expect(numbersOf(results['x'])).toEqual(numbersOf(call.inputs['x']));
      expect(numbersOf(results['y'])).toEqual(numbersOf(tf.mul(call.inputs['x'], 3)));
    }
  });
});

/** Squares a tensor with an operation whose attributes are the test's. */
function registerSquare(kernelName: string, attributes: readonly object[]): (x: Tensor) => Tensor {
  tf.registerKernel({
    kernelName,
    backendName: 'tensorflow',
    kernelFunc: ({ inputs, backend }) => {
      const native = backend as unknown as {
        executeSingleOutput(name: string, attributes: readonly object[], inputs: readonly unknown[]): Tensor;
      };
      return native.executeSingleOutput('Square', attributes, [inputs['x']]);
    },
  });
  onTestFinished(() => tf.unregisterKernel(kernelName, 'tensorflow'));
  return (x) => tf.engine().runKernel(kernelName, { x }) as Tensor;
}

describeNative('a function that cannot be compiled', () => {
  const inputs = () => ({ x: wave('x', [3]) });

  it('because it reads a value runs eagerly from then on with equal numbers, and says so once', () => {
    const { run, told } = createRunner();
    const work: FunctionCall['work'] = (weights, { x }) => ({
      y: tf.mul(curve(weights, { x })['y'], x.dataSync()[0]),
    });
    const call = { parameters: weightOf(1), inputs: inputs(), work };
    const before = tf.memory().numTensors;
    for (let round = 0; round < 3; round++) expectEqualRuns(run, 'reading', call);
    expect(told).toEqual([
      'reading: The traced function reads the values of a tensor, which a graph cannot.',
    ]);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('because an attribute has no counterpart is named by operation and attribute', () => {
    // Taken off before it reaches TensorFlow, which knows no such kind either.
    replaceInBinding((own) => ({
      executeOp: (name, attributes, ids, count) =>
        own.executeOp(
          name,
          attributes.filter(({ type }) => type !== 99),
          ids,
          count,
        ),
    }));
    const square = registerSquare('ShadedSquare', [{ name: 'shade', type: 99, value: 1 }]);
    const { run, told } = createRunner();
    const work: FunctionCall['work'] = (_weights, { x }) => ({ y: square(x) });
    for (let round = 0; round < 2; round++) {
      expectEqualRuns(run, 'shaded', { parameters: {}, inputs: inputs(), work });
    }
    expect(told).toEqual([
      'shaded: The operation Square cannot be written into a graph: its attribute "shade" is of kind 99.',
    ]);
  });

  it('because a graph must state what eager execution infers is refused in TensorFlow’s own words', () => {
    const square = registerSquare('BareSquare', []);
    const { run, told } = createRunner();
    const work: FunctionCall['work'] = (_weights, { x }) => ({ y: square(x) });
    expectEqualRuns(run, 'bare', { parameters: {}, inputs: inputs(), work });
    expect(told).toHaveLength(1);
    expect(told[0]).toMatch(/^bare: .*No attr named 'T'/);
  });

  it('leaves the others compiled', () => {
    const { run, told } = createRunner();
    const sessions = countSessions();
    const reading: FunctionCall['work'] = (_weights, { x }) => ({ y: tf.mul(x, x.dataSync()[0]) });
    expectEqualRuns(run, 'reading', { parameters: {}, inputs: inputs(), work: reading });
    expectEqualRuns(run, 'curve', { parameters: weightOf(2), inputs: inputs(), work: curve });
    expect(sessions).toEqual({ opened: 1, closed: 0 });
    expect(told).toHaveLength(1);
  });
});
