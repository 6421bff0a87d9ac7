import { describe, expect, it } from 'vitest';
import { createStateKeeper } from '../../main/compute/stateKeeper.ts';

/** The steps that are kept of so many, with their places; the start is step 0. */
function keepOf(count: number, most: number): (readonly [number, number])[] {
  const keep = createStateKeeper(most);
  return Array.from({ length: count + 1 }, (_, index) => index).flatMap((index) => {
    const place = keep({ index, count: index === 0 ? null : count, time: index / count });
    return place === null ? [] : [[index, place] as const];
  });
}

describe('the states that are kept', () => {
  it('are all where they are few', () => {
    expect(keepOf(1, 9)).toEqual([
      [0, 0],
      [1, 8],
    ]);
    expect(keepOf(5, 9).map(([index]) => index)).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it.each([8, 10, 19, 100, 1000])(
    'of %i steps are nine, evenly spread, with the start and the end',
    (count) => {
      const kept = keepOf(count, 9);
      expect(kept.map(([, place]) => place)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
      kept.forEach(([index, place]) => expect(Math.abs(index - (place * count) / 8)).toBeLessThan(1));
      expect([kept[0][0], kept[8][0]]).toEqual([0, count]);
    },
  );

  it('go by the time where nobody knows how many steps come', () => {
    const keep = createStateKeeper(5);
    const places = [0, 0.1, 0.3, 0.4, 0.9, 0.999].map((time, index) => keep({ index, count: null, time }));
    expect(places).toEqual([0, null, 1, null, 3, null]);
    // The landing knows that it is the last.
    expect(keep({ index: 6, count: 6, time: 1 })).toBe(4);
  });
});
