import type { Tensor } from '@tensorflow/tfjs-core';
import { expect, it, onTestFinished } from 'vitest';
import { createCompiledFunctions } from '../../../main/compute/graph/compiledFunctions.ts';
import { type FunctionCall, runEagerly, type RunFunction } from '../../../main/engine/runFunction.ts';
import { numbersOf, wave } from '../../engine/field/waves.ts';
import { describeNative, tf } from '../../support/backend.ts';
import type { NativeAttribute } from '../../../main/compute/graph/nativeBackend.ts';
import { countSessions, nativeBackend, replaceInBinding } from './nativeBinding.ts';
import type { NamedTensors } from '../../../main/engine/tensors.ts';

/** Returns a new runner, with the list of what it reports about functions that it runs eagerly. */
function createRunner() {
  const reports: string[] = [];
  const functions = createCompiledFunctions(nativeBackend(), {
    parts: 2,
    onEager: (name, reason) => void reports.push(`${name}: ${reason}`),
  });
  onTestFinished(functions.close);
  return { ...functions, reports };
}

/** Returns y = tanh(x · weight) + x, with a single weight. */
const curve = (weights: NamedTensors, { x }: NamedTensors): NamedTensors => ({
  y: tf.add(tf.tanh(tf.mul(x, weights['weight'])), x),
});

const createWeight = (value: number): NamedTensors => ({ weight: tf.scalar(value) });

function runCall(run: RunFunction, name: string, call: FunctionCall): number[] {
  const results = run(name, call);
  const numbers = numbersOf(results['y']);
  tf.dispose(results);
  return numbers;
}

function expectEqualRuns(run: RunFunction, name: string, call: FunctionCall): void {
  const found = runCall(run, name, call);
  const expected = runCall(runEagerly, name, call);
  expect(found).toHaveLength(expected.length);
  found.forEach((value, index) => expect(Math.abs(value - expected[index])).toBeLessThan(1e-6));
}

describeNative('a compiled function', () => {
  it('is traced once for each shape of its inputs, and is correct for each', () => {
    const { run, reports } = createRunner();
    const sessions = countSessions();
    const parameters = createWeight(0.7);
    for (const count of [3, 1, 4, 3, 1, 4]) {
      expectEqualRuns(run, 'curve', {
        parameters,
        inputs: { x: wave(`x${count}`, [count, 2]) },
        work: curve,
      });
    }
    expect(sessions.opened).toBe(3);
    expect(reports).toEqual([]);
  });

  it('distinguishes functions and inputs by name', () => {
    const { run } = createRunner();
    const parameters = createWeight(2);
    const [a, b] = [wave('a', [3]), wave('b', [3])];
    const difference: FunctionCall['work'] = (_weights, { left, right }) => ({ y: tf.sub(left, right) });
    expectEqualRuns(run, 'curve', { parameters, inputs: { x: a }, work: curve });
    expectEqualRuns(run, 'difference', { parameters, inputs: { left: a, right: b }, work: difference });
    expectEqualRuns(run, 'difference', { parameters, inputs: { right: b, left: a }, work: difference });
  });

  it('uses new parameters from the call that passes them, and the old ones when they are passed again', () => {
    const { run } = createRunner();
    const sessions = countSessions();
    const inputs = { x: wave('x', [5]) };
    const [first, second] = [createWeight(0.5), createWeight(-1.5)];
    const at = (parameters: NamedTensors) => runCall(run, 'curve', { parameters, inputs, work: curve });
    const before = at(first);
    expectEqualRuns(run, 'curve', { parameters: second, inputs, work: curve });
    expect(at(second)).not.toEqual(before);
    expect(at(first)).toEqual(before);
    expect(sessions).toEqual({ opened: 1, closed: 0 });
  });

  it('uses new parameters for every shape that it was traced for', () => {
    const { run } = createRunner();
    const inputs = [3, 7].map((count) => ({ x: wave('x', [count]) }));
    for (const parameters of [createWeight(0.5), createWeight(-1.5), createWeight(3)]) {
      inputs.forEach((input) => expectEqualRuns(run, 'curve', { parameters, inputs: input, work: curve }));
    }
  });

  it('keeps at most eight graphs: it closes the least recently used one, and builds it again when it is needed', () => {
    const { run, close } = createRunner();
    const sessions = countSessions();
    const parameters = createWeight(0.7);
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

  it('allocates only its results, whether it is traced or run', () => {
    const { run } = createRunner();
    const call: FunctionCall = { parameters: createWeight(1), inputs: { x: wave('x', [4]) }, work: curve };
    const before = tf.memory().numTensors;
    const kept = Array.from({ length: 50 }, () => run('curve', call));
    expect(tf.memory().numTensors).toBe(before + 50);
    tf.dispose(kept);
    expect(tf.memory().numTensors).toBe(before);
    const { x, weight } = { ...call.inputs, ...call.parameters };
    expect([x.isDisposed, weight.isDisposed]).toEqual([false, false]);
  });

  it('may return an input', () => {
    const { run } = createRunner();
    const call: FunctionCall = {
      parameters: createWeight(3),
      inputs: { x: wave('x', [4]) },
      work: (weights, { x }) => ({ x, y: tf.mul(x, weights['weight']) }),
    };
    for (let round = 0; round < 2; round++) {
      const results = run('returnInput', call);
      expect(numbersOf(results['x'])).toEqual(numbersOf(call.inputs['x']));
      expect(numbersOf(results['y'])).toEqual(numbersOf(tf.mul(call.inputs['x'], 3)));
    }
  });
});

/** Registers a kernel that squares a tensor by an operation with these attributes. */
function registerSquare(kernelName: string, attributes: readonly NativeAttribute[]): (x: Tensor) => Tensor {
  tf.registerKernel({
    kernelName,
    backendName: 'tensorflow',
    kernelFunc: ({ inputs }) => {
      const native = nativeBackend();
      const ids = native.getInputTensorIds([inputs['x'] as Tensor]);
      const [output] = native.binding.executeOp('Square', attributes, ids, 1);
      return native.createOutputTensor(output);
    },
  });
  onTestFinished(() => tf.unregisterKernel(kernelName, 'tensorflow'));
  return (x) => tf.engine().runKernel(kernelName, { x }) as Tensor;
}

describeNative('a function that cannot be compiled', () => {
  const createInputs = () => ({ x: wave('x', [3]) });

  it('because it reads a value runs eagerly from then on with equal numbers, and is reported once', () => {
    const { run, reports } = createRunner();
    const work: FunctionCall['work'] = (weights, { x }) => ({
      y: tf.mul(curve(weights, { x })['y'], x.dataSync()[0]),
    });
    const call = { parameters: createWeight(1), inputs: createInputs(), work };
    const before = tf.memory().numTensors;
    for (let round = 0; round < 3; round++) expectEqualRuns(run, 'reading', call);
    expect(reports).toEqual([
      'reading: The traced function reads the values of a tensor, which a graph cannot.',
    ]);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('because an attribute has no counterpart is reported by operation and attribute', () => {
    // The attribute is removed before it reaches TensorFlow, which does not know this kind either.
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
    const { run, reports } = createRunner();
    const work: FunctionCall['work'] = (_weights, { x }) => ({ y: square(x) });
    for (let round = 0; round < 2; round++) {
      expectEqualRuns(run, 'shaded', { parameters: {}, inputs: createInputs(), work });
    }
    expect(reports).toEqual([
      'shaded: The operation Square cannot be written into a graph: its attribute "shade" is of kind 99.',
    ]);
  });

  it('because a graph must state what eager execution infers is reported with the message of TensorFlow', () => {
    const square = registerSquare('BareSquare', []);
    const { run, reports } = createRunner();
    const work: FunctionCall['work'] = (_weights, { x }) => ({ y: square(x) });
    expectEqualRuns(run, 'bare', { parameters: {}, inputs: createInputs(), work });
    expect(reports).toHaveLength(1);
    expect(reports[0]).toMatch(/^bare: .*No attr named 'T'/);
  });

  it('does not prevent the compilation of others', () => {
    const { run, reports } = createRunner();
    const sessions = countSessions();
    const reading: FunctionCall['work'] = (_weights, { x }) => ({ y: tf.mul(x, x.dataSync()[0]) });
    expectEqualRuns(run, 'reading', { parameters: {}, inputs: createInputs(), work: reading });
    expectEqualRuns(run, 'curve', { parameters: createWeight(2), inputs: createInputs(), work: curve });
    expect(sessions).toEqual({ opened: 1, closed: 0 });
    expect(reports).toHaveLength(1);
  });
});
