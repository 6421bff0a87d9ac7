import { describe, expect, it } from 'vitest';
import { reconstructLinear } from '../../../main/engine/classical/linear.ts';
import { type Image, observe } from '../../../shared/images/image.ts';

/** Returns an image whose three channels are functions of the pixel's column and row. */
function paint(height: number, width: number, colour: (x: number, y: number) => number[]): Image {
  const pixels = Array.from({ length: height * width }, (_, p) => colour(p % width, Math.floor(p / width)));
  return { height, width, values: Float32Array.from(pixels.flat()) };
}

describe('reconstructLinear', () => {
  it('returns an affine image exactly when the corners are observed', () => {
    const image = paint(9, 12, (x, y) => [0.1 + 0.03 * x + 0.05 * y, 0.9 - 0.07 * x, 0.5]);
    const result = reconstructLinear(observe(image, Int32Array.of(0, 11, 96, 107, 30, 50, 74)));
    result.forEach((value, index) => expect(value).toBeCloseTo(image.values[index], 6));
  });

  it('is the mean of two observed pixels half-way between them', () => {
    const image = paint(3, 3, (x, y) => [x * x, x * y, 1 - y]);
    const result = reconstructLinear(observe(image, Int32Array.of(0, 2, 6, 8)));
    expect(result[1 * 3]).toBeCloseTo(2, 6);
    expect(result[3 * 3]).toBeCloseTo(0, 6);
    expect(result[5 * 3]).toBeCloseTo(4, 6);
  });

  it('agrees with SciPy inside the convex hull of six points', () => {
    const greys = [0.1, 0.9, 0.7, 0.3, 0.4, 0.2];
    const values = Float32Array.from(greys.flatMap((grey) => [grey, grey, grey]));
    const indices = Int32Array.of(0, 5, 14, 23, 25, 28);
    const result = reconstructLinear({ height: 5, width: 6, indices, values });
    const outside = NaN;
    const expected = [
      0.1,
      0.26,
      0.42,
      0.58,
      0.74,
      0.9,
      outside,
      0.4,
      0.56,
      0.72,
      0.76666667,
      0.7,
      outside,
      0.4,
      0.7,
      0.63333333,
      0.56666667,
      0.5,
      outside,
      0.4,
      0.51666667,
      0.45,
      0.375,
      0.3,
      outside,
      0.4,
      0.33333333,
      0.26666667,
      0.2,
      outside,
    ];
    expected.forEach((grey, pixel) => {
      if (!Number.isNaN(grey)) expect(result[pixel * 3]).toBeCloseTo(grey, 6);
    });
  });

  it('takes the nearest pixel outside the convex hull, and everywhere if all observed pixels lie on one line', () => {
    const image = paint(4, 4, (x, y) => [x / 4, y / 4, 0.5]);
    const triangle = reconstructLinear(observe(image, Int32Array.of(0, 1, 4)));
    expect([...triangle.subarray(45)]).toEqual([0, 0.25, 0.5]);
    const diagonal = reconstructLinear(observe(image, Int32Array.of(0, 5, 15)));
    expect([...diagonal.subarray(30, 33)]).toEqual([0.25, 0.25, 0.5]);
  });
});
