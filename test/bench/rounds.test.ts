import { describe, expect, it } from 'vitest';

import { median, medianRatio, repetitionsFor, takeTurns } from './rounds.ts';

describe('median', () => {
  it('is the middle value, or the mean of the two in the middle', () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([10, 1, 9, 4])).toBe(6.5);
  });

  it('refuses an empty list', () => {
    expect(() => median([])).toThrow('expected at least one');
  });
});

describe('medianRatio', () => {
  it('compares within rounds, so that a drift of the whole machine cancels', () => {
    expect(medianRatio([1, 10, 100], [2, 20, 200])).toBe(0.5);
  });

  it('is null if one of them has no rounds', () => {
    expect(medianRatio([1], undefined)).toBeNull();
    expect(medianRatio([], [1])).toBeNull();
  });
});

describe('repetitionsFor', () => {
  it('fills about half a second, with at least one repetition and at most twenty', () => {
    expect([100, 3, 4000, Infinity].map(repetitionsFor)).toEqual([5, 20, 1, 1]);
  });
});

describe('takeTurns', () => {
  it('lets every contestant work once per round, in a rotating order', async () => {
    const order: string[] = [];
    const work = async (name: string) => {
      order.push(name);
      return name === 'a' ? [1, 2, 9] : [5];
    };
    const times = await takeTurns(['a', 'b'], work, { rounds: 2, onFailure: () => undefined });
    expect(order).toEqual(['a', 'b', 'b', 'a']);
    expect([...times]).toEqual([
      ['a', [2, 2]],
      ['b', [5, 5]],
    ]);
  });

  it('continues without a contestant that has failed', async () => {
    const failures: unknown[] = [];
    const work = (name: string) => (name === 'b' ? Promise.reject(new Error('no')) : Promise.resolve([3]));
    const onFailure = (name: string, error: unknown) => void failures.push(name, error);
    const times = await takeTurns(['a', 'b'], work, { rounds: 2, onFailure });
    expect([...times]).toEqual([['a', [3, 3]]]);
    expect(failures).toEqual(['b', new Error('no')]);
  });
});
