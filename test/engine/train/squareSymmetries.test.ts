import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { squareSymmetries } from '../../../main/engine/train/squareSymmetries.ts';

const size = 3;
const maps = squareSymmetries(size).map((map) => [...map]);

describe('squareSymmetries', () => {
  it('are eight different permutations of the pixels, the identity first', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 40 }), (side) => {
        const all = squareSymmetries(side);
        const pixels = Array.from({ length: side * side }, (_, pixel) => pixel);
        expect([...all[0]]).toEqual(pixels);
        expect(new Set(all.map((map) => map.join())).size).toBe(8);
        all.forEach((map) => expect([...map].sort((a, b) => a - b)).toEqual(pixels));
      }),
      { numRuns: 20 },
    );
  });

  it('form a group: one after another is again one of them', () => {
    const known = new Set(maps.map((map) => map.join()));
    for (const first of maps) {
      for (const second of maps) {
        const joined = first.map((pixel) => second[pixel]);
        expect(known.has(joined.join())).toBe(true);
      }
    }
  });

  it('keep distances: neighbours stay neighbours', () => {
    const distance = (a: number, b: number) =>
      Math.hypot((a % size) - (b % size), Math.floor(a / size) - Math.floor(b / size));
    for (const map of maps) {
      map.forEach((target, pixel) => expect(distance(target, map[0])).toBeCloseTo(distance(pixel, 0), 12));
    }
  });
});
