/**
 * Writes matrix products and bias additions as the operations TensorFlow's own optimizer fuses into one: eagerly they run as
 * BatchMatMulV2 and Add, which it leaves alone. The numbers stay the same to rounding.
 */

import type { AttrValueMessage } from './messages.ts';
import type { TracedNode } from './trace.ts';

export interface WrittenOperation {
  readonly op: string;
  readonly attr: Record<string, AttrValueMessage>;
}

/** The operation to write for a traced node whose inputs have these shapes. */
export function chooseOperation(
  node: TracedNode,
  attr: Record<string, AttrValueMessage>,
  shapes: readonly (readonly number[])[],
): WrittenOperation {
  const { operation } = node;
  const [first, second] = shapes;
  if (operation === 'BatchMatMulV2' && first.length === 2 && second.length === 2) {
    return { op: 'MatMul', attr: { T: attr['T'], transpose_a: attr['adj_x'], transpose_b: attr['adj_y'] } };
  }
  const isAddition = operation === 'Add' || operation === 'AddV2';
  if (isAddition && first.length > 1 && second.length === 1 && first.at(-1) === second[0]) {
    return { op: 'BiasAdd', attr };
  }
  return { op: operation, attr };
}
