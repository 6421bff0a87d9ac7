import { describe, expect, it } from 'vitest';
import {
  applyOperator,
  largestThinPlate,
  reconstructThinPlate,
  thinPlateOperator,
} from '../../../main/engine/classical/thinPlate.ts';
import { observe, type SparseObservation } from '../../../shared/images/image.ts';
import { randomPermutation, randomUniforms } from '../../../shared/numbers/random.ts';

const key = { seed: 7, stream: 'mask', step: 0 } as const;

function createObservation(height: number, width: number, count: number): SparseObservation {
  const indices = randomPermutation(key, height * width).slice(0, count);
  return { height, width, indices, values: randomUniforms({ ...key, step: 1 }, count * 3) };
}

function applyOperatorTo({ height, width, indices, values }: SparseObservation): Float32Array {
  const output = new Float32Array(height * width * 3);
  applyOperator(thinPlateOperator(indices, { height, width }), values, output);
  return output;
}

describe('reconstructThinPlate', () => {
  it('agrees with SciPy on six points', () => {
    const greys = [0.1, 0.9, 0.4, 0.2, 0.7, 0.3];
    const values = Float32Array.from(greys.flatMap((grey) => [grey, 1 - grey, 0]));
    const indices = Int32Array.of(0, 5, 25, 28, 14, 23);
    const result = reconstructThinPlate({ height: 5, width: 6, indices, values });
    const expected = [
      0.1, 0.36240642, 0.60007881, 0.75959327, 0.85171574, 0.9, 0.21239621, 0.4622864, 0.66799163, 0.75261913,
      0.76072535, 0.74616527, 0.30935304, 0.53569564, 0.7, 0.68231326, 0.60094668, 0.53282248, 0.333096,
      0.50503228, 0.58028437, 0.51834775, 0.39381748, 0.3, 0.28137649, 0.4, 0.41203853, 0.32682133, 0.2,
      0.13108694,
    ];
    expected.forEach((grey, pixel) => {
      expect(result[pixel * 3]).toBeCloseTo(grey, 6);
      expect(result[pixel * 3 + 1]).toBeCloseTo(1 - grey, 6);
    });
  });

  it('extends an affine image exactly, even outside the convex hull', () => {
    const values = Float32Array.from({ length: 10 * 14 * 3 }, (_, index) => {
      const pixel = Math.floor(index / 3);
      return 0.1 + 0.02 * (pixel % 14) + 0.04 * Math.floor(pixel / 14) + 0.1 * (index % 3);
    });
    const image = { height: 10, width: 14, values };
    const result = reconstructThinPlate(observe(image, Int32Array.of(35, 38, 64, 80)));
    result.forEach((value, index) => expect(value).toBeCloseTo(values[index], 6));
  });

  it('keeps the observed pixels bit for bit', () => {
    const observation = createObservation(12, 12, 40);
    const result = reconstructThinPlate(observation);
    const again = observe({ height: 12, width: 12, values: result }, observation.indices);
    expect(again.values).toEqual(observation.values);
  });

  it('refuses more points than a dense system can hold', () => {
    const count = largestThinPlate + 1;
    const indices = Int32Array.from(Array(count).keys());
    const observation = { height: 100, width: 100, indices, values: new Float32Array(count * 3) };
    expect(() => reconstructThinPlate(observation)).toThrow('4097 observed pixels: expected at most 4096');
  });
});

describe('thinPlateOperator', () => {
  it('multiplied by the colours equals the direct solution', () => {
    const observation = createObservation(16, 20, 64);
    const direct = reconstructThinPlate(observation);
    applyOperatorTo(observation).forEach((value, index) => expect(value).toBeCloseTo(direct[index], 5));
  });

  it('has rows that sum to one', () => {
    const { indices } = createObservation(16, 20, 64);
    const operator = thinPlateOperator(indices, { height: 16, width: 20 });
    for (let pixel = 0; pixel < 320; pixel++) {
      const sum = operator
        .subarray(pixel * 64, (pixel + 1) * 64)
        .reduce((total, weight) => total + weight, 0);
      expect(sum).toBeCloseTo(1, 5);
    }
  });

  it.each([
    ['one pixel', [7]],
    ['two pixels', [3, 12]],
    ['a column', [1, 5, 13]],
    ['a diagonal', [0, 5, 10, 15]],
  ])('equals the direct solution, which falls back to the nearest pixel, for %s', (_, pixels) => {
    const indices = Int32Array.from(pixels);
    const values = Float32Array.from({ length: pixels.length * 3 }, (_, index) => index / 12);
    const observation = { height: 4, width: 4, indices, values };
    const direct = reconstructThinPlate(observation);
    expect(applyOperatorTo(observation)).toEqual(direct);
    expect(new Set(direct)).toEqual(new Set(values));
  });

  it('is the identity when every pixel is observed in order', () => {
    const operator = thinPlateOperator(Int32Array.from(Array(9).keys()), { height: 3, width: 3 });
    operator.forEach((weight, index) => expect(weight).toBe(index % 10 === 0 ? 1 : 0));
  });

  it('cannot be applied to the colours of another mask', () => {
    const operator = thinPlateOperator(Int32Array.of(0, 1, 3), { height: 2, width: 2 });
    expect(() => applyOperator(operator, new Float32Array(12), new Float32Array(12))).toThrow(
      'An operator of 12 weights does not take 12 values to 12',
    );
  });
});
