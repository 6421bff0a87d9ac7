import { describe, expect, it } from 'vitest';
import { reconstructBiharmonic } from '../../../main/engine/classical/biharmonic.ts';
import { type Image, observe } from '../../../shared/images/image.ts';

function greyImage(height: number, width: number, grey: (x: number, y: number) => number): Image {
  const values = Float32Array.from({ length: height * width * 3 }, (_, index) => {
    const pixel = Math.floor(index / 3);
    return grey(pixel % width, Math.floor(pixel / width));
  });
  return { height, width, values };
}

const indices = Int32Array.of(0, 5, 14, 25, 28, 23);
const greys = [0.1, 0.9, 0.7, 0.4, 0.2, 0.3];
/** Reconstruction of 5 rows × 6 columns from the six observed pixels, by a dense NumPy solution with SciPy's reflecting Laplacian. */
const expected = [
  0.1, 0.33699492, 0.59230155, 0.75429218, 0.84481078, 0.9, 0.2665481, 0.44470239, 0.65207715, 0.73521428,
  0.75646477, 0.76410986, 0.39838543, 0.53124424, 0.7, 0.66358897, 0.59232733, 0.54725923, 0.41609662,
  0.4807363, 0.5486476, 0.4851153, 0.37112396, 0.3, 0.38307537, 0.4, 0.42217283, 0.34005323, 0.2, 0.14507327,
];

describe('reconstructBiharmonic', () => {
  it('agrees with a dense solution with reflecting borders', () => {
    const values = Float32Array.from(greys.flatMap((grey) => [grey, grey, grey]));
    const result = reconstructBiharmonic({ height: 5, width: 6, indices, values });
    expected.forEach((grey, pixel) => expect(result[pixel * 3]).toBeCloseTo(grey, 5));
  });

  it('returns the transposed result for the transposed image', () => {
    const values = Float32Array.from(greys.flatMap((grey) => [1 - grey, grey, grey]));
    const transposed = indices.map((pixel) => (pixel % 6) * 5 + Math.floor(pixel / 6));
    const result = reconstructBiharmonic({ height: 6, width: 5, indices: transposed, values });
    expected.forEach((grey, pixel) => {
      expect(result[((pixel % 6) * 5 + Math.floor(pixel / 6)) * 3 + 1]).toBeCloseTo(grey, 5);
    });
  });

  it('continues a cubic through a hole away from the border exactly', () => {
    const image = greyImage(11, 13, (x, y) => 0.3 + (x ** 3 - 2 * x * y * y + y * y - 4 * x * y) / 3000);
    const isHole = (x: number, y: number) => x >= 4 && x <= 8 && y >= 3 && y <= 7;
    const kept = Int32Array.from(Array(143).keys()).filter((p) => !isHole(p % 13, Math.floor(p / 13)));
    const result = reconstructBiharmonic(observe(image, kept));
    result.forEach((value, index) => expect(value).toBeCloseTo(image.values[index], 6));
  });

  it('stays within the observed range of each channel', () => {
    const steep = { height: 1, width: 8, indices: Int32Array.of(2, 3, 6) };
    const values = Float32Array.of(0, 0.5, 0.2, 1, 0.6, 0.2, 1, 0.5, 0.9);
    const result = reconstructBiharmonic({ ...steep, values });
    const channel = (number: number) => [...result].filter((_, index) => index % 3 === number);
    expect(Math.max(...channel(0))).toBe(1);
    expect(Math.max(...channel(1))).toBe(Math.fround(0.6));
    expect(Math.min(...channel(2))).toBe(Math.fround(0.2));
  });

  it('refuses an image whose system would not fit into memory', () => {
    const observation = { height: 800, width: 600, indices: Int32Array.of(0), values: new Float32Array(3) };
    expect(() => reconstructBiharmonic(observation)).toThrow('479999 unknown pixels needs more than 1 GiB');
  });
});
