/** Records of tensors and of plain arrays by name, and how one becomes the other. */

import * as tf from '@tensorflow/tfjs-core';

/** Tensors by name, such as the parameters of a network. */
export type NamedTensors = Readonly<Record<string, tf.Tensor>>;

/** A float32 array with its shape: a tensor outside the backend. */
export interface NamedArray {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}
export type NamedArrays = Readonly<Record<string, NamedArray>>;

/** Constraint of a record whose members are tensors, some of which may be absent. */
export type TensorRecord<Members> = { readonly [Name in keyof Members]: tf.Tensor | undefined };

/** The record of tensors that `toTensors` makes of a record of arrays, which may be nested. */
export type TensorsOf<Arrays> = Arrays extends NamedArray
  ? tf.Tensor
  : Arrays extends object
    ? { readonly [Name in keyof Arrays]: TensorsOf<Arrays[Name]> }
    : Arrays;

/** Returns the float32 tensor of an array; the caller owns it. */
export function toTensor({ shape, values }: NamedArray): tf.Tensor {
  return tf.tensor(values, [...shape], 'float32');
}

/** Returns a record with a tensor in place of every array, at any depth; the caller owns the tensors. */
export function toTensors<Arrays extends object>(arrays: Arrays): TensorsOf<Arrays> {
  return replaceArrays(arrays) as TensorsOf<Arrays>;
}

function replaceArrays(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (isNamedArray(value)) return toTensor(value);
  if (Array.isArray(value)) return value.map(replaceArrays);
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, replaceArrays(member)]));
}

function isNamedArray(value: object): value is NamedArray {
  return 'values' in value && value.values instanceof Float32Array;
}

/** Reads a float32 tensor and disposes it. A card is not stalled: only the caller waits. */
export async function takeValues(tensor: tf.Tensor): Promise<Float32Array> {
  try {
    return (await tensor.data()) as Float32Array;
  } finally {
    tensor.dispose();
  }
}

/**
 * Returns the numbers of a few small operations at once, such as the coefficients of a path. WebGPU cannot be read
 * synchronously; there, they run on the processor. `work` must create all its tensors itself.
 */
export function computeNumbers(work: () => tf.Tensor): Float32Array {
  const name = tf.getBackend();
  const isAsynchronous = name === 'webgpu';
  // Both calls take effect at once, because both backends are loaded.
  if (isAsynchronous) void tf.setBackend('cpu');
  try {
    const tensor = tf.tidy(work);
    const numbers = Float32Array.from(tensor.dataSync());
    tensor.dispose();
    return numbers;
  } finally {
    if (isAsynchronous) void tf.setBackend(name);
  }
}

/** Lists the tensors of a record at any depth, ordered by name, so that equal records list theirs in the same order. */
export function listTensors(value: unknown): tf.Tensor[] {
  if (value instanceof tf.Tensor) return [value];
  if (typeof value !== 'object' || value === null) return [];
  const names = Object.keys(value);
  const ordered = Array.isArray(value) ? names : names.toSorted();
  return ordered.flatMap((name) => listTensors((value as Readonly<Record<string, unknown>>)[name]));
}

/** Returns a record with `change` applied to every tensor; absent members stay absent. */
export function mapTensors<Members extends TensorRecord<Members>>(
  members: Members,
  change: (tensor: tf.Tensor, name: keyof Members) => tf.Tensor,
): Members {
  const changed: Partial<Record<keyof Members, tf.Tensor>> = {};
  for (const name of Object.keys(members) as (keyof Members)[]) {
    const tensor: tf.Tensor | undefined = members[name];
    if (tensor) changed[name] = change(tensor, name);
  }
  return changed as Members;
}
