import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { cropSquare, resizeArea } from '../../main/datasets/areaResize.ts';

/** Creates an image with the same value in all channels of a pixel. */
function createGrey(width: number, values: readonly number[]) {
  return {
    width,
    height: values.length / width,
    pixels: Uint8Array.from(values.flatMap((value) => [value, value, value])),
  };
}

function redValues(image: { readonly pixels: Uint8Array }): number[] {
  return [...image.pixels].filter((_, index) => index % 3 === 0);
}

describe('resizeArea', () => {
  it('averages blocks if the new size divides the old one', () => {
    expect(
      redValues(resizeArea(createGrey(4, [0, 2, 4, 6, 2, 4, 6, 8, 10, 10, 0, 0, 10, 10, 0, 0]), 2)),
    ).toEqual([2, 6, 10, 0]);
  });

  it('weights partly covered pixels by their covered area', () => {
    // 3 -> 2: the first output covers pixel 0 and half of pixel 1, so (2·0 + 90) / 3 = 30 in each direction.
    const row = [0, 90, 240];
    expect(redValues(resizeArea(createGrey(3, [...row, ...row, ...row]), 2))).toEqual([30, 190, 30, 190]);
  });

  it('repeats pixels if it enlarges by an integer factor', () => {
    expect(redValues(resizeArea(createGrey(2, [1, 2, 3, 4]), 4))).toEqual([
      1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4,
    ]);
  });

  it('averages each channel separately', () => {
    const image = {
      width: 2,
      height: 2,
      pixels: Uint8Array.from([0, 10, 20, 0, 10, 20, 0, 10, 20, 0, 10, 24]),
    };
    expect([...resizeArea(image, 1).pixels]).toEqual([0, 10, 21]);
  });

  it('leaves a constant image constant at every size', () => {
    const cases = fc.record({
      width: fc.integer({ min: 1, max: 40 }),
      height: fc.integer({ min: 1, max: 40 }),
      size: fc.integer({ min: 1, max: 40 }),
      value: fc.integer({ min: 0, max: 255 }),
    });
    fc.assert(
      fc.property(cases, ({ width, height, size, value }) => {
        const image = { width, height, pixels: new Uint8Array(width * height * 3).fill(value) };
        const resized = resizeArea(image, size);
        expect(resized.pixels.length).toBe(size * size * 3);
        expect(resized.pixels.every((found) => found === value)).toBe(true);
      }),
    );
  });

  it('preserves the mean up to rounding', () => {
    const bytes = fc.uint8Array({ minLength: 13 * 13, maxLength: 13 * 13 });
    fc.assert(
      fc.property(bytes, fc.integer({ min: 1, max: 30 }), (values, size) => {
        const resized = redValues(resizeArea(createGrey(13, [...values]), size));
        expect(Math.abs(mean(resized) - mean([...values]))).toBeLessThanOrEqual(0.5 + 1e-9);
      }),
    );
  });
});

describe('cropSquare', () => {
  it('returns the centred square of a wide and of a tall image', () => {
    expect(redValues(cropSquare(createGrey(4, [1, 2, 3, 4, 5, 6, 7, 8])))).toEqual([2, 3, 6, 7]);
    expect(redValues(cropSquare(createGrey(2, [1, 2, 3, 4, 5, 6, 7, 8])))).toEqual([3, 4, 5, 6]);
  });
});

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
