/** Tests of the kernels StatelessUniform and StatelessNormal, which hold on every backend. */

import type * as tfjs from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

interface Law {
  readonly kernel: 'StatelessUniform' | 'StatelessNormal';
  readonly mean: number;
  readonly variance: number;
  /** E (x − mean)⁴ − variance²: the variance of a squared deviation. */
  readonly spread: number;
  readonly isInRange: (value: number) => boolean;
}

const laws: readonly Law[] = [
  {
    kernel: 'StatelessUniform',
    mean: 0.5,
    variance: 1 / 12,
    spread: 1 / 80 - 1 / 144,
    isInRange: (value) => value >= 0 && value < 1,
  },
  { kernel: 'StatelessNormal', mean: 0, variance: 1, spread: 2, isInRange: Number.isFinite },
];

export function testStatelessRandom(tf: typeof tfjs): void {
  describe.each(laws)('$kernel', (law) => testLaw(tf, law));
}

function testLaw(tf: typeof tfjs, { kernel, mean, variance, spread, isInRange }: Law): void {
  const run = (seed: tfjs.Tensor, shape: number[]) =>
    tf.engine().runKernel(kernel, { seed }, { shape }) as tfjs.Tensor;
  const draw = (seed: number[], shape: number[]) => tf.tidy(() => run(tf.tensor1d(seed, 'int32'), shape));
  const numbers = (seed: number[], shape: number[] = [64]): number[] =>
    tf.tidy(() => [...draw(seed, shape).dataSync()]);

  it('returns the same numbers for the same seed', () => {
    expect(numbers([42, 7])).toEqual(numbers([42, 7]));
  });

  it('returns different numbers for a seed that differs in either word', () => {
    const seeds = [
      [42, 7],
      [43, 7],
      [42, 8],
      [7, 42],
      [-42, 7],
    ];
    expect(new Set(seeds.map((seed) => numbers(seed)[0])).size).toBe(seeds.length);
  });

  it('has the mean, the variance and the range of its law', () => {
    const values = numbers([42, 7], [100, 1000]);
    const count = values.length;
    const foundMean = values.reduce((sum, value) => sum + value, 0) / count;
    const foundVariance = values.reduce((sum, value) => sum + (value - foundMean) ** 2, 0) / count;
    // The bounds are five standard errors.
    expect(Math.abs(foundMean - mean)).toBeLessThan(5 * Math.sqrt(variance / count));
    expect(Math.abs(foundVariance - variance)).toBeLessThan(5 * Math.sqrt(spread / count));
    expect(values.every(isInRange)).toBe(true);
  });

  it('samples uncorrelated neighbours', () => {
    const values = numbers([42, 7], [100, 1000]);
    const products = values.slice(1).map((value, index) => (value - mean) * (values[index] - mean));
    const correlation = products.reduce((sum, product) => sum + product, 0) / products.length / variance;
    expect(Math.abs(correlation)).toBeLessThan(5 / Math.sqrt(products.length));
  });

  it.each([[[2, 3, 5]], [[7]], [[]]])(
    'has the requested shape [%s] and allocates no other tensor',
    (shape) => {
      const before = tf.memory().numTensors;
      const tensor = draw([1, 2], shape);
      expect(tensor.shape).toEqual(shape);
      expect(tensor.dtype).toBe('float32');
      expect(tf.memory().numTensors).toBe(before + 1);
      tensor.dispose();
      expect(tf.memory().numTensors).toBe(before);
    },
  );

  it('passes gradients through a product with its result', () => {
    const gradient = tf.grad((x) => tf.sum(tf.mul(x, draw([5, 6], [4]))));
    expect([...gradient(tf.ones([4])).dataSync()]).toEqual(numbers([5, 6], [4]));
  });

  it('refuses a seed of another type or shape, and reports what was found and expected', () => {
    expect(() => run(tf.tensor1d([1, 2]), [4])).toThrow('A seed is float32 [2], expected int32 [2]');
    expect(() => run(tf.tensor1d([1, 2, 3], 'int32'), [4])).toThrow(
      'A seed is int32 [3], expected int32 [2]',
    );
    expect(() => tf.engine().runKernel(kernel, {}, { shape: [4] })).toThrow('needs the input seed');
  });
}
