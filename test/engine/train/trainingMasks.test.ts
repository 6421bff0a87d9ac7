import { describe, expect, it } from 'vitest';
import { reconstructClassically } from '../../../main/engine/classical/registry.ts';
import { fixedMasks, type Mask, pooledMasks } from '../../../main/engine/train/trainingMasks.ts';
import { runConfigSchema } from '../../../shared/config/config.ts';
import { type Image, observe } from '../../../shared/images/image.ts';
import { randomPermutation, randomUniforms } from '../../../shared/numbers/random.ts';

const size = 9;
const observedCount = 16;
const targetCount = 20;
const image: Image = {
  height: size,
  width: size,
  values: randomUniforms({ seed: 1, stream: 'synthetic', step: 0 }, size * size * 3),
};
const { mask: config } = runConfigSchema.parse({ mask: { law: 'counter', pool: 3 } });

function maskOf(index: number): Mask {
  const order = randomPermutation({ seed: 7, stream: 'mask', step: index }, size * size);
  return {
    observed: order.slice(0, observedCount),
    target: order.slice(observedCount, observedCount + targetCount),
  };
}

const createPooled = (seed = 42) => pooledMasks(maskOf, { config, seed, size });

/** The masks of some rows of some steps. */
function drawn(count: number, masks = createPooled()) {
  return Array.from({ length: count }, (_, draw) =>
    masks({ step: Math.floor(draw / 4), row: draw % 4, batchSize: 4, image: 0 }),
  );
}

const sorted = (pixels: Int32Array) => [...pixels].sort((a, b) => a - b).join();

describe('pooledMasks', () => {
  it('estimates the thin plate of the turned mask itself', () => {
    for (const mask of drawn(24)) {
      const direct = reconstructClassically('thin plate', observe(image, mask.observed));
      const largest = mask
        .estimate(image)
        .reduce((bound, value, index) => Math.max(bound, Math.abs(value - direct[index])), 0);
      expect(largest).toBeLessThan(1e-4);
    }
  });

  it('never targets an observed pixel, nor one twice', () => {
    for (const { observed, target } of drawn(40)) {
      expect(observed).toHaveLength(observedCount);
      expect(target).toHaveLength(targetCount);
      expect(new Set([...observed, ...target]).size).toBe(observedCount + targetCount);
    }
  });

  it('draws every mask of the pool in every symmetry', () => {
    expect(new Set(drawn(400).map(({ observed }) => sorted(observed))).size).toBe(3 * 8);
  });

  it('is a pure function of seed, step and row, with targets of its own for every row', () => {
    const plain = (masks: ReturnType<typeof drawn>) =>
      masks.map(({ observed, target }) => `${observed.join()}|${target.join()}`);
    expect(plain(drawn(12))).toEqual(plain(drawn(12)));
    expect(plain(drawn(12, createPooled(43)))).not.toEqual(plain(drawn(12)));
    expect(new Set(drawn(40).map(({ target }) => sorted(target))).size).toBe(40);
  });

  it('takes its pool from beyond the masks of images', () => {
    const asked: number[] = [];
    const masks = pooledMasks((index) => (asked.push(index), maskOf(index)), { config, seed: 42, size });
    drawn(100, masks);
    expect([...new Set(asked)].sort()).toEqual([1_000_000, 1_000_001, 1_000_002]);
  });
});

describe('fixedMasks', () => {
  it('give every image its own mask at every step, and the thin plate for it', () => {
    const masks = fixedMasks(maskOf);
    const first = masks({ step: 0, row: 0, batchSize: 4, image: 5 });
    const later = masks({ step: 9, row: 3, batchSize: 4, image: 5 });
    expect([first.observed, first.target]).toEqual([maskOf(5).observed, maskOf(5).target]);
    expect([later.observed, later.target]).toEqual([first.observed, first.target]);
    const direct = reconstructClassically('thin plate', observe(image, first.observed));
    expect(first.estimate(image)).toEqual(direct);
  });
});
