import { describe, expect, it } from 'vitest';
import { learningRateAt } from '../../../main/engine/optim/learningRate.ts';

const cosine = { learningRate: 2, schedule: 'cosine', warmupSteps: 0, stepsPerEpoch: 5, epochs: 10 } as const;

describe('learningRateAt', () => {
  it('falls along a cosine from the full rate over half of it at half time to 0', () => {
    expect(learningRateAt(0, cosine)).toBe(2);
    expect(learningRateAt(25, cosine)).toBeCloseTo(1, 12);
    expect(learningRateAt(45, cosine)).toBeCloseTo(1 + Math.cos(0.9 * Math.PI), 12);
    expect(learningRateAt(50, cosine)).toBe(0);
    expect(learningRateAt(1000, cosine)).toBe(0);
  });

  it('changes between epochs only', () => {
    const rates = Array.from({ length: 50 }, (_, step) => learningRateAt(step, cosine));
    expect(new Set(rates).size).toBe(10);
    rates.forEach((rate, step) => expect(rate).toBe(rates[step - (step % 5)]));
  });

  it('stays where it is under the constant schedule', () => {
    expect(learningRateAt(1000, { ...cosine, schedule: 'constant' })).toBe(2);
  });

  it('warms up in equal steps, the last of which has the whole rate', () => {
    const constant = { ...cosine, schedule: 'constant', warmupSteps: 4 } as const;
    expect([0, 1, 2, 3, 4].map((step) => learningRateAt(step, constant))).toEqual([0.5, 1, 1.5, 2, 2]);
    const both = learningRateAt(7, { ...cosine, warmupSteps: 16 });
    expect(both).toBeCloseTo(0.5 * learningRateAt(7, cosine), 12);
  });

  it('falls with the share of the budget that is spent, whatever step it is', () => {
    const budget = { ...cosine, schedule: 'budget' } as const;
    const at = (spent: number) => [0, 7, 900].map((step) => learningRateAt(step, { ...budget, spent }));
    expect(at(0)).toEqual([2, 2, 2]);
    at(0.5).forEach((rate) => expect(rate).toBeCloseTo(1, 12));
    expect(at(1)).toEqual([0, 0, 0]);
    expect(at(3)).toEqual([0, 0, 0]);
  });
});
