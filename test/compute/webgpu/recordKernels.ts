/** Compares the kernels of a card with those of the processor, on what the networks and samplers give them. */

import * as tf from '@tensorflow/tfjs-core';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';

type Kernel = Parameters<tf.KernelFunc>[0];
type Inputs = Record<string, { values: tf.TypedArray; shape: number[]; dtype: tf.DataType }>;

interface RecordedCall {
  readonly name: string;
  readonly attrs: Kernel['attrs'];
  readonly inputs: Promise<Inputs>;
  readonly outputs: Promise<Inputs>;
  /** Whether the inputs have numbers instead of names, as those of a concatenation. */
  readonly isList: boolean;
}

/** Calls of one kernel that differ in their attributes, or in the ranks of their inputs, and are compared at most. */
const mostCalls = 4;

export interface KernelComparison {
  /** Largest difference by kernel, in ulps of the largest number of the result. */
  readonly differences: Record<string, number>;
  /** Kernels that the processor lacks. */
  readonly uncompared: string[];
}

/** Records the first calls of every kernel of the card from now on; the returned function computes them again. */
export function recordKernels(backend: WebGPUBackend): () => Promise<KernelComparison> {
  const calls = new Map<string, RecordedCall>();
  for (const kernel of tf.getKernelsForBackend('webgpu')) {
    tf.unregisterKernel(kernel.kernelName, 'webgpu');
    tf.registerKernel({ ...kernel, kernelFunc: (call) => record(calls, { backend, kernel, call }) });
  }
  return () => compareCalls([...calls.values()]);
}

function record(
  calls: Map<string, RecordedCall>,
  from: { backend: WebGPUBackend; kernel: tf.KernelConfig; call: Kernel },
): ReturnType<tf.KernelFunc> {
  const { backend, kernel, call } = from;
  const name = kernel.kernelName;
  const ranks = Object.values(call.inputs).map((input) => (input as tf.TensorInfo).shape.length);
  const key = `${name} ${JSON.stringify([ranks, call.attrs])}`;
  const known = [...calls.keys()].filter((one) => one.startsWith(`${name} `));
  const isNew = !calls.has(key) && known.length < mostCalls;
  const inputs = isNew ? readAll(backend, call.inputs) : null;
  const result = kernel.kernelFunc(call);
  if (inputs) {
    const outputs = readAll(backend, Object.fromEntries([result].flat().entries()));
    calls.set(key, { name, attrs: call.attrs, inputs, outputs, isList: Array.isArray(call.inputs) });
  }
  return result;
}

/** Begins to read tensors, which may be disposed of at once. */
async function readAll(backend: WebGPUBackend, infos: Kernel['inputs']): Promise<Inputs> {
  const read = Object.entries(infos).map(async ([name, info]): Promise<[string, Inputs[string]]> => {
    const { dataId, shape, dtype } = info as tf.TensorInfo;
    // A cast may have left the numbers as they were.
    const { values, resource, dtype: stored } = backend.tensorMap.get(dataId);
    const numbers = (values ??
      toArray(stored, await backend.getBufferData(resource as GPUBuffer))) as tf.TypedArray;
    const count = shape.reduce((product, length) => product * length, 1);
    return [name, { values: numbers.slice(0, count), shape: [...shape], dtype }];
  });
  return Object.fromEntries(await Promise.all(read));
}

function toArray(dtype: tf.DataType, buffer: ArrayBuffer): tf.TypedArray {
  return dtype === 'float32' ? new Float32Array(buffer) : new Int32Array(buffer);
}

async function compareCalls(calls: readonly RecordedCall[]): Promise<KernelComparison> {
  await tf.setBackend('cpu');
  const differences: Record<string, number> = {};
  const uncompared = new Set<string>();
  for (const { name, attrs, ...call } of calls) {
    const [inputs, outputs] = await Promise.all([call.inputs, call.outputs]);
    if (!tf.getKernel(name, 'cpu')) {
      uncompared.add(name);
      continue;
    }
    const entries = Object.entries(inputs).map(
      ([key, { values, shape, dtype }]) => [key, tf.tensor(values, shape, dtype)] as const,
    );
    const given = call.isList ? entries.map(([, tensor]) => tensor) : Object.fromEntries(entries);
    const expected = [tf.engine().runKernel(name, given as tf.NamedTensorMap, attrs)].flat() as tf.Tensor[];
    expected.forEach((tensor, index) => {
      const found = differenceInUlps(outputs[index].values, tensor.dataSync());
      differences[name] = Math.max(differences[name] ?? 0, found);
    });
    tf.dispose([...entries.map(([, tensor]) => tensor), ...expected]);
  }
  return { differences, uncompared: [...uncompared] };
}

/** Returns the largest difference in units of the last place of the largest number; infinite if a number is missing. */
function differenceInUlps(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (found.length !== expected.length) return Infinity;
  const wanted = Array.from(expected);
  const scale = wanted.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-30);
  return wanted.reduce((most, value, index) => {
    if (Number.isNaN(value) && Number.isNaN(found[index])) return most;
    const difference = Math.abs(found[index] - value) / (scale * 2 ** -23);
    return Number.isNaN(difference) ? Infinity : Math.max(most, difference);
  }, 0);
}
