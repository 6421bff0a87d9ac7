/** From tfjs-node's op attributes to the graph's: eager execution infers some that a graph must state. */

import type { Tensor } from '@tensorflow/tfjs-core';
import type { AttrValueMessage, TensorShapeMessage } from './messages.ts';
import type { NativeAttribute, NativeBinding } from './nativeBackend.ts';
import { TraceError, type TracedNode } from './trace.ts';

/** TensorFlow's numbers of the types used here (types.proto). */
export const dataTypes = { float32: 1, int32: 3, bool: 10, resource: 20 } as const;

/** Attributes that eager execution infers from the inputs, by operation; every one is a type. */
const inferredTypes: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  ExpandDims: { T: dataTypes.float32, Tdim: dataTypes.int32 },
  Squeeze: { T: dataTypes.float32 },
};

/** @throws TraceError naming operation and attribute when its kind has no counterpart. */
export function graphAttributes(node: TracedNode, binding: NativeBinding): Record<string, AttrValueMessage> {
  const inferred = Object.entries(inferredTypes[node.operation] ?? {}).map(
    ([name, type]) => [name, { type }] as const,
  );
  const stated = node.attributes.map(
    (attribute) => [attribute.name, convert(node, attribute, binding)] as const,
  );
  return Object.fromEntries([...inferred, ...stated]);
}

function convert(node: TracedNode, attribute: NativeAttribute, binding: NativeBinding): AttrValueMessage {
  const { type, value } = attribute;
  if (Array.isArray(value) && type !== binding.TF_ATTR_SHAPE) {
    const key = listKey(type, binding);
    if (key) return { list: { [key]: key === 's' ? value.map(toBytes) : value } };
  } else if (type === binding.TF_ATTR_STRING) return { s: toBytes(value) };
  else if (type === binding.TF_ATTR_INT) return { i: Number(value) };
  else if (type === binding.TF_ATTR_FLOAT) return { f: Number(value) };
  else if (type === binding.TF_ATTR_BOOL) return { b: Boolean(value) };
  else if (type === binding.TF_ATTR_TYPE) return { type: Number(value) };
  else if (type === binding.TF_ATTR_SHAPE) return { shape: toShape(value as number[]) };
  throw new TraceError(
    `The operation ${node.operation} cannot be written into a graph: its attribute "${attribute.name}" is of kind ${type}.`,
  );
}

function listKey(type: number, binding: NativeBinding): 's' | 'i' | 'f' | 'b' | 'type' | null {
  if (type === binding.TF_ATTR_STRING) return 's';
  if (type === binding.TF_ATTR_INT) return 'i';
  if (type === binding.TF_ATTR_FLOAT) return 'f';
  if (type === binding.TF_ATTR_BOOL) return 'b';
  return type === binding.TF_ATTR_TYPE ? 'type' : null;
}

function toBytes(value: unknown): Uint8Array {
  return new TextEncoder().encode(String(value));
}

/** @throws TraceError for a tensor that is not float32: everything that crosses into a graph is. */
export function placeholderOf({ shape, dtype }: Tensor): { shape: readonly number[]; dtype: number } {
  if (dtype !== 'float32') throw new TraceError(`An input of a graph is ${dtype}, expected float32.`);
  return { shape, dtype: dataTypes.float32 };
}

export function toShape(shape: readonly number[]): TensorShapeMessage {
  return { dim: shape.map((size) => ({ size })) };
}
