import { describe, expect, it } from 'vitest';
import { measureContrast, pullBackContrast } from '../../../main/engine/context/localContrast.ts';
import { applySymmetry, imageSymmetries } from '../../../main/engine/symmetry.ts';
import type { Image } from '../../../shared/images/image.ts';
import { randomPermutation, randomUniforms } from '../../../shared/numbers/random.ts';

const [width, height] = [40, 40];
const pixels = width * height;
const key = { seed: 3, stream: 'synthetic', step: 0 } as const;
const image: Image = { width, height, values: randomUniforms(key, 3 * pixels) };
const observed = randomPermutation(key, pixels)
  .slice(0, pixels / 5)
  .sort();
const everything = Int32Array.from({ length: pixels }, (_, pixel) => pixel);

function mapped(map: (value: number) => number): Image {
  return { ...image, values: image.values.map(map) };
}

function expectAll(found: Float32Array, expected: (index: number) => number, digits = 5): void {
  found.forEach((value, index) => expect(value).toBeCloseTo(expected(index), digits));
}

describe('level and contrast around the pixels of an image', () => {
  it('are its colour and the smallest contrast, 1/100, where an image has one colour', () => {
    const { level, contrast } = measureContrast(
      mapped(() => 0.3),
      observed,
    );
    expectAll(level, () => 0.3);
    expectAll(contrast, () => 0.01);
  });

  it('are those of a checkerboard of two greys: their mean, and half their difference', () => {
    const values = Float32Array.from({ length: 3 * pixels }, (_, index) => {
      const pixel = Math.floor(index / 3);
      return (pixel + Math.floor(pixel / width)) % 2 === 0 ? 0.3 : 0.7;
    });
    const { level, contrast } = measureContrast({ ...image, values }, everything);
    const middle = (height / 2) * width + width / 2;
    expect(level[3 * middle]).toBeCloseTo(0.5, 3);
    expect(contrast[middle]).toBeCloseTo(Math.hypot(0.2, 0.01), 3);
  });

  it('follow an image that becomes brighter and softer', () => {
    const before = measureContrast(image, observed);
    const after = measureContrast(
      mapped((value) => 0.4 + 0.5 * value),
      observed,
    );
    expectAll(after.level, (index) => 0.4 + 0.5 * before.level[index]);
    expectAll(after.contrast, (pixel) => Math.sqrt(0.25 * (before.contrast[pixel] ** 2 - 1e-4) + 1e-4));
  });

  it('are turned when the image is turned', () => {
    const { level, contrast } = measureContrast(image, observed);
    for (const symmetry of imageSymmetries(8, image)) {
      const { height, width } = symmetry;
      const turned = { ...image, height, width, values: applySymmetry(image.values, symmetry) };
      const found = measureContrast(
        turned,
        observed.map((pixel) => symmetry.to[pixel]),
      );
      const expected = applySymmetry(level, symmetry);
      expectAll(found.level, (index) => expected[index]);
      contrast.forEach((value, pixel) => expect(found.contrast[symmetry.to[pixel]]).toBeCloseTo(value, 5));
    }
  });

  it('are those of the nearest surroundings that are known, in the middle of a hole', () => {
    const isHole = (pixel: number) => pixel % width > 4 && pixel % width < width - 5;
    const known = everything.filter((pixel) => !isHole(pixel));
    const { contrast } = measureContrast(image, known);
    const middle = (height / 2) * width + width / 2;
    expect(contrast[middle]).toBeGreaterThan(0.2);
    expect(contrast[middle]).toBeLessThan(0.4);
  });

  it('have the derivatives that finite differences find', () => {
    const weights = {
      level: randomUniforms({ ...key, step: 1 }, 3 * pixels),
      contrast: randomUniforms({ ...key, step: 2 }, pixels),
    };
    const weighted = (values: Float32Array) => {
      const { level, contrast } = measureContrast({ ...image, values }, observed);
      const ofLevel = level.reduce((sum, value, index) => sum + value * weights.level[index], 0);
      return contrast.reduce((sum, value, pixel) => sum + value * weights.contrast[pixel], ofLevel);
    };
    const gradient = pullBackContrast(image, observed, weights);
    for (const index of [0, 3 * observed[7] + 1, 3 * observed[50] + 2, 3 * pixels - 1, 2000]) {
      const moved = (by: number) => {
        const values = image.values.slice();
        values[index] += by;
        return weighted(values);
      };
      expect(gradient[index]).toBeCloseTo((moved(0.05) - moved(-0.05)) / 0.1, 2);
    }
  });
});
