import { describe, expect, it } from 'vitest';
import { createMaskSource } from '../../main/datasets/mask.ts';
import { createTrainingMaskSource } from '../../main/datasets/trainingMask.ts';
import { reconstructClassically } from '../../main/engine/classical/registry.ts';
import { pooledMasks } from '../../main/engine/train/trainingMasks.ts';
import { runConfigSchema } from '../../shared/config/config.ts';
import { observe } from '../../shared/images/image.ts';
import { randomUniforms } from '../../shared/numbers/random.ts';

const pixels = 1024;
const maskConfig = (mask: object) =>
  runConfigSchema.parse({ field: { kind: 'unet' }, mask: { law: 'counter', ...mask } }).mask;
const range = { keepRatioMin: 0.05, keepRatioMax: 0.6, targetRatio: 0.3 };

describe('the masks of a training', () => {
  it('are those of the scored images where there is no range of shares', () => {
    const mask = maskConfig({});
    const [training, scored] = [
      createTrainingMaskSource(mask, pixels),
      createMaskSource({ ...mask, pixels }),
    ];
    for (const index of [0, 7, 1_000_003]) expect(training.maskOf(index)).toEqual(scored.maskOf(index));
  });

  it('of a range are uniform over it: of 64 masks in a row one or two in each 32nd', () => {
    for (const first of [0, 1_000_000]) {
      const { maskOf } = createTrainingMaskSource(maskConfig(range), pixels);
      const shares = Array.from({ length: 64 }, (_, index) => maskOf(first + index).observed.length / pixels);
      expect(Math.min(...shares)).toBeGreaterThanOrEqual(0.049);
      expect(Math.max(...shares)).toBeLessThanOrEqual(0.6);
      const counts = Array.from({ length: 32 }, () => 0);
      shares.forEach((share) => (counts[Math.max(0, Math.floor((32 * (share - 0.0496)) / 0.55))] += 1));
      expect(Math.max(...counts)).toBeLessThanOrEqual(4);
      expect(Math.min(...counts)).toBeGreaterThanOrEqual(1);
    }
  });

  it('of a range have as many targets each, none of them observed', () => {
    const source = createTrainingMaskSource(maskConfig(range), pixels);
    for (let index = 0; index < 20; index++) {
      const { observed, target } = source.maskOf(index);
      expect(target).toHaveLength(source.targetCount);
      expect(new Set([...observed, ...target]).size).toBe(observed.length + target.length);
    }
  });

  it('observe at least one pixel, however small the share', () => {
    const mask = { ...maskConfig({ keepRatioMax: 0.5 }), keepRatioMin: 1e-9 };
    const { maskOf } = createTrainingMaskSource(mask, 4);
    for (let index = 0; index < 20; index++) expect(maskOf(index).observed.length).toBeGreaterThanOrEqual(1);
  });

  it('of any share estimate the thin plate itself out of the pool, from one observed pixel to all but one', () => {
    const size = 9;
    const config = maskConfig({ pool: 40, keepRatioMin: 0.02, keepRatioMax: 0.99, targetRatio: 0.01 });
    const { maskOf } = createTrainingMaskSource(config, size ** 2);
    const masks = pooledMasks(maskOf, { config, seed: 1, size });
    const values = randomUniforms({ seed: 1, stream: 'synthetic', step: 0 }, size * size * 3);
    const image = { height: size, width: size, values };
    const counts = new Set<number>();
    for (let step = 0; step < 60; step++) {
      const mask = masks({ step, row: 0, batchSize: 1, image: 0 });
      counts.add(mask.observed.length);
      const direct = reconstructClassically('thin plate', observe(image, mask.observed));
      mask
        .estimate(image)
        .forEach((value, index) => expect(Math.abs(value - direct[index])).toBeLessThan(1e-3));
    }
    expect(Math.min(...counts)).toBeLessThan(6);
    expect(Math.max(...counts)).toBeGreaterThan(75);
  });

  it('are refused a range by networks that read lists, and where too few pixels are left for the neighbours', () => {
    const faults = (field: object, mask: object) =>
      runConfigSchema
        .safeParse({ field, mask })
        .error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
    const tooMany = faults({ kind: 'perceiver' }, { keepRatioMax: 0.6 });
    expect(tooMany).toEqual([
      'mask.keepRatioMax: a range of shares needs field.kind = unet or local: this network reads as many observed pixels of every image',
    ]);
    expect(faults({ kind: 'transformer' }, { keepRatioMin: 0.1 })).toHaveLength(1);
    expect(faults({ kind: 'transformer' }, { keepRatioMax: 0.2 })).toBeUndefined();
    expect(faults({ kind: 'unet' }, range)).toBeUndefined();
    expect(faults({ kind: 'local', neighbours: 51 }, range)).toBeUndefined();
    expect(faults({ kind: 'local', neighbours: 52 }, range)?.[0]).toContain(
      'at least field.neighbours pixels',
    );
    expect(faults({ kind: 'unet' }, { keepRatioMax: 0.1 })?.[0]).toContain('must be a range');
  });
});
