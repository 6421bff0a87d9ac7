/** Counts the floating-point operations of the matrix products and convolutions that the engine runs. */

import * as tf from '@tensorflow/tfjs-core';

import type { NativeAttribute, NativeBackend } from '../../../main/compute/graph/nativeBackend.ts';
import {
  type Trace,
  traceFunction,
  type TracedNode,
  type ValueSource,
} from '../../../main/compute/graph/trace.ts';
import { runEagerly, type RunFunction } from '../../../main/engine/runFunction.ts';
import { sampleField } from '../../../main/engine/solver/sampleField.ts';
import type { RunConfig } from '../../../shared/config/config.ts';
import { createBatch, createModel, createProblem } from './work.ts';
import { listTensors } from '../../../main/engine/tensors.ts';

export interface FlopCounts {
  /** Operations of one training step. */
  readonly train: number;
  /** Operations of encoding the context, once per sampling. */
  readonly encode: number;
  /** Operations of one function evaluation. */
  readonly predict: number;
}

const products: readonly string[] = [
  'BatchMatMul',
  'BatchMatMulV2',
  'BatchMatMulV3',
  'MatMul',
  '_FusedMatMul',
];

/** Counts the operations of a training step and of sampling `images` images, from their traces. */
export async function countFlops(
  backend: NativeBackend,
  config: RunConfig,
  images: number,
): Promise<FlopCounts> {
  const train = countStep(backend, config);
  const counts = { encode: 0, predict: 0 };
  const run: RunFunction = (name, call) => {
    const { parameters, inputs, work } = call;
    const tensors = [...Object.values(parameters), ...listTensors(inputs)];
    const trace = traceFunction(backend, tensors, () => tf.tidy(() => listTensors(work(parameters, inputs))));
    if (name === 'encode' || name === 'predict') counts[name] = countProductFlops(trace, shapesOf(tensors));
    return runEagerly(name, call);
  };
  const sampled = await sampleField(createProblem(config, images), { solver: 'euler', steps: 1 }, { run });
  sampled.dispose();
  return { train, ...counts };
}

function countStep(backend: NativeBackend, config: RunConfig): number {
  const { stepFn, state } = createModel(config);
  const batch = createBatch(config);
  const inputs = [...state, ...listTensors(batch)];
  const trace = traceFunction(backend, inputs, () => tf.tidy(() => stepFn(state, batch).state));
  tf.dispose(inputs);
  return countProductFlops(trace, shapesOf(inputs));
}

function shapesOf(tensors: readonly tf.Tensor[]): (readonly number[])[] {
  return tensors.map(({ shape }) => shape);
}

/** Returns the sum of 2 · (elements of the product) · (length of the inner axis). `inputShapes` are those of the traced function. */
export function countProductFlops(trace: Trace, inputShapes: readonly (readonly number[])[]): number {
  const shapeOf = (source: ValueSource): readonly number[] => {
    if (source.kind === 'input') return inputShapes[source.index];
    if (source.kind === 'constant') return trace.constants[source.index].shape;
    return trace.nodes[source.index].shapes[source.output];
  };
  return trace.nodes.reduce((sum, node) => {
    if (products.includes(node.operation)) return sum + flopsOf(node, shapeOf(node.inputs[0]));
    return sum + convolutionFlops(node, shapeOf);
  }, 0);
}

/** Returns 2 · (elements of the output) · (height · width · inputs of the kernel), for a convolution and for both of its gradients. */
function convolutionFlops(node: TracedNode, shapeOf: (source: ValueSource) => readonly number[]): number {
  const { operation, inputs, shapes } = node;
  const flops = (output: readonly number[], kernel: readonly number[]) =>
    2 * sizeOf(output) * sizeOf(kernel.slice(0, 3));
  if (operation === 'Conv2D') return flops(shapes[0], shapeOf(inputs[1]));
  if (operation === 'Conv2DBackpropInput') return flops(shapeOf(inputs[2]), shapeOf(inputs[1]));
  if (operation === 'Conv2DBackpropFilter') return flops(shapeOf(inputs[2]), shapes[0]);
  return depthwiseFlops(node, shapeOf);
}

/** Returns 2 · (elements of the output) · (height · width of the kernel), for a depthwise convolution. */
function depthwiseFlops(
  { operation, inputs, shapes }: TracedNode,
  shapeOf: (source: ValueSource) => readonly number[],
): number {
  const flops = (output: readonly number[], [height, width]: readonly number[]) =>
    2 * sizeOf(output) * height * width;
  if (operation === 'DepthwiseConv2dNative') return flops(shapes[0], shapeOf(inputs[1]));
  if (operation === 'DepthwiseConv2dNativeBackpropInput')
    return flops(shapeOf(inputs[2]), shapeOf(inputs[1]));
  return operation === 'DepthwiseConv2dNativeBackpropFilter' ? flops(shapeOf(inputs[2]), shapes[0]) : 0;
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}

function flopsOf({ attributes, shapes }: TracedNode, left: readonly number[]): number {
  const elements = shapes[0].reduce((product, length) => product * length, 1);
  const inner = isTransposed(attributes) ? left.length - 2 : left.length - 1;
  return 2 * elements * left[inner];
}

function isTransposed(attributes: readonly NativeAttribute[]): boolean {
  return attributes.some(({ name, value }) => (name === 'adj_x' || name === 'transpose_a') && value === true);
}
