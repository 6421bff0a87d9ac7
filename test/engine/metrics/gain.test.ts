import { describe, expect, it } from 'vitest';
import { measureGain } from '../../../main/engine/metrics/gain.ts';
import type { ImageBatch } from '../../../shared/images/image.ts';
import { randomNormals } from '../../../shared/numbers/random.ts';

const count = 40;
const size = 8 * 8 * 3;

function batchOf(values: Float32Array): ImageBatch {
  return { count, height: 8, width: 8, values };
}

function normals(step: number): Float32Array {
  return randomNormals({ seed: 2, stream: 'noise', step }, count * size);
}

const truth = normals(0).map((z) => 0.5 + 0.1 * z);
const estimate = truth.map((value, index) => value + 0.05 * normals(1)[index % (count * size)]);
const estimates = imagesOf(estimate);
const gainOf = (result: Float32Array) => measureGain(batchOf(truth), batchOf(result), estimates);

/** Returns the values of each image of a batch. */
function imagesOf(values: Float32Array): Float32Array[] {
  return Array.from({ length: count }, (_, image) => values.slice(image * size, (image + 1) * size));
}

describe('a gain over the classical estimate', () => {
  it('is found where the result removes a twentieth of the error', () => {
    const better = estimate.map((value, index) => value + 0.05 * (truth[index] - value));
    const found = gainOf(better);
    expect(found).toMatchObject({ isGain: true, isClassical: false });
    expect(found.mse / found.classicalMse).toBeCloseTo(0.95 ** 2, 5);
    expect(Math.sqrt(found.classicalMse)).toBeCloseTo(0.05, 3);
  });

  it('is found where all images but a hard one are better, which outweighs them in the squared errors', () => {
    const isHard = (index: number) => index < size;
    const errors = estimate.map((value, index) => (isHard(index) ? 20 : 1) * (value - truth[index]));
    const hard = truth.map((value, index) => value + errors[index]);
    const result = truth.map((value, index) => value + (isHard(index) ? 1.01 : 0.95) * errors[index]);
    const found = measureGain(batchOf(truth), batchOf(result), imagesOf(hard));
    expect(found.mse).toBeGreaterThan(found.classicalMse);
    expect(found.isGain).toBe(true);
  });

  it('is not found where the result is the estimate, which is reported', () => {
    expect(gainOf(estimate)).toMatchObject({ isGain: false, isClassical: true });
  });

  it('is not found where the result adds noise, however little', () => {
    const other = normals(7);
    const worse = estimate.map((value, index) => value + 0.01 * other[index]);
    expect(gainOf(worse)).toMatchObject({ isGain: false, isClassical: false });
  });

  it('is not found where one image wins what another one loses', () => {
    const mixed = estimate.map((value, index) => {
      const sign = Math.floor(index / size) % 2 === 0 ? 1 : -1;
      return value + 0.05 * sign * (truth[index] - value);
    });
    expect(gainOf(mixed).isGain).toBe(false);
  });

  it('is not found from a single image', () => {
    const one = { count: 1, height: 8, width: 8 };
    const [values] = estimates;
    const truthOfOne = { ...one, values: truth.slice(0, size) };
    expect(measureGain(truthOfOne, truthOfOne, [values]).isGain).toBe(false);
  });
});
