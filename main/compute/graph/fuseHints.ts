/**
 * Writes matrix products and bias additions as the operations TensorFlow's own optimizer fuses into one: eagerly they run as
 * BatchMatMulV2 and Add, which it leaves alone. The numbers stay the same to rounding.
 */

import type { AttrValueMessage } from './savedModel.ts';
import type { TracedNode } from './trace.ts';

export interface WrittenOperation {
  readonly op: string;
  readonly attr: Record<string, AttrValueMessage>;
  /** How many of the traced inputs it takes; all when absent. */
  readonly inputCount?: number;
}

/** The operation to write for a traced node with these inputs. */
export function chooseOperation(
  node: TracedNode,
  attr: Record<string, AttrValueMessage>,
  inputs: {
    shapes: readonly (readonly number[])[];
    /** Values of the last input where it is a constant. */
    axes: ArrayBufferView | null;
  },
): WrittenOperation {
  const { operation } = node;
  const [first, second] = inputs.shapes;
  if (operation === 'BatchMatMulV2' && first.length === 2 && second.length === 2) {
    return { op: 'MatMul', attr: { T: attr['T'], transpose_a: attr['adj_x'], transpose_b: attr['adj_y'] } };
  }
  const isAddition = operation === 'Add' || operation === 'AddV2';
  if (isAddition && first.length > 1 && second.length === 1 && first.at(-1) === second[0]) {
    return { op: 'BiasAdd', attr };
  }
  if (operation === 'Sum' && first.length === 2 && isAxisZero(inputs.axes) && !attr['keep_dims']?.b) {
    return { op: 'BiasAddGrad', attr: { T: attr['T'] }, inputCount: 1 };
  }
  return { op: operation, attr };
}

function isAxisZero(axes: ArrayBufferView | null): boolean {
  return axes instanceof Int32Array && axes.length === 1 && axes[0] === 0;
}
