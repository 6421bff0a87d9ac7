import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  applySymmetry,
  imageSymmetries,
  squareSymmetries,
  undoSymmetry,
} from '../../main/engine/symmetry.ts';

const size = 3;
const maps = squareSymmetries(size).map((map) => [...map]);

describe('squareSymmetries', () => {
  it('returns eight different permutations of the pixels, the identity first', () => {
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

  it('returns a group: the composition of two symmetries is one of them', () => {
    const known = new Set(maps.map((map) => map.join()));
    for (const first of maps) {
      for (const second of maps) {
        const composed = first.map((pixel) => second[pixel]);
        expect(known.has(composed.join())).toBe(true);
      }
    }
  });

  it('preserves distances, so that neighbours stay neighbours', () => {
    const distance = (a: number, b: number) =>
      Math.hypot((a % size) - (b % size), Math.floor(a / size) - Math.floor(b / size));
    for (const map of maps) {
      map.forEach((target, pixel) => expect(distance(target, map[0])).toBeCloseTo(distance(pixel, 0), 12));
    }
  });
});

/** Two images without repeated values. */
const createImages = (pixels: number) => Float32Array.from({ length: 2 * 3 * pixels }, (_, index) => index);

describe('the symmetries of an image', () => {
  it('are the identity, the mirror image and, for a square, the rotations', () => {
    const size = { height: 3, width: 3 };
    expect(imageSymmetries(1, size)).toHaveLength(1);
    expect(new Set(imageSymmetries(8, size).map((symmetry) => symmetry.join())).size).toBe(8);
    const [identity, mirror] = imageSymmetries(2, size);
    expect([...identity]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    expect([...mirror]).toEqual([2, 1, 0, 5, 4, 3, 8, 7, 6]);
  });

  it('are only two if the image is not square', () => {
    const [, mirror] = imageSymmetries(2, { height: 2, width: 3 });
    expect([...mirror]).toEqual([2, 1, 0, 5, 4, 3]);
    expect(imageSymmetries(1, { height: 2, width: 3 })).toHaveLength(1);
    expect(() => imageSymmetries(8, { height: 2, width: 3 })).toThrow('3×2 pixels is not square');
  });

  it('are applied to every image of a batch and can be undone', () => {
    for (const symmetry of imageSymmetries(8, { height: 4, width: 4 })) {
      const transformed = applySymmetry(createImages(16), symmetry);
      expect(transformed.subarray(48 + 3 * symmetry[5], 48 + 3 * symmetry[5] + 3)).toEqual(
        createImages(16).subarray(63, 66),
      );
      expect(undoSymmetry(transformed, symmetry)).toEqual(createImages(16));
    }
  });
});
