import { describe, expect, it } from 'vitest';
import { observe } from '../../../shared/images/image.ts';
import { addNoise, observeNoisily } from '../../../shared/images/observationNoise.ts';

const size = 64;
const image = { height: size, width: size, values: new Float32Array(size * size * 3).fill(0.9) };
const indices = Int32Array.from({ length: 500 }, (_, index) => 8 * index);

describe('noise on observed values', () => {
  it('is Gaussian with the requested deviation, and not cut off at the range of colours', () => {
    const { values } = addNoise(image, 0.2, { seed: 1, stream: 'observationNoise', step: 3 });
    const noise = Array.from(values, (value) => (value - 0.9) / 0.2);
    const mean = (numbers: readonly number[]) => numbers.reduce((sum, z) => sum + z, 0) / numbers.length;
    // 12 288 numbers: four standard errors.
    expect(Math.abs(mean(noise))).toBeLessThan(4 / Math.sqrt(noise.length));
    expect(Math.abs(mean(noise.map((z) => z ** 2)) - 1)).toBeLessThan(4 * Math.sqrt(2 / noise.length));
    expect(Math.abs(mean(noise.map((z) => z ** 4)) - 3)).toBeLessThan(4 * Math.sqrt(96 / noise.length));
    // Neighbouring values, which are other channels or pixels, are independent.
    const products = noise.slice(1).map((z, index) => z * noise[index]);
    expect(Math.abs(mean(products))).toBeLessThan(4 / Math.sqrt(products.length));
    expect(Math.max(...values)).toBeGreaterThan(1.3);
  });

  it('leaves observations exact if its deviation is 0', () => {
    expect(addNoise(image, 0, { seed: 1, stream: 'observationNoise', step: 0 })).toBe(image);
    expect(observeNoisily(image, indices, { deviation: 0, seed: 1, index: 2 })).toEqual(
      observe(image, indices),
    );
  });

  it('of a pixel depends on seed and image only, not on the other observed pixels', () => {
    const noise = { deviation: 0.1, seed: 7, index: 2 };
    const { values } = observeNoisily(image, indices, noise);
    const half = observeNoisily(
      image,
      indices.filter((_, row) => row % 2 === 0),
      noise,
    );
    expect([...half.values]).toEqual([...values].filter((_, at) => Math.floor(at / 3) % 2 === 0));
    expect(observeNoisily(image, indices, { ...noise, index: 3 }).values).not.toEqual(values);
    expect(observeNoisily(image, indices, { ...noise, seed: 8 }).values).not.toEqual(values);
  });
});
