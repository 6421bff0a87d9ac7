/**
 * The kernel `StatelessUniform`: uniform random numbers that are a pure function of the kernel's attributes.
 * Philox-4x32-10: Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3", §3.
 */

import type * as tfjs from '@tensorflow/tfjs-core';
import type { KernelBackend, NamedAttrMap, Tensor, TensorInfo } from '@tensorflow/tfjs-core';

import { philox } from '../../../shared/pure/random.ts';

type TensorFlow = typeof tfjs;

export interface StatelessUniformAttributes {
  readonly shape: readonly number[];
  /** Integers ≥ 0: the run's seed, the purpose of the numbers, and the step they belong to (up to 2^53). */
  readonly seed: number;
  readonly stream: number;
  readonly step: number;
}

/** The parts of tfjs-node's backend that its own kernels use. */
interface NativeBackend extends KernelBackend {
  readonly binding: { readonly TF_ATTR_TYPE: number };
  getDTypeInteger(dtype: string): number;
  executeSingleOutput(name: string, attributes: readonly object[], inputs: readonly Tensor[]): Tensor;
}

/** The two int32 that (seed, stream, step) become: the seed input of TensorFlow's stateless operations. */
export function hashSeed({ seed, stream, step }: Omit<StatelessUniformAttributes, 'shape'>): Int32Array {
  const output = new Uint32Array(4);
  const counter = [...splitWords(step), stream >>> 0, 0x5eed];
  philox(counter, splitWords(seed), output);
  return Int32Array.from(output.subarray(0, 2));
}

/** Register the kernel for both backends; the numbers of the two differ, each is reproducible for itself. */
export function registerStatelessUniform(tf: TensorFlow): void {
  const kernelName = 'StatelessUniform';
  tf.registerKernel({
    kernelName,
    backendName: 'tensorflow',
    kernelFunc: ({ backend, attrs }) => runNative(tf, backend as NativeBackend, readAttributes(attrs)),
  });
  tf.registerKernel({
    kernelName,
    backendName: 'wasm',
    kernelFunc: ({ backend, attrs }) => runPhilox(backend as KernelBackend, readAttributes(attrs)),
  });
}

function readAttributes(attributes: NamedAttrMap | undefined): StatelessUniformAttributes {
  const { shape, seed, stream, step } = attributes as unknown as StatelessUniformAttributes;
  const wrong = Object.entries({ seed, stream, step }).find(
    ([, value]) => !Number.isSafeInteger(value) || value < 0,
  );
  if (wrong)
    throw new Error(
      `StatelessUniform: ${wrong[0]} is ${wrong[1]}, expected an integer in [0, 2^53); correct the call.`,
    );
  return { shape, seed, stream, step };
}

function runNative(
  tf: TensorFlow,
  backend: NativeBackend,
  attributes: StatelessUniformAttributes,
): TensorInfo {
  const shape = tf.tensor1d([...attributes.shape], 'int32');
  const seed = tf.tensor1d(hashSeed(attributes), 'int32');
  const typed = (name: string, dtype: string): object => ({
    name,
    type: backend.binding.TF_ATTR_TYPE,
    value: backend.getDTypeInteger(dtype),
  });
  const types = [typed('T', 'int32'), typed('Tseed', 'int32'), typed('dtype', 'float32')];
  const result = backend.executeSingleOutput('StatelessRandomUniform', types, [shape, seed]);
  tf.dispose([shape, seed]);
  return result;
}

function runPhilox(backend: KernelBackend, attributes: StatelessUniformAttributes): TensorInfo {
  const shape = [...attributes.shape];
  const count = shape.reduce((product, size) => product * size, 1);
  const key = Array.from(hashSeed(attributes), (word) => word >>> 0);
  const bits = new Uint32Array(Math.ceil(count / 4) * 4);
  for (let block = 0; block * 4 < count; block++) philox([block, 0, 0, 0], key, bits, block * 4);
  const values = Float32Array.from(bits.subarray(0, count), (word) => (word >>> 8) / 0x1000000);
  return { dataId: backend.write(values, shape, 'float32'), shape, dtype: 'float32' };
}

/** A non-negative integer below 2^53 as low and high uint32. */
function splitWords(value: number): [number, number] {
  return [value >>> 0, Math.floor(value / 0x100000000) >>> 0];
}
