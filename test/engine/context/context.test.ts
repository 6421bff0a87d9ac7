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
    const [image, place] = [Math.floor(index / 27), index % 27];
    return 20 * image + Math.floor(place / 3) + (place % 3) / 10;
  }),
};
/** Channel c of pixel p is p + 100 · c. */
const estimate = Float32Array.from({ length: 27 }, (_, index) => Math.floor(index / 3) + 100 * (index % 3));

const example = (observed: number[], queries: number[]) => ({
  observed: Int32Array.from(observed),
  queries: Int32Array.from(queries),
  estimate,
});

/** Only the named parts. */
function parts(named: Partial<ContextParts> = {}): ContextParts {
  return { list: true, patch: 0, grid: false, neighbours: 0, ...named };
}

/** Returns the coordinates of chosen pixels of an image of this size. */
function coordsOf(pixels: number[], height: number, width: number): number[] {
  const image = { count: 1, height, width, values: new Float32Array(height * width * 3) };
  return [...contextArrays(image, [example([0], pixels)], parts()).queryCoords.values];
}

function present(array: NamedArray | undefined): NamedArray {
  if (!array) throw new Error('The context lacks a part that was requested.');
  return array;
}

describe('coordinates', () => {
  it('increase from 0 in the first column and row to 1 in the last, x before y', () => {
    expect(coordsOf([0, 4, 10, 14], 3, 5)).toEqual([0, 0, 1, 0, 0, 1, 1, 1]);
    expect(coordsOf([6], 3, 5)).toEqual([0.25, 0.5]);
  });

  it('of a single row and column are 0', () => {
    expect(coordsOf([0], 1, 1)).toEqual([0, 0]);
  });
});

describe('contextArrays', () => {
  it('gather coordinates, colours and estimates image by image', () => {
    const arrays = contextArrays(images, [example([0, 8], [4]), example([2, 6], [1])], parts());
    expect(Object.keys(arrays)).toEqual(['observedCoords', 'observedValues', 'queryCoords', 'estimate']);
    expect(arrays.observedCoords.shape).toEqual([2, 2, 2]);
    expect([...arrays.observedCoords.values]).toEqual([0, 0, 1, 1, 1, 0, 0, 1]);
    const colours = [0, 0.1, 0.2, 8, 8.1, 8.2, 22, 22.1, 22.2, 26, 26.1, 26.2];
    expect(arrays.observedValues.shape).toEqual([2, 2, 3]);
    expect(arrays.observedValues.values).toEqual(Float32Array.from(colours));
    expect([...arrays.queryCoords.values]).toEqual([0.5, 0.5, 0.5, 0]);
    const found = present(arrays.estimate);
    expect(found.shape).toEqual([2, 1, 3]);
    expect([...found.values]).toEqual([4, 104, 204, 1, 101, 201]);
  });

  it('contain only the parts that were requested', () => {
    const plain = { ...example([0], [4]), estimate: null };
    expect(Object.keys(contextArrays(images, [plain], parts()))).toHaveLength(3);
    expect(() => contextArrays(images, [plain], parts({ patch: 3 }))).toThrow(
      'An example has no classical estimate',
    );
  });

  it('cut patches of differences to the estimate at the query, with a flag for observed pixels', () => {
    const patch = present(contextArrays(images, [example([1, 8], [4, 2])], parts({ patch: 3 })).patch);
    expect(patch.shape).toEqual([1, 2, 36]);
    const entries = Array.from({ length: 18 }, (_, entry) => [
      ...patch.values.subarray(4 * entry, 4 * entry + 4),
    ]);
    const plain = (difference: number, flag: number) => [difference, difference, difference, flag];
    const outside = [0, 0, 0, 0];
    expect(entries.slice(0, 9)).toEqual([
      plain(-4, 0),
      plain(-3, 1),
      plain(-2, 0),
      plain(-1, 0),
      [4, 104, 204, 0],
      plain(1, 0),
      plain(2, 0),
      plain(3, 0),
      plain(4, 1),
    ]);
    // The query in the upper right corner has neighbours to the left and below only.
    const corner = [outside, outside, outside, plain(-1, 1), [2, 102, 202, 0], outside];
    expect(entries.slice(9)).toEqual([...corner, plain(2, 0), plain(3, 0), outside]);
  });
});

describe('the grid of observed pixels', () => {
  it('holds 1 and the colour where a pixel is observed, and zeros otherwise, row by row', () => {
    const examples = [example([5], [0]), example([2], [0])];
    const observedGrid = present(contextArrays(images, examples, parts({ grid: true })).observedGrid);
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
  it('are the colours of the chosen pixels of every image', () => {
    const { shape, values } = pixelValues(images, [Int32Array.of(3), Int32Array.of(0)]);
    expect(shape).toEqual([2, 1, 3]);
    expect(values).toEqual(Float32Array.of(3, 3.1, 3.2, 20, 20.1, 20.2));
  });
});
