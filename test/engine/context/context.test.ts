import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contextArrays, type ContextParts, pixelValues } from '../../../main/engine/context/context.ts';
import type { NamedArray } from '../../../main/engine/tensors.ts';
import type { ImageBatch } from '../../../shared/images/image.ts';

/** Two 3 × 3 images; channel c of pixel p of the second is 20 + p + c / 10. */
const images: ImageBatch = {
  count: 2,
  height: 3,
  width: 3,
  values: Float32Array.from({ length: 54 }, (_, index) => {
    const image = Math.floor(index / 27);
    const position = index % 27;
    return 20 * image + Math.floor(position / 3) + (position % 3) / 10;
  }),
};
/** Channel c of pixel p is p + 100 · c. */
const estimate = Float32Array.from({ length: 27 }, (_, index) => Math.floor(index / 3) + 100 * (index % 3));

const createExample = (observed: number[], queries: number[]) => ({
  observed: Int32Array.from(observed),
  queries: Int32Array.from(queries),
  estimate,
});

/** Returns the parts of a context: the list of observed pixels unless changed, and those that are named. */
function selectParts(named: Partial<ContextParts> = {}): ContextParts {
  return { list: true, patch: 0, grid: false, neighbours: 0, ...named };
}

/** Returns the coordinates of chosen pixels of an image of this size. */
function coordsOf(pixels: number[], height: number, width: number): number[] {
  const image = { count: 1, height, width, values: new Float32Array(height * width * 3) };
  return [...contextArrays(image, [createExample([0], pixels)], selectParts()).queryCoords.values];
}

function requirePart(array: NamedArray | undefined): NamedArray {
  if (!array) throw new Error('The context lacks a part that was requested.');
  return array;
}

describe('the coordinates of pixels', () => {
  it('increase from 0 in the first column and row to 1 in the last, x before y', () => {
    expect(coordsOf([0, 4, 10, 14], 3, 5)).toEqual([0, 0, 1, 0, 0, 1, 1, 1]);
    expect(coordsOf([6], 3, 5)).toEqual([0.25, 0.5]);
  });

  it('are 0 in an image of a single row and column', () => {
    expect(coordsOf([0], 1, 1)).toEqual([0, 0]);
  });
});

describe('contextArrays', () => {
  it('collects coordinates, colours and estimates image by image', () => {
    const arrays = contextArrays(
      images,
      [createExample([0, 8], [4]), createExample([2, 6], [1])],
      selectParts(),
    );
    expect(Object.keys(arrays)).toEqual(['observedCoords', 'observedValues', 'queryCoords', 'estimate']);
    expect(arrays.observedCoords.shape).toEqual([2, 2, 2]);
    expect([...arrays.observedCoords.values]).toEqual([0, 0, 1, 1, 1, 0, 0, 1]);
    const colours = [0, 0.1, 0.2, 8, 8.1, 8.2, 22, 22.1, 22.2, 26, 26.1, 26.2];
    expect(arrays.observedValues.shape).toEqual([2, 2, 3]);
    expect(arrays.observedValues.values).toEqual(Float32Array.from(colours));
    expect([...arrays.queryCoords.values]).toEqual([0.5, 0.5, 0.5, 0]);
    const found = requirePart(arrays.estimate);
    expect(found.shape).toEqual([2, 1, 3]);
    expect([...found.values]).toEqual([4, 104, 204, 1, 101, 201]);
  });

  it('contains only the parts that were requested', () => {
    const plain = { ...createExample([0], [4]), estimate: null };
    expect(Object.keys(contextArrays(images, [plain], selectParts()))).toHaveLength(3);
    expect(() => contextArrays(images, [plain], selectParts({ patch: 3 }))).toThrow(
      'An example has no classical estimate',
    );
  });

  it('cuts patches of differences from the estimate at the query, with a flag for observed pixels', () => {
    const patch = requirePart(
      contextArrays(images, [createExample([1, 8], [4, 2])], selectParts({ patch: 3 })).patch,
    );
    expect(patch.shape).toEqual([1, 2, 36]);
    const entries = Array.from({ length: 18 }, (_, index) => [
      ...patch.values.subarray(4 * index, 4 * index + 4),
    ]);
    const entry = (difference: number, flag: number) => [difference, difference, difference, flag];
    const outside = [0, 0, 0, 0];
    expect(entries.slice(0, 9)).toEqual([
      entry(-4, 0),
      entry(-3, 1),
      entry(-2, 0),
      entry(-1, 0),
      [4, 104, 204, 0],
      entry(1, 0),
      entry(2, 0),
      entry(3, 0),
      entry(4, 1),
    ]);
    // The query in the upper right corner has neighbours to the left and below only.
    const corner = [outside, outside, outside, entry(-1, 1), [2, 102, 202, 0], outside];
    expect(entries.slice(9)).toEqual([...corner, entry(2, 0), entry(3, 0), outside]);
  });
});

describe('the grid of observed pixels', () => {
  it('holds 1 and the colour where a pixel is observed, and zeros otherwise, row by row', () => {
    const examples = [createExample([5], [0]), createExample([2], [0])];
    const observedGrid = requirePart(
      contextArrays(images, examples, selectParts({ grid: true })).observedGrid,
    );
    expect(observedGrid.shape).toEqual([2, 3, 3, 4]);
    const at = (image: number, pixel: number) => [
      ...observedGrid.values.subarray(36 * image + 4 * pixel).subarray(0, 4),
    ];
    expect(at(0, 5)).toEqual([1, ...Float32Array.of(5, 5.1, 5.2)]);
    expect(at(1, 2)).toEqual([1, ...Float32Array.of(22, 22.1, 22.2)]);
    expect(observedGrid.values.filter((value) => value !== 0)).toHaveLength(8);
  });
});

describe('pixelValues', () => {
  it('returns the colours of the chosen pixels of every image', () => {
    const { shape, values } = pixelValues(images, [Int32Array.of(3), Int32Array.of(0)]);
    expect(shape).toEqual([2, 1, 3]);
    expect(values).toEqual(Float32Array.of(3, 3.1, 3.2, 20, 20.1, 20.2));
  });
});

/** Finds the neighbours of every query by sorting all observed pixels. */
function sortNeighbours(observed: number[], queries: number[], width: number, count: number): number[][] {
  const distance = (one: number, other: number) =>
    ((one % width) - (other % width)) ** 2 + (Math.floor(one / width) - Math.floor(other / width)) ** 2;
  return queries.map((query) =>
    observed
      .toSorted((one, other) => distance(one, query) - distance(other, query) || one - other)
      .slice(0, count),
  );
}

/** Returns the neighbours in an image whose colours are its pixel numbers. */
function findNeighbours(
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
  it('are the nearest observed pixels, with those at equal distance in row-major order', () => {
    const scene = fc.record({
      height: fc.integer({ min: 1, max: 9 }),
      width: fc.integer({ min: 1, max: 9 }),
    });
    fc.assert(
      fc.property(
        scene,
        fc.infiniteStream(fc.nat(99)),
        fc.integer({ min: 1, max: 6 }),
        (size, random, count) => {
          const pixels = Array.from({ length: size.height * size.width }, (_, pixel) => pixel);
          const observed = pixels.filter(() => random.next().value % 4 === 0);
          if (observed.length === 0) return;
          const { shape, values } = findNeighbours(observed.toReversed(), pixels, { ...size, count });
          const near = Math.min(count, observed.length);
          expect(shape).toEqual([1, pixels.length, near, 5]);
          const found = pixels.map((query) =>
            Array.from({ length: near }, (_, index) => values[(query * near + index) * 5 + 2]),
          );
          expect(found).toEqual(sortNeighbours(observed, pixels, size.width, near));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('have offsets in units of the mean distance between observed pixels, and a colour', () => {
    // 4 of 16 pixels: the mean distance is 2.
    const { values } = findNeighbours([0, 3, 9, 15], [5], { height: 4, width: 4, count: 2 });
    expect([...values]).toEqual([0, 0.5, 9, 9, 9, -0.5, -0.5, 0, 0, 0]);
  });
});

describe('a grid with a mask for each channel', () => {
  const grid = (observed: number[], channels?: number[], channelMask = true) =>
    requirePart(
      contextArrays(
        images,
        [createExample(observed, [0]), createExample(observed, [0])].map((example) => ({
          ...example,
          ...(channels && { channels: Uint8Array.from(channels) }),
        })),
        selectParts({ list: false, grid: true, channelMask }),
      ).observedGrid,
    );

  it('holds the mask and the value of the observed channel alone', () => {
    const { shape, values } = grid([1, 5], [2, 0]);
    expect(shape).toEqual([2, 3, 3, 6]);
    const second = Array.from({ length: 9 }, (_, pixel) => [
      ...values.subarray(54 + 6 * pixel, 60 + 6 * pixel),
    ]);
    expect(second[1]).toEqual([0, 0, 1, 0, 0, Math.fround(21.2)]);
    expect(second[5]).toEqual([1, 0, 0, 25, 0, 0]);
    expect(second.filter((entries) => entries.some((entry) => entry !== 0))).toHaveLength(2);
  });

  it('holds what the grid with one mask holds where whole pixels are observed', () => {
    const whole = grid([3, 4], undefined, false).values;
    const { values } = grid([3, 4]);
    for (let pixel = 0; pixel < 18; pixel++) {
      const [mask, ...colour] = whole.subarray(4 * pixel, 4 * pixel + 4);
      expect([...values.subarray(6 * pixel, 6 * pixel + 6)]).toEqual([mask, mask, mask, ...colour]);
    }
  });

  it('is required where single channels are observed', () => {
    expect(() => grid([1], [2], false)).toThrow('reads one mask for all of them');
  });
});
