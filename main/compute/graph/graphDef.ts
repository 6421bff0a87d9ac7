/** Turns a trace into the nodes of a TensorFlow graph that keeps its state in resource variables. */

import type { Tensor } from '@tensorflow/tfjs-core';
import { dataTypes, type NativeAttribute, type NativeBinding } from './nativeBackend.ts';
import type { AttrValueMessage, NodeDefMessage, TensorShapeMessage } from './savedModel.ts';
import { type Trace, type TracedNode, TraceError, type ValueSource } from './trace.ts';

/** How the inputs and results of a traced function are used. Its inputs are the variables, then the placeholders. */
export interface GraphPlan {
  readonly trace: Trace;
  /** Shapes of the variables; all are float32. */
  readonly variables: readonly (readonly number[])[];
  readonly placeholders: readonly { readonly shape: readonly number[]; readonly dtype: number }[];
  /** The number of results, counted from the first, that update the variables, in their order; the others are fetched. */
  readonly updated: number;
}

/** Names of the nodes that a session feeds or fetches. */
export const nodeNames = {
  /** The current value of a variable. */
  value: (variable: number) => `value_${variable}`,
  /** Fed once with the first value of a variable. */
  initial: (variable: number) => `initial_${variable}`,
  /** Fetched to set all variables to the values fed to `initial`. */
  initialised: 'initialised',
  placeholder: (index: number) => `placeholder_${index}`,
  /** A fetched result; fetching any of them performs all updates. */
  fetch: (index: number) => `fetch_${index}`,
} as const;

/** Returns all nodes: variables with readers and initialisers, placeholders, constants, operations, updates, fetches. */
export function graphNodes(plan: GraphPlan, binding: NativeBinding): NodeDefMessage[] {
  const { trace, variables } = plan;
  const nameOf = (source: ValueSource) => valueName(source, variables.length);
  const updates = trace.results.slice(0, plan.updated).flatMap((source, variable) => {
    const isUnchanged = source.kind === 'input' && source.index === variable;
    return isUnchanged ? [] : [updateNode(variable, nameOf(source))];
  });
  return [
    ...variables.flatMap((shape, variable) => variableNodes(variable, shape)),
    initialisedNode(variables.length),
    ...plan.placeholders.map(({ shape, dtype }, index) =>
      placeholder(nodeNames.placeholder(index), shape, dtype),
    ),
    ...trace.constants.map(({ shape, dtype, values }, index) =>
      constant(`constant_${index}`, { shape, dtype, values }),
    ),
    ...trace.nodes.map((node, index) => operationNode(`node_${index}`, { node, plan, binding })),
    ...updates,
    ...trace.results.slice(plan.updated).map((source, index) => ({
      name: nodeNames.fetch(index),
      op: 'Identity',
      input: [nameOf(source), ...updates.map(({ name }) => `^${name}`)],
      attr: { T: { type: dataTypes.float32 } },
    })),
  ];
}

function operationNode(
  name: string,
  of: { node: TracedNode; plan: GraphPlan; binding: NativeBinding },
): NodeDefMessage {
  const { node, plan, binding } = of;
  const shapes = node.inputs.map((source) => shapeOf(source, plan));
  const last = node.inputs.at(-1);
  const axes = last?.kind === 'constant' ? plan.trace.constants[last.index].values : null;
  const { op, attr, inputCount } = chooseOperation(node, graphAttributes(node, binding), { shapes, axes });
  const inputs = node.inputs.slice(0, inputCount);
  return { name, op, attr, input: inputs.map((source) => valueName(source, plan.variables.length)) };
}

function valueName(source: ValueSource, variables: number): string {
  if (source.kind === 'constant') return `constant_${source.index}`;
  if (source.kind === 'node')
    return source.output === 0 ? `node_${source.index}` : `node_${source.index}:${source.output}`;
  const isVariable = source.index < variables;
  return isVariable ? nodeNames.value(source.index) : nodeNames.placeholder(source.index - variables);
}

function shapeOf(source: ValueSource, { trace, variables, placeholders }: GraphPlan): readonly number[] {
  if (source.kind === 'node') return trace.nodes[source.index].shapes[source.output];
  if (source.kind === 'constant') return trace.constants[source.index].shape;
  return variables[source.index] ?? placeholders[source.index - variables.length].shape;
}

function variableNodes(variable: number, shape: readonly number[]): NodeDefMessage[] {
  const handle = `variable_${variable}`;
  const copied = `copied_${variable}`;
  const dtype: AttrValueMessage = { type: dataTypes.float32 };
  const attr = {
    dtype,
    shape: { shape: toShape(shape) },
    shared_name: { s: new TextEncoder().encode(handle) },
  };
  return [
    { name: handle, op: 'VarHandleOp', input: [], attr },
    { name: nodeNames.value(variable), op: 'ReadVariableOp', input: [handle], attr: { dtype } },
    placeholder(nodeNames.initial(variable), shape, dataTypes.float32),
    // A fed tensor may be backed by memory of JavaScript, which must be freed on the thread that runs JavaScript. A variable
    // frees its old value on any thread that assigns the next one, so it needs a copy of its own.
    { name: copied, op: 'DeepCopy', input: [nodeNames.initial(variable)], attr: { T: dtype } },
    assign(`assign_${variable}`, variable, [copied]),
  ];
}

/** A fetch must have an output: initialising returns a number. */
function initialisedNode(variables: number): NodeDefMessage {
  const done = constant(nodeNames.initialised, {
    shape: [],
    dtype: dataTypes.int32,
    values: Int32Array.of(variables),
  });
  return { ...done, input: Array.from({ length: variables }, (_, variable) => `^assign_${variable}`) };
}

/** The old value is read before the new one is assigned. */
function updateNode(variable: number, value: string): NodeDefMessage {
  return assign(`update_${variable}`, variable, [value, `^${nodeNames.value(variable)}`]);
}

function assign(name: string, variable: number, input: readonly string[]): NodeDefMessage {
  const attr = { dtype: { type: dataTypes.float32 } };
  return { name, op: 'AssignVariableOp', input: [`variable_${variable}`, ...input], attr };
}

function placeholder(name: string, shape: readonly number[], dtype: number): NodeDefMessage {
  return {
    name,
    op: 'Placeholder',
    input: [],
    attr: { dtype: { type: dtype }, shape: { shape: toShape(shape) } },
  };
}

function constant(
  name: string,
  of: { shape: readonly number[]; dtype: number; values: ArrayBufferView },
): NodeDefMessage {
  const { buffer, byteOffset, byteLength } = of.values;
  const tensor = {
    dtype: of.dtype,
    tensor_shape: toShape(of.shape),
    tensor_content: new Uint8Array(buffer, byteOffset, byteLength),
  };
  return { name, op: 'Const', input: [], attr: { dtype: { type: of.dtype }, value: { tensor } } };
}

/** Attributes that eager execution infers from the inputs but a graph must state, by operation; all of them are types. */
const inferredTypes: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  ExpandDims: { T: dataTypes.float32, Tdim: dataTypes.int32 },
  Squeeze: { T: dataTypes.float32 },
};

/** Converts the attributes of a node. @throws TraceError naming the operation and the attribute if a graph has no such kind. */
function graphAttributes(node: TracedNode, binding: NativeBinding): Record<string, AttrValueMessage> {
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

/** @throws TraceError for a tensor that is not float32. */
export function placeholderOf({ shape, dtype }: Tensor): { shape: readonly number[]; dtype: number } {
  if (dtype !== 'float32') throw new TraceError(`An input of a graph is ${dtype}, expected float32.`);
  return { shape, dtype: dataTypes.float32 };
}

function toShape(shape: readonly number[]): TensorShapeMessage {
  return { dim: shape.map((size) => ({ size })) };
}

interface WrittenOperation {
  readonly op: string;
  readonly attr: Record<string, AttrValueMessage>;
  /** The number of traced inputs that it takes; default: all. */
  readonly inputCount?: number;
}

/**
 * Chooses the operation to write for a traced node with these inputs: matrix products and bias additions become operations
 * that TensorFlow's optimizer can fuse. Eagerly they run as BatchMatMulV2 and Add, which it does not fuse; results agree up to
 * rounding.
 */
function chooseOperation(
  node: TracedNode,
  attr: Record<string, AttrValueMessage>,
  inputs: {
    shapes: readonly (readonly number[])[];
    /** Values of the last input if it is a constant. */
    axes: ArrayBufferView | null;
  },
): WrittenOperation {
  const { operation } = node;
  const [first, second] = inputs.shapes;
  if (operation === 'BatchMatMulV2' && first.length === 2 && second.length === 2) {
    return { op: 'MatMul', attr: { T: attr['T'], transpose_a: attr['adj_x'], transpose_b: attr['adj_y'] } };
  }
  if ((operation === 'Add' || operation === 'AddV2') && isBias(second, first)) return { op: 'BiasAdd', attr };
  if (operation === 'Sum' && first.length === 2 && isAxisZero(inputs.axes) && !attr['keep_dims']?.b) {
    return { op: 'BiasAddGrad', attr: { T: attr['T'] }, inputCount: 1 };
  }
  return { op: operation, attr };
}

/** Whether a tensor of this shape has one value per channel of the other. */
function isBias(shape: readonly number[], other: readonly number[]): boolean {
  return other.length > 1 && shape.length === 1 && other.at(-1) === shape[0];
}

function isAxisZero(axes: ArrayBufferView | null): boolean {
  return axes instanceof Int32Array && axes.length === 1 && axes[0] === 0;
}
