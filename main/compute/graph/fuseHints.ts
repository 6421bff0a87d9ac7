/**
 * Replaces matrix products and bias additions by operations that TensorFlow's optimizer can fuse: eagerly they run as
 * BatchMatMulV2 and Add, which it does not fuse. Results agree up to rounding.
 */

import type { AttrValueMessage } from './savedModel.ts';
import type { TracedNode } from './trace.ts';

export interface WrittenOperation {
  readonly op: string;
  readonly attr: Record<string, AttrValueMessage>;
  /** The number of traced inputs that it takes; default: all. */
  readonly inputCount?: number;
}

/** Chooses the operation to write for a traced node with these inputs. */
export function chooseOperation(
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
