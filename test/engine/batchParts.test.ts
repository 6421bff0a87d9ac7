import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  fillRows,
  firstRows,
  joinRows,
  partBatch,
  sliceRows,
  takeRows,
} from '../../main/engine/batchParts.ts';
import { createDropout } from '../../main/engine/field/dropout.ts';
import { seedArray } from '../../main/engine/random.ts';
import { tf } from '../support/backend.ts';
import { expectClose, numbersOf, wave } from './field/waves.ts';
import { toTensor } from '../../main/engine/tensors.ts';

describe('the parts of a batch', () => {
  it('contain every row once, in order, and differ in size by at most one row', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 16 }), (rows, wanted) => {
        const parts = partBatch(rows, wanted);
        expect(parts).toHaveLength(Math.min(rows, wanted));
        expect(
          parts.flatMap(({ from, rows: count }) => Array.from({ length: count }, (_, i) => from + i)),
        ).toEqual(Array.from({ length: rows }, (_, row) => row));
        const sizes = parts.map((part) => part.rows);
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('have at least the given minimum of rows, unless the batch itself has fewer', () => {
    const sizes = (rows: number) => partBatch(rows, 4, 2).map((part) => part.rows);
    expect([1, 2, 3, 4, 5, 7, 8, 18].map(sizes)).toEqual([
      [1],
      [2],
      [3],
      [2, 2],
      [2, 3],
      [2, 2, 3],
      [2, 2, 2, 2],
      [4, 5, 4, 5],
    ]);
  });

  it('are padded with copied rows if the batch is too small, and can be trimmed to it again', () => {
    const batch = { x: wave('x', [1, 3]) };
    const filled = fillRows(batch, 1, 2);
    expect(filled['x'].shape).toEqual([2, 3]);
    expectClose(firstRows(filled, 1)['x'], batch.x, 0);
    expect(fillRows(batch, 2, 2)).toBe(batch);
  });

  it('reproduce the batch when they are joined again', () => {
    const batch = { x: wave('x', [5, 3]), folded: wave('folded', [10, 2]) };
    const joined = joinRows(partBatch(5, 3).map((part) => takeRows(batch, part)));
    expectClose(joined['x'], batch.x, 0);
    expectClose(joined['folded'], batch.folded, 0);
  });

  it('cannot be taken from a tensor whose rows are not a multiple of the batch size', () => {
    expect(() => sliceRows(tf.zeros([7]), { from: 0, rows: 2, of: 4 })).toThrow(/7 rows into parts.*4 rows/);
  });

  it('drop the same units as the whole batch', () => {
    const seed = () => toTensor(seedArray({ seed: 42, stream: 'dropout', step: 3 }));
    const x = tf.ones([6, 40]);
    const whole = numbersOf(createDropout({ rate: 0.4, seed: seed() })(x));
    const parts = partBatch(3, 2).map((part) => {
      const dropped = createDropout({ rate: 0.4, seed: seed(), part })(sliceRows(x, part));
      return numbersOf(dropped);
    });
    expect(parts.flat()).toEqual(whole);
  });
});
