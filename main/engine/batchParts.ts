/**
 * Batches divided into parts of whole rows. A compiled graph computes the parts side by side, one core each, which costs
 * less than all cores sharing every operation, because most operations are small (data parallelism inside one graph).
 */

import * as tf from '@tensorflow/tfjs-core';
import { mapTensors, type TensorRecord } from './tensors.ts';

/** Rows `from` … `from + rows` − 1 of a batch of `of` rows. */
export interface BatchPart {
  readonly from: number;
  readonly rows: number;
  readonly of: number;
}

/**
 * Divides `rows` into at most `parts` parts whose sizes differ by at most one. Every part has at least `smallestPart`
 * rows, unless the batch itself has fewer.
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

/** Repeats the rows of a batch that has fewer than the smallest part; `firstRows` removes the copies again. */
export function fillRows<Batch extends TensorRecord<Batch>>(
  tensors: Batch,
  rows: number,
  smallestPart = 1,
): Batch {
  if (rows >= smallestPart) return tensors;
  const copies = Math.ceil(smallestPart / rows);
  return mapTensors(tensors, (tensor) =>
    tf.concat(
      Array.from({ length: copies }, () => tensor),
      0,
    ),
  );
}

/** Returns the first `rows` rows of every tensor. */
export function firstRows<Batch extends TensorRecord<Batch>>(tensors: Batch, rows: number): Batch {
  return mapTensors(tensors, (tensor) => (tensor.shape[0] === rows ? tensor : tf.slice(tensor, [0], [rows])));
}

/** Returns the part's rows of every tensor; the first axis of each must count the rows of the batch. */
export function takeRows<Batch extends TensorRecord<Batch>>(tensors: Batch, part: BatchPart): Batch {
  return mapTensors(tensors, (tensor) => sliceRows(tensor, part));
}

/**
 * Returns the part's rows of a tensor whose first axis counts the rows of the batch, once or several times over.
 * @throws Error when the length of the first axis is not a multiple of the batch's rows.
 */
export function sliceRows(tensor: tf.Tensor, { from, rows, of }: BatchPart): tf.Tensor {
  if (rows === of) return tensor;
  const repeats = tensor.shape[0] / of;
  if (!Number.isInteger(repeats)) {
    throw new Error(
      `Cannot divide a tensor of ${tensor.shape[0]} rows into parts: expected a multiple of the batch's ${of} rows.`,
    );
  }
  return tf.slice(tensor, [from * repeats], [rows * repeats]);
}

/** Concatenates the results of all parts, in their order, to those of the whole batch. */
export function joinRows<Results extends TensorRecord<Results>>(parts: readonly Results[]): Results {
  if (parts.length === 1) return parts[0];
  return mapTensors(parts[0], (_, name) =>
    tf.concat(
      parts.map((part): tf.Tensor => part[name] as tf.Tensor),
      0,
    ),
  );
}
