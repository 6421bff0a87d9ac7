import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contextArrays } from '../../../main/engine/context/context.ts';

/** The neighbours of every query as found by sorting all observed pixels. */
function sortAll(observed: number[], queries: number[], width: number, count: number): number[][] {
  const distance = (one: number, other: number) =>
    ((one % width) - (other % width)) ** 2 + (Math.floor(one / width) - Math.floor(other / width)) ** 2;
  return queries.map((query) =>
    observed
      .toSorted((one, other) => distance(one, query) - distance(other, query) || one - other)
      .slice(0, count),
  );
}

/** Returns the neighbours in an image whose colours are its pixel numbers. */
function neighboursOf(
  observed: number[],
  queries: number[],
  size: { height: number; width: number; count: number },
) {
  const { height, width, count } = size;
  const values = Float32Array.from({ length: height * width * 3 }, (_, index) => Math.floor(index / 3));
  const examples = [
    { observed: Int32Array.from(observed), queries: Int32Array.from(queries), estimate: null },
  ];
  const parts = { list: false, patch: 0, grid: false, neighbours: count };
  const { neighbours } = contextArrays({ count: 1, height, width, values }, examples, parts);
  if (!neighbours) throw new Error('The context has no neighbours.');
  return neighbours;
}

describe('the neighbours of a query', () => {
  it('are the nearest observed pixels in row-major order at equal distance, as found by sorting all of them', () => {
    const scene = fc.record({
      height: fc.integer({ min: 1, max: 9 }),
      width: fc.integer({ min: 1, max: 9 }),
    });
    fc.assert(
      fc.property(
        scene,
        fc.infiniteStream(fc.nat(99)),
        fc.integer({ min: 1, max: 6 }),
        (size, dice, count) => {
          const pixels = Array.from({ length: size.height * size.width }, (_, pixel) => pixel);
          const observed = pixels.filter(() => dice.next().value % 4 === 0);
          if (observed.length === 0) return;
          const { shape, values } = neighboursOf(observed.toReversed(), pixels, { ...size, count });
          const near = Math.min(count, observed.length);
          expect(shape).toEqual([1, pixels.length, near, 5]);
          const found = pixels.map((query) =>
            Array.from({ length: near }, (_, index) => values[(query * near + index) * 5 + 2]),
          );
          expect(found).toEqual(sortAll(observed, pixels, size.width, near));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('have offsets in mean distances between observed pixels, and a colour', () => {
    // 4 of 16 pixels: the mean distance is 2.
    const { values } = neighboursOf([0, 3, 9, 15], [5], { height: 4, width: 4, count: 2 });
    expect([...values]).toEqual([0, 0.5, 9, 9, 9, -0.5, -0.5, 0, 0, 0]);
  });
});
