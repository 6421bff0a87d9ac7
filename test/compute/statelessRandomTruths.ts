/** What holds for the kernel StatelessUniform on every backend. */

import type * as tfjs from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

interface Attributes {
  readonly shape?: number[];
  readonly seed?: number;
  readonly stream?: number;
  readonly step?: number;
}

export function testStatelessUniform(tf: typeof tfjs): void {
  const draw = (attributes: Attributes): tfjs.Tensor =>
    tf
      .engine()
      .runKernel(
        'StatelessUniform',
        {},
        { shape: [64], seed: 42, stream: 7, step: 3, ...attributes },
      ) as tfjs.Tensor;
  const numbers = (attributes: Attributes): number[] => {
    const tensor = draw(attributes);
    const values = [...tensor.dataSync()];
    tensor.dispose();
    return values;
  };

  describe('StatelessUniform', () => {
    it('gives the same numbers for the same attributes', () => {
      expect(numbers({})).toEqual(numbers({}));
    });

    it('gives other numbers for another seed, stream or step, also beyond 32 bits', () => {
      const variants = [
        {},
        { seed: 43 },
        { seed: 42 + 2 ** 32 },
        { stream: 8 },
        { step: 4 },
        { step: 3 + 2 ** 40 },
      ];
      const firsts = variants.map((variant) => numbers(variant)[0]);
      expect(new Set(firsts).size).toBe(variants.length);
    });

    it('is uniform on [0, 1)', () => {
      const values = numbers({ shape: [100, 1000] });
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
      // Five standard errors: sqrt(1/12 / n) of the mean, sqrt(1/180 / n) of the variance.
      expect(Math.abs(mean - 0.5)).toBeLessThan(5 * Math.sqrt(1 / 12 / values.length));
      expect(Math.abs(variance - 1 / 12)).toBeLessThan(5 * Math.sqrt(1 / 180 / values.length));
      expect(values.every((value) => value >= 0 && value < 1)).toBe(true);
    });

    it('has the asked shape and leaves no other tensor behind', () => {
      const before = tf.memory().numTensors;
      const tensor = draw({ shape: [2, 3, 5] });
      expect(tensor.shape).toEqual([2, 3, 5]);
      expect(tensor.dtype).toBe('float32');
      expect(tf.memory().numTensors).toBe(before + 1);
      tensor.dispose();
      expect(tf.memory().numTensors).toBe(before);
    });

    it('lets gradients pass a product with it', () => {
      const gradient = tf.grad((x) => tf.sum(tf.mul(x, draw({ shape: [4] }))));
      const values = [...gradient(tf.ones([4])).dataSync()];
      expect(values).toEqual(numbers({ shape: [4] }));
    });

    it('refuses a step that is no natural number', () => {
      expect(() => draw({ step: 0.5 })).toThrow('step is 0.5, expected an integer');
      expect(() => draw({ seed: -1 })).toThrow('seed is -1, expected an integer');
    });
  });
}
