import { describe, expect, it } from 'vitest';
import { averageDecayAt, updateAverage } from '../../../main/engine/optim/weightAverage.ts';
import { tf } from '../../support/backend.ts';
import { expectClose } from '../field/waves.ts';

describe('averageDecayAt', () => {
  it('rises from 1/10 as (1 + step) / (10 + step) and stays at the decay asked for', () => {
    expect(averageDecayAt(0, 0.99)).toBe(0.1);
    expect(averageDecayAt(8, 0.99)).toBe(0.5);
    expect(averageDecayAt(889, 0.99)).toBeCloseTo(0.99, 2);
    expect(averageDecayAt(891, 0.99)).toBe(0.99);
    expect(averageDecayAt(1e6, 0.99)).toBe(0.99);
  });
});

describe('updateAverage', () => {
  it('keeps the decay of the average and takes the rest of the value', () => {
    const average = updateAverage(tf.tensor1d([1, 0]), tf.tensor1d([3, 4]), tf.scalar(0.75));
    expectClose(average, [1.5, 1]);
  });

  it('forgets its beginning as decayⁿ', () => {
    const value = tf.tensor1d([2]);
    let average: ReturnType<typeof updateAverage> = tf.tensor1d([10]);
    for (let step = 0; step < 20; step++) average = updateAverage(average, value, tf.scalar(0.9));
    expectClose(average, [2 + 8 * 0.9 ** 20]);
  });
});
