import { describe, expect, it } from 'vitest';
import { areaOf } from '../../../renderer/components/compare/sheetPictures.ts';
import { canCompare, comparedIds } from '../../../renderer/components/compare/compareAddress.ts';

describe('an image of a sheet', () => {
  it('stands at its column and row', () => {
    const pictures = { images: 100, columns: 10, imageSize: 32, sheets: ['truth', 'known'] };
    expect(areaOf(pictures, 0)).toEqual({ x: 0, y: 0, width: 32, height: 32 });
    expect(areaOf(pictures, 37)).toEqual({ x: 224, y: 96, width: 32, height: 32 });
  });
});

describe('the address of a comparison', () => {
  it('names each run once, at most ten, and nothing that is no id', () => {
    expect(comparedIds({ runs: 'aaaaaaaa,bbbbbbbb,aaaaaaaa,../../etc,cccccccc' })).toEqual([
      'aaaaaaaa',
      'bbbbbbbb',
      'cccccccc',
    ]);
    const many = Array.from({ length: 12 }, (_, index) => `aaaaaaa${'abcdefghijkl'[index]}`);
    expect(comparedIds({ runs: many.join(',') })).toHaveLength(10);
    expect(comparedIds({})).toEqual([]);
  });

  it('takes two to ten runs', () => {
    expect([0, 1, 2, 10, 11].map((count) => canCompare(Array.from({ length: count }, String)))).toEqual([
      false,
      false,
      true,
      true,
      false,
    ]);
  });
});
