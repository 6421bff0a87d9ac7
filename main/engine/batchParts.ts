/**
 * A batch in parts of whole rows. A graph computes its parts side by side, one core each: that costs less than all cores
 * sharing every operation, most of which are small (data parallelism, here inside one graph).
 */

import * as tf from '@tensorflow/tfjs-core';
import type { NamedTensors } from './field/parameters.ts';

/** Rows `from` … `from + rows` − 1 of a batch of `of` rows. */
export interface BatchPart {
  readonly from: number;
  readonly rows: number;
  readonly of: number;
}

/**
 * Divides `rows` into at most `parts` parts whose sizes differ by one at most. Every part has `smallestPart` rows or more,
 * unless the batch itself has fewer.
 */
export function partBatch(rows: number, parts: number, smallestPart = 1): BatchPart[] {
  const count = Math.max(1, Math.min(parts, Math.floor(rows / smallestPart)));
  const start = (part: number) => Math.floor((part * rows) / count);
  return Array.from({ length: count }, (_, part) => ({
    from: start(part),
    rows: start(part + 1) - start(part),
    of: rows,
  }));
}

/** A batch with fewer rows than the smallest part, with its rows repeated; `firstRows` gives them back. */
export function fillRows(tensors: NamedTensors, rows: number, smallestPart = 1): NamedTensors {
  if (rows >= smallestPart) return tensors;
  const copies = Math.ceil(smallestPart / rows);
  const repeat = (tensor: tf.Tensor) =>
    tf.concat(
      Array.from({ length: copies }, () => tensor),
      0,
    );
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, repeat(tensor)]));
}

/** The first `rows` rows of every tensor. */
export function firstRows(tensors: NamedTensors, rows: number): NamedTensors {
  const first = (tensor: tf.Tensor) => (tensor.shape[0] === rows ? tensor : tf.slice(tensor, [0], [rows]));
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, first(tensor)]));
}

/** The part's rows of every tensor: all of them have one row an image. */
export function takeRows(tensors: NamedTensors, part: BatchPart): NamedTensors {
  const entries = Object.entries(tensors).map(([name, tensor]) => [name, sliceRows(tensor, part)] as const);
  return Object.fromEntries(entries);
}

/** The part's rows of a tensor whose first axis counts the batch's rows, once or several times over. */
export function sliceRows(tensor: tf.Tensor, { from, rows, of }: BatchPart): tf.Tensor {
  if (rows === of) return tensor;
  const each = tensor.shape[0] / of;
  if (!Number.isInteger(each)) {
    throw new Error(`A tensor of ${tensor.shape[0]} rows found, a multiple of the batch's ${of} expected.`);
  }
  return tf.slice(tensor, [from * each], [rows * each]);
}

/** Results of the parts, in their order, as those of the whole batch. */
export function joinRows(results: readonly NamedTensors[]): NamedTensors {
  if (results.length === 1) return results[0];
  const names = Object.keys(results[0]);
  return Object.fromEntries(
    names.map((name) => [
      name,
      tf.concat(
        results.map((result) => result[name]),
        0,
      ),
    ]),
  );
}
