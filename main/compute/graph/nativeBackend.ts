/** The parts of tfjs-node's backend that tracing and sessions need; typed here because its package does not export them. */

import * as tf from '@tensorflow/tfjs-core';

/** TensorFlow's numbers of the element types used here (`types.proto`). */
export const dataTypes = { float32: 1, int32: 3, bool: 10, resource: 20 } as const;

/** A tensor as the addon returns it; `dtype` is one of TensorFlow's numbers. */
export interface NativeOutput {
  readonly id: number;
  readonly shape: number[];
  readonly dtype: number;
}

/** One attribute of an operation as tfjs-node's kernels pass it; `type` is one of the TF_ATTR_ numbers. */
export interface NativeAttribute {
  readonly name: string;
  readonly type: number;
  readonly value: unknown;
}

export interface NativeBinding {
  executeOp(
    name: string,
    attributes: readonly NativeAttribute[],
    inputs: readonly number[],
    outputCount: number,
  ): NativeOutput[];
  createTensor(shape: number[], dtype: number, values: ArrayBufferView): number;
  deleteTensor(id: number): void;
  tensorDataSync(id: number): ArrayBufferView;
  loadSavedModel(folder: string, tags: string): number;
  deleteSavedModel(id: number): void;
  runSavedModel(
    id: number,
    inputs: readonly number[],
    inputNames: string,
    outputNames: string,
  ): NativeOutput[];
  readonly TF_Version: string;
  readonly TF_ATTR_STRING: number;
  readonly TF_ATTR_INT: number;
  readonly TF_ATTR_FLOAT: number;
  readonly TF_ATTR_BOOL: number;
  readonly TF_ATTR_TYPE: number;
  readonly TF_ATTR_SHAPE: number;
}

export interface NativeBackend {
  binding: NativeBinding;
  readonly isUsingGpuDevice: boolean;
  /** Returns the ids of tensors, after passing those to TensorFlow that it does not hold yet. */
  getInputTensorIds(tensors: readonly tf.Tensor[]): number[];
  createOutputTensor(output: NativeOutput): tf.Tensor;
}

/** Returns the running backend; null if it is not native TensorFlow. */
export function findNativeBackend(): NativeBackend | null {
  if (tf.getBackend() !== 'tensorflow') return null;
  const backend: object = tf.backend();
  return isNative(backend) ? backend : null;
}

function isNative(backend: object): backend is NativeBackend {
  return 'binding' in backend && 'getInputTensorIds' in backend;
}
