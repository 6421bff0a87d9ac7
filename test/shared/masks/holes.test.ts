import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Mask } from '../../../shared/images/mask.ts';
import { drawMask } from '../../../shared/masks/laws.ts';
import { enlargeHoles, measureHoles, measureTouched } from '../../../shared/masks/holes.ts';

function createMask(width: number, height: number, isKnown: (x: number, y: number) => boolean): Mask {
  const bits = Uint8Array.from({ length: width * height }, (_, pixel) =>
    isKnown(pixel % width, Math.floor(pixel / width)) ? 1 : 0,
  );
  return { width, height, channels: 1, bits };
}

describe('the holes of a mask', () => {
  it('are as deep as the distance from the middle of a line to its edge', () => {
    for (const thickness of [1, 3, 9, 15]) {
      const { depth, known, isolated } = measureHoles(
        createMask(100, 40, (_x, y) => y < 10 || y >= 10 + thickness),
      );
      expect(depth).toBe((thickness + 1) / 2);
      expect([known, isolated]).toEqual([(40 - thickness) / 40, 0]);
    }
  });

  it('are as deep as the distance to the only known pixel, to 8 %', () => {
    const mask = createMask(61, 61, (x, y) => x === 30 && y === 30);
    const distances = Array.from({ length: 61 * 61 }, (_, pixel) =>
      Math.hypot((pixel % 61) - 30, Math.floor(pixel / 61) - 30),
    ).sort((one, other) => other - one);
    const exact = distances[Math.floor(0.01 * distances.length)];
    const { depth, isolated } = measureHoles(mask);
    expect(Math.abs(depth / exact - 1)).toBeLessThan(0.08);
    expect(isolated).toBe(1);
  });

  it('are none if all pixels are known, and infinitely deep if none is', () => {
    expect(measureHoles(createMask(5, 4, () => true))).toEqual({
      channels: 1,
      known: 1,
      depth: 0,
      isolated: 0,
    });
    expect(measureHoles(createMask(5, 4, () => false))).toEqual({
      channels: 1,
      known: 0,
      depth: Infinity,
      isolated: 0,
    });
  });

  it('of a mask for each channel are as deep as in the channel with the deepest, and equal channels count as one', () => {
    const lines = [2, 5, 9].map((thickness) => createMask(60, 30, (_x, y) => y < 10 || y >= 10 + thickness));
    const join = (planes: readonly Mask[]): Mask => ({
      width: 60,
      height: 30,
      channels: 3,
      bits: Uint8Array.from({ length: 60 * 30 * 3 }, (_, at) => planes[at % 3].bits[Math.floor(at / 3)]),
    });
    expect(measureHoles(join(lines))).toMatchObject({ channels: 3, depth: 5, isolated: 0 });
    expect(measureHoles(join(lines)).known).toBeCloseTo(1 - 16 / 90, 9);
    expect(measureHoles(join([lines[1], lines[1], lines[1]]))).toEqual(measureHoles(lines[1]));
    const bayer = measureHoles(drawMask({ law: 'bayer', keepRatio: 1, seed: 0, width: 60, height: 30 }));
    expect(bayer).toMatchObject({ channels: 3, isolated: 1 });
    expect(bayer.known).toBeCloseTo(1 / 3, 9);
  });

  it('are the same in a mirrored mask', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { minLength: 72, maxLength: 72 }), (known) => {
        const mask = createMask(9, 8, (x, y) => known[y * 9 + x]);
        const mirrored = createMask(9, 8, (x, y) => known[(7 - y) * 9 + (8 - x)]);
        expect(measureHoles(mirrored)).toEqual(measureHoles(mask));
      }),
      { numRuns: 50 },
    );
  });

  it('are measured in blocks of pixels in a large mask, to a block', () => {
    const mask = createMask(3000, 1500, (_x, y) => y < 500 || y >= 600);
    expect(Math.abs(measureHoles(mask).depth - 50)).toBeLessThanOrEqual(2);
  });

  it('grow with an enlarged image, in which every known pixel is isolated', () => {
    const holes = measureHoles(createMask(100, 40, (_x, y) => y < 10 || y >= 19));
    expect(enlargeHoles(holes, 2)).toEqual({
      channels: 1,
      known: holes.known / 4,
      depth: 10,
      isolated: 1,
    });
    expect(enlargeHoles(holes, 1)).toEqual(holes);
  });
});

describe('the part of an image that has something to compute', () => {
  it('is the blocks of 32 × 32 pixels with an unknown pixel, those at the edges included', () => {
    // 3 × 2 blocks, the last ones cut off.
    const only = (...unknown: [number, number][]) =>
      createMask(70, 40, (x, y) => !unknown.some(([column, row]) => x === column && y === row));
    expect(measureTouched(only())).toBe(0);
    expect(measureTouched(only([31, 31]))).toBeCloseTo(1 / 6, 12);
    expect(measureTouched(only([31, 31], [32, 31], [0, 0]))).toBeCloseTo(2 / 6, 12);
    expect(measureTouched(only([69, 39]))).toBeCloseTo(1 / 6, 12);
    expect(measureTouched(createMask(70, 40, () => false))).toBe(1);
  });
});
