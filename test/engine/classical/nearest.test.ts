import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nearestObserved, spreadKnown } from '../../../main/engine/classical/nearest.ts';

/** Small images with some observed pixels. */
const images = fc
  .record({ height: fc.integer({ min: 1, max: 9 }), width: fc.integer({ min: 1, max: 9 }) })
  .chain((size) => {
    const pixel = fc.integer({ min: 0, max: size.height * size.width - 1 });
    return fc.record({
      size: fc.constant(size),
      indices: fc.uniqueArray(pixel, { minLength: 1, maxLength: 20 }),
    });
  });

/** Finds the nearest observed pixels by comparing every pixel with every observed one. */
function compareAllPairs(indices: Int32Array, width: number, pixels: number): number[] {
  return Array.from({ length: pixels }, (_, pixel) => {
    const ranked = Array.from(indices, (observed, row) => {
      const dx = (observed % width) - (pixel % width);
      const dy = Math.floor(observed / width) - Math.floor(pixel / width);
      return { row, distance: dx * dx + dy * dy, dx, dy };
    });
    return ranked.sort((a, b) => a.distance - b.distance || a.dx - b.dx || a.dy - b.dy)[0].row;
  });
}

describe('nearestObserved', () => {
  it('agrees with a comparison of all pairs, with ties resolved to the left and then upwards', () => {
    fc.assert(
      fc.property(images, ({ size, indices }) => {
        const observed = Int32Array.from(indices);
        const expected = compareAllPairs(observed, size.width, size.height * size.width);
        expect([...nearestObserved(observed, size)]).toEqual(expected);
      }),
    );
  });
});

describe('spreadKnown', () => {
  it('gives every unknown pixel the colour of a known one at the smallest city-block distance', () => {
    fc.assert(
      fc.property(images, ({ size, indices }) => {
        const { width, height } = size;
        const isKnown = new Uint8Array(width * height);
        for (const pixel of indices) isKnown[pixel] = 1;
        // Every pixel has its own colour, by which its source is found again.
        const values = Float32Array.from(
          { length: width * height * 3 },
          (_, index) => (index % 3) + 4 * Math.floor(index / 3),
        );
        const distance = (one: number, other: number) =>
          Math.abs((one % width) - (other % width)) +
          Math.abs(Math.floor(one / width) - Math.floor(other / width));
        spreadKnown(values, isKnown, size);
        isKnown.forEach((known, pixel) => {
          const source = values[3 * pixel] / 4;
          expect([...values.subarray(3 * pixel, 3 * pixel + 3)]).toEqual(
            [0, 1, 2].map((c) => 4 * source + c),
          );
          expect(indices).toContain(source);
          expect(distance(pixel, source)).toBe(Math.min(...indices.map((other) => distance(pixel, other))));
          if (known === 1) expect(source).toBe(pixel);
        });
      }),
    );
  });
});
