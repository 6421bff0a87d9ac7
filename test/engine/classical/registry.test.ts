import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { classicalMethodNames, reconstructClassically } from '../../../main/engine/classical/registry.ts';
import type { SparseObservation } from '../../../shared/images/image.ts';

interface Pixels {
  readonly height: number;
  readonly width: number;
  readonly pixels: readonly (readonly [number, number])[];
}

const arbitraryPixels: fc.Arbitrary<Pixels> = fc
  .record({ height: fc.integer({ min: 1, max: 7 }), width: fc.integer({ min: 1, max: 7 }) })
  .chain(({ height, width }) => {
    const pixel = fc.tuple(fc.integer({ min: 0, max: height * width - 1 }), fc.integer({ min: 0, max: 255 }));
    const pixels = fc.uniqueArray(pixel, { minLength: 1, maxLength: 49, selector: ([index]) => index });
    return fc.record({ height: fc.constant(height), width: fc.constant(width), pixels });
  });

function toObservation({ height, width, pixels }: Pixels): SparseObservation {
  const indices = Int32Array.from(pixels, ([index]) => index);
  const values = Float32Array.from(
    pixels.flatMap(([, level]) => [level / 255, 1 - level / 255, level / 510]),
  );
  return { height, width, indices, values };
}

describe.each(classicalMethodNames)('The classical method "%s"', (name) => {
  it('keeps the observed pixels and stays in [0, 1] for any image and mask', () => {
    fc.assert(
      fc.property(arbitraryPixels, (image) => {
        const observation = toObservation(image);
        const result = reconstructClassically(name, observation);
        expect(result).toHaveLength(image.height * image.width * 3);
        expect(result.every((value) => value >= 0 && value <= 1)).toBe(true);
        observation.indices.forEach((pixel, row) => {
          expect(result.subarray(pixel * 3, pixel * 3 + 3)).toEqual(
            observation.values.subarray(row * 3, row * 3 + 3),
          );
        });
      }),
    );
  });

  it('does not depend on the order of the observed pixels', () => {
    fc.assert(
      fc.property(arbitraryPixels, (image) => {
        const reversed = { ...image, pixels: image.pixels.toReversed() };
        expect(reconstructClassically(name, toObservation(reversed))).toEqual(
          reconstructClassically(name, toObservation(image)),
        );
      }),
    );
  });

  it('returns a constant image for constant pixels', () => {
    fc.assert(
      fc.property(arbitraryPixels, ({ height, width, pixels }) => {
        const constant = { height, width, pixels: pixels.map(([index]) => [index, 51] as const) };
        const result = reconstructClassically(name, toObservation(constant));
        result.forEach((value, index) => expect(value).toBeCloseTo([0.2, 0.8, 0.1][index % 3], 5));
      }),
    );
  });

  it('copies the image when every pixel is observed', () => {
    const indices = Int32Array.from(Array(30).keys());
    const values = Float32Array.from({ length: 90 }, (_, index) => (index * 37) % 90).map(
      (value) => value / 90,
    );
    expect(reconstructClassically(name, { height: 5, width: 6, indices, values })).toEqual(values);
  });

  it('spreads a single observed pixel over the image', () => {
    const values = Float32Array.of(0.25, 0.5, 0.75);
    const result = reconstructClassically(name, { height: 2, width: 3, indices: Int32Array.of(4), values });
    result.forEach((value, index) => expect(value).toBeCloseTo(values[index % 3], 6));
  });
});

describe('reconstructClassically', () => {
  const valid = { height: 2, width: 2, indices: Int32Array.of(0, 3), values: new Float32Array(6) };
  const reconstruct = (change: Partial<SparseObservation>) => () =>
    reconstructClassically('mean', { ...valid, ...change });

  it('refuses observations that are empty, incomplete, duplicated, outside the image or not finite', () => {
    expect(reconstruct({ indices: Int32Array.of(), values: new Float32Array(0) })).toThrow(
      'No observed pixel',
    );
    expect(reconstruct({ values: new Float32Array(5) })).toThrow(
      '2 observed pixels with 5 values: expected 6',
    );
    expect(reconstruct({ indices: Int32Array.of(3, 3) })).toThrow('Pixel 3 is observed twice');
    expect(reconstruct({ indices: Int32Array.of(0, 4) })).toThrow('Observed pixel 4 lies outside');
    expect(reconstruct({ indices: Int32Array.of(-1, 0) })).toThrow('Observed pixel -1 lies outside');
    expect(reconstruct({ values: Float32Array.of(0, 0, NaN, 0, 0, 0) })).toThrow('Observed value 2 is NaN');
    expect(reconstruct({ height: 0 })).toThrow('Image size 0×2');
  });

  it('clips the overshoot of a spline to [0, 1]', () => {
    const values = Float32Array.from([0, 0, 1, 1, 0, 1].flatMap((grey) => [grey, grey, grey]));
    const observation = { height: 8, width: 8, indices: Int32Array.of(9, 17, 10, 18, 54, 35), values };
    const result = reconstructClassically('thin plate', observation);
    expect(Math.min(...result)).toBe(0);
    expect(Math.max(...result)).toBe(1);
  });
});
