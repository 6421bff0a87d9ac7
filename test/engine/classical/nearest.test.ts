import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nearestObserved } from '../../../main/engine/classical/nearest.ts';

/** The same answer by comparing every pixel with every observed one. */
function nearestByComparison(indices: Int32Array, width: number, pixels: number): number[] {
  return Array.from({ length: pixels }, (_, pixel) => {
    const ranked = Array.from(indices, (observed, row) => {
      const [dx, dy] = [
        (observed % width) - (pixel % width),
        Math.floor(observed / width) - Math.floor(pixel / width),
      ];
      return { row, distance: dx * dx + dy * dy, dx, dy };
    });
    return ranked.sort((a, b) => a.distance - b.distance || a.dx - b.dx || a.dy - b.dy)[0].row;
  });
}

describe('nearestObserved', () => {
  it('finds what comparing all pairs finds, ties to the left and then up', () => {
    const image = fc
      .record({ height: fc.integer({ min: 1, max: 9 }), width: fc.integer({ min: 1, max: 9 }) })
      .chain((size) => {
        const pixel = fc.integer({ min: 0, max: size.height * size.width - 1 });
        return fc.record({
          size: fc.constant(size),
          indices: fc.uniqueArray(pixel, { minLength: 1, maxLength: 20 }),
        });
      });
    fc.assert(
      fc.property(image, ({ size, indices }) => {
        const observed = Int32Array.from(indices);
        const expected = nearestByComparison(observed, size.width, size.height * size.width);
        expect([...nearestObserved(observed, size)]).toEqual(expected);
      }),
    );
  });
});
