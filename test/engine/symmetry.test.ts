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
  it('are the identity, the mirror image, then the other mirrored and rotated copies', () => {
    const size = { height: 2, width: 3 };
    expect(imageSymmetries(1, size)).toHaveLength(1);
    expect(imageSymmetries(2, size)).toHaveLength(2);
    const results = imageSymmetries(8, size).map(({ height, width, to }) => ({
      size: [height, width],
      pixels: [...applySymmetry(Uint8Array.of(0, 1, 2, 3, 4, 5), { to }, 1)].join(''),
    }));
    expect(results).toEqual([
      { size: [2, 3], pixels: '012345' },
      { size: [2, 3], pixels: '210543' },
      { size: [2, 3], pixels: '345012' },
      { size: [2, 3], pixels: '543210' },
      { size: [3, 2], pixels: '031425' },
      { size: [3, 2], pixels: '304152' },
      { size: [3, 2], pixels: '251403' },
      { size: [3, 2], pixels: '524130' },
    ]);
  });

  it('are applied to every image of a batch and can be undone', () => {
    for (const symmetry of imageSymmetries(8, { height: 2, width: 8 })) {
      const transformed = applySymmetry(createImages(16), symmetry);
      const target = 48 + 3 * symmetry.to[5];
      expect(transformed.subarray(target, target + 3)).toEqual(createImages(16).subarray(63, 66));
      expect(undoSymmetry(transformed, symmetry)).toEqual(createImages(16));
    }
  });
});
