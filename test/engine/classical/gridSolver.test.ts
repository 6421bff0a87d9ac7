import { describe, expect, it } from 'vitest';
import { bendingEnergy, tensionEnergy } from '../../../main/engine/classical/gridEnergy.ts';
import { createGridSolver } from '../../../main/engine/classical/gridSolver.ts';
import { reconstructClassically } from '../../../main/engine/classical/registry.ts';
import {
  createThinPlateEstimator,
  reconstructThinPlate,
  thinPlateOperator,
} from '../../../main/engine/classical/thinPlate.ts';
import { squareSymmetries } from '../../../main/engine/symmetry.ts';
import { type Image, observe } from '../../../shared/images/image.ts';
import { randomPermutation } from '../../../shared/numbers/random.ts';
import { createImage } from './createImage.ts';

function randomPixels(count: number, of: number, step = 0): Int32Array {
  return randomPermutation({ seed: 5, stream: 'mask', step }, of).slice(0, count).toSorted();
}

const wave = (x: number, y: number) => 0.5 + 0.3 * Math.sin(0.7 * x) * Math.cos(0.5 * y);

/** Σ u_xx² + 2 u_xy² + u_yy² + tension (u_x² + u_y²) of the first channel. */
function energyOf({ width, height, values }: Image, tension: number): number {
  const at = (x: number, y: number) => values[(y * width + x) * 3];
  let energy = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (x > 1) energy += (at(x, y) - 2 * at(x - 1, y) + at(x - 2, y)) ** 2;
      if (y > 1) energy += (at(x, y) - 2 * at(x, y - 1) + at(x, y - 2)) ** 2;
      if (x > 0 && y > 0) energy += 2 * (at(x, y) - at(x - 1, y) - at(x, y - 1) + at(x - 1, y - 1)) ** 2;
      if (x > 0) energy += tension * (at(x, y) - at(x - 1, y)) ** 2;
      if (y > 0) energy += tension * (at(x, y) - at(x, y - 1)) ** 2;
    }
  }
  return energy;
}

describe('createGridSolver', () => {
  it.each([
    ['bending', bendingEnergy, 8, 20],
    ['bending and tension', tensionEnergy, 8.1, 20.4],
  ])('gives an isolated pixel the weights of bilaplacian and Laplacian: %s', (_, energy, nearest, sum) => {
    const size = { height: 7, width: 7 };
    const indices = Int32Array.from(Array(49).keys()).filter((pixel) => pixel !== 24);
    const solve = createGridSolver(energy, indices, size);
    const weightOf = (pixel: number) => {
      const values = new Float32Array(indices.length * 3);
      values[indices.indexOf(pixel) * 3] = 1;
      return solve(values)[0];
    };
    for (const near of [17, 23, 25, 31]) expect(weightOf(near)).toBeCloseTo(nearest / sum, 6);
    for (const diagonal of [16, 18, 30, 32]) expect(weightOf(diagonal)).toBeCloseTo(-2 / sum, 6);
    for (const far of [10, 22, 26, 38]) expect(weightOf(far)).toBeCloseTo(-1 / sum, 6);
    expect(weightOf(0)).toBeCloseTo(0, 6);
  });

  it.each([
    ['thin plate', 0],
    ['tension spline', 1 / 10],
  ] as const)(
    'minimises the energy of the %s: any change of an unobserved pixel raises it',
    (method, tension) => {
      const image = createImage(9, 6, wave);
      const observation = observe(image, randomPixels(30, 54));
      const values = reconstructClassically(method, observation);
      const least = energyOf({ ...image, values }, tension);
      const unobserved = Array.from(Array(54).keys()).filter((pixel) => !observation.indices.includes(pixel));
      for (const pixel of unobserved) {
        for (const change of [-0.01, 0.01]) {
          const changed = values.slice();
          changed[pixel * 3] += change;
          expect(energyOf({ ...image, values: changed }, tension)).toBeGreaterThan(least);
        }
      }
    },
  );

  it.each([
    [12, 9],
    [9, 12],
    [2, 12],
    [12, 2],
  ])('reproduces affine images with a free border: %i × %i', (width, height) => {
    const affine = createImage(width, height, (x, y) => 0.2 + 0.03 * x + 0.02 * y);
    const hole = Array.from(Array(width * height).keys()).filter(
      (pixel) => pixel % 5 !== 0 && pixel % 7 !== 1,
    );
    const result = reconstructThinPlate(observe(affine, Int32Array.from(hole)));
    result.forEach((value, index) => expect(value).toBeCloseTo(affine.values[index], 5));
  });
});

describe('createThinPlateEstimator', () => {
  const side = 12;
  const image = createImage(side, side, wave);

  it.each([60, 90])(
    'equals the reconstruction of every image under the mask, with %i of 144 pixels observed',
    (count) => {
      const indices = randomPixels(count, side * side);
      const { unobserved, estimate } = createThinPlateEstimator(indices, image);
      const observation = observe(image, indices);
      const direct = reconstructThinPlate(observation);
      const values = estimate(observation.values);
      expect(unobserved).toHaveLength(side * side - count);
      unobserved.forEach((pixel, row) => expect(values[row * 3]).toBeCloseTo(direct[pixel * 3], 5));
    },
  );

  it('is the spline of Duchon to the bit where at most half of the pixels are observed', () => {
    const indices = randomPixels(72, side * side);
    const operator = thinPlateOperator(indices, image);
    const { unobserved, estimate } = createThinPlateEstimator(indices, image);
    const values = new Float32Array(indices.length * 3);
    values[0] = 1;
    const weights = estimate(values);
    unobserved.forEach((pixel, row) => expect(weights[row * 3]).toBe(operator[pixel * indices.length]));
  });

  it('commutes with the symmetries of the square and keeps the order of the mask', () => {
    const observed = randomPermutation({ seed: 5, stream: 'mask', step: 3 }, side * side).slice(0, 100);
    const straight = createThinPlateEstimator(observed, image);
    const values = observe(image, observed).values;
    const expected = straight.estimate(values);
    for (const turn of squareSymmetries(side)) {
      const turned = createThinPlateEstimator(
        observed.map((pixel) => turn[pixel]),
        image,
      );
      const found = turned.estimate(values);
      straight.unobserved.forEach((pixel, row) => {
        const other = turned.unobserved.indexOf(turn[pixel]) * 3;
        expect(found[other]).toBeCloseTo(expected[row * 3], 6);
      });
    }
  });

  it('is close to the spline where the image is smooth on the scale of pixels', () => {
    const indices = Int32Array.from(Array(side * side).keys()).filter((pixel) => {
      const [x, y] = [pixel % side, Math.floor(pixel / side)];
      return x < 4 || x > 7 || y < 4 || y > 7;
    });
    const smooth = createImage(side, side, (x, y) => wave(x / 4, y / 4));
    const { unobserved, estimate } = createThinPlateEstimator(indices, smooth);
    const observation = observe(smooth, indices);
    const plate = estimate(observation.values);
    const operator = thinPlateOperator(indices, smooth);
    unobserved.forEach((pixel, row) => {
      let spline = 0;
      indices.forEach((_, at) => {
        spline += operator[pixel * indices.length + at] * observation.values[at * 3];
      });
      expect(Math.abs(plate[row * 3] - spline)).toBeLessThan(0.002);
    });
  });

  it('handles images that are too large for a dense system', () => {
    const large = createImage(100, 80, (x, y) => wave(x / 4, y / 4));
    const indices = Int32Array.from(Array(8000).keys()).filter((pixel) => pixel % 9 > 0);
    const result = reconstructClassically('thin plate', observe(large, indices));
    result.forEach((value, index) => expect(Math.abs(value - large.values[index])).toBeLessThan(0.01));
  });
});
