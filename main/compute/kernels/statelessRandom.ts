/**
 * The kernels `StatelessUniform` and `StatelessNormal`: random numbers that are a pure function of a seed tensor and a
 * shape, so that they can be sampled inside a compiled graph.
 * Philox-4x32-10: Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3", §3.
 */

import { mapInto } from '../../../shared/numbers/mapInto.ts';
import type * as tfjs from '@tensorflow/tfjs-core';
import type {
  KernelBackend,
  NamedAttrMap,
  NamedTensorInfoMap,
  Tensor,
  TensorInfo,
} from '@tensorflow/tfjs-core';

import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';

import { philox, toNormals } from '../../../shared/numbers/random.ts';

import { runRandomKernel } from '../webgpu/kernels.ts';

type TensorFlow = typeof tfjs;

/** The kernels and the TensorFlow operations that implement them natively. */
const operations = {
  StatelessUniform: 'StatelessRandomUniform',
  StatelessNormal: 'StatelessRandomNormal',
} as const;
type KernelName = keyof typeof operations;

/** The parts of tfjs-node's backend that its kernels use. */
interface NativeBackend extends KernelBackend {
  readonly binding: { readonly TF_ATTR_TYPE: number };
  getDTypeInteger(dtype: string): number;
  executeSingleOutput(name: string, attributes: readonly object[], inputs: readonly TensorInfo[]): Tensor;
}

/**
 * Registers both kernels for all backends. Input `seed`: int32 [2]; attribute `shape`; output: float32 of that shape. WASM
 * and WebGPU generate the same numbers, TensorFlow others.
 */
export function registerStatelessRandom(tf: TensorFlow): void {
  for (const kernelName of Object.keys(operations) as KernelName[]) {
    tf.registerKernel({
      kernelName,
      backendName: 'tensorflow',
      kernelFunc: ({ inputs, backend, attrs }) =>
        runNative(tf, kernelName, {
          seed: seedOf(inputs),
          backend: backend as NativeBackend,
          shape: shapeOf(attrs),
        }),
    });
    tf.registerKernel({
      kernelName,
      backendName: 'webgpu',
      kernelFunc: ({ inputs, backend, attrs }) =>
        runRandomKernel(backend as WebGPUBackend, kernelName, {
          seed: seedOf(inputs),
          shape: shapeOf(attrs),
        }),
    });
    tf.registerKernel({
      kernelName,
      backendName: 'wasm',
      kernelFunc: ({ inputs, backend, attrs }) =>
        runPhilox(kernelName, {
          seed: seedOf(inputs),
          backend: backend as KernelBackend,
          shape: shapeOf(attrs),
        }),
    });
  }
}

interface Draw<Backend> {
  readonly seed: TensorInfo;
  readonly backend: Backend;
  readonly shape: readonly number[];
}

function seedOf(inputs: NamedTensorInfoMap): TensorInfo {
  const { seed } = inputs;
  if (!seed) throw new Error('A stateless random kernel needs the input seed; correct the call.');
  if (seed.dtype === 'int32' && seed.shape.join() === '2') return seed;
  throw new Error(
    `A seed is ${seed.dtype} [${seed.shape.join(', ')}], expected int32 [2]; correct the call.`,
  );
}

function shapeOf(attributes: NamedAttrMap | undefined): readonly number[] {
  const shape = attributes?.['shape'];
  if (Array.isArray(shape)) return shape as number[];
  throw new Error('A stateless random kernel needs the attribute shape; correct the call.');
}

function runNative(tf: TensorFlow, kernelName: KernelName, draw: Draw<NativeBackend>): TensorInfo {
  const { backend } = draw;
  const shape = tf.tensor1d([...draw.shape], 'int32');
  const typed = (name: string, dtype: string): object => ({
    name,
    type: backend.binding.TF_ATTR_TYPE,
    value: backend.getDTypeInteger(dtype),
  });
  const types = [typed('T', 'int32'), typed('Tseed', 'int32'), typed('dtype', 'float32')];
  const result = backend.executeSingleOutput(operations[kernelName], types, [shape, draw.seed]);
  shape.dispose();
  return result;
}

function runPhilox(kernelName: KernelName, { seed, backend, shape }: Draw<KernelBackend>): TensorInfo {
  const count = shape.reduce((product, size) => product * size, 1);
  const key = Array.from(backend.readSync(seed.dataId) as Int32Array, (word) => word >>> 0);
  const bits = new Uint32Array(Math.ceil(count / 4) * 4);
  for (let block = 0; block * 4 < count; block++) philox([block, 0, 0, 0], key, bits, block * 4);
  const values =
    kernelName === 'StatelessNormal'
      ? toNormals(bits, count)
      : mapInto(new Float32Array(count), bits, (word) => (word >>> 8) / 0x1000000);
  return { dataId: backend.write(values, [...shape], 'float32'), shape: [...shape], dtype: 'float32' };
}
