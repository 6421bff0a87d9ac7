import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { drawNormal, drawUniform, seedArray } from '../../main/engine/random.ts';
import { tf } from '../support/backend.ts';
import { numbersOf } from './field/waves.ts';
import { toTensor } from '../../main/engine/tensors.ts';

const seedOf = (step: number) => seedArray({ seed: 42, stream: 'noise', step });

describe('a seed', () => {
  it('is two integers that float32 represents exactly, for any key', () => {
    const keys = fc.record({ seed: fc.maxSafeNat(), step: fc.maxSafeNat() });
    const property = fc.property(keys, ({ seed, step }) => {
      const { shape, values } = seedArray({ seed, stream: 'dropout', step });
      expect(shape).toEqual([2]);
      for (const value of values) expect(value).toBe(Math.trunc(value));
      expect(Math.max(...values)).toBeLessThan(2 ** 24);
    });
    fc.assert(property, { numRuns: 200 });
  });

  it('differs at each of ten thousand steps', () => {
    const seeds = Array.from({ length: 10_000 }, (_, step) => seedOf(step).values.join());
    expect(new Set(seeds).size).toBe(seeds.length);
  });
});

describe.each([
  ['drawUniform', drawUniform],
  ['drawNormal', drawNormal],
] as const)('%s', (_, draw) => {
  const numbers = (step: number, position?: number) =>
    numbersOf(draw(toTensor(seedOf(step)), [8, 4], position));

  it('returns the same numbers for the same seed and position, and different numbers at another position', () => {
    expect(numbers(1, 2)).toEqual(numbers(1, 2));
    expect(numbers(1)).toEqual(numbers(1, 0));
    const firsts = [numbers(1), numbers(1, 1), numbers(1, 2), numbers(2)].map(([first]) => first);
    expect(new Set(firsts).size).toBe(4);
  });

  it('allocates no tensor except its result', () => {
    const seed = toTensor(seedOf(1));
    const before = tf.memory().numTensors;
    const drawn = tf.tidy(() => draw(seed, [3, 2]));
    expect(drawn.shape).toEqual([3, 2]);
    expect(tf.memory().numTensors).toBe(before + 1);
  });
});
