import fc from 'fast-check';
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createMaskSource, createTrainingMaskSource } from '../../main/datasets/masks.ts';
import { createNumpyRandom } from '../../shared/numbers/numpyRandom.ts';
import { reconstructClassically } from '../../main/engine/classical/registry.ts';
import { pooledMasks } from '../../main/engine/train/trainingMasks.ts';
import { runConfigSchema } from '../../shared/config/config.ts';
import { observe } from '../../shared/images/image.ts';
import { bayerChannels } from '../../shared/masks/bayer.ts';
import { knownPixels } from '../../shared/images/mask.ts';
import { countKnownPixels, drawMask } from '../../shared/masks/laws.ts';
import { singleLawNames } from '../../shared/masks/singleLaws.ts';
import { randomUniforms } from '../../shared/numbers/random.ts';

const notebook = { law: 'numpy', seed: 42, width: 32, height: 32, keepRatio: 0.2, targetRatio: 0.2 } as const;

describe('createNumpyRandom', () => {
  it('equals NumPy’s RandomState bit for bit over 1000 permutations of 1024', () => {
    const random = createNumpyRandom(42);
    const hash = createHash('sha256');
    for (let image = 0; image < 1000; image++) hash.update(random.permutation(1024));
    expect(hash.digest('hex')).toBe('41a851954cf81027f649c4745d3f13e0f0c4ad7380975cd3e63cc78ac618d615');
  });

  it('equals RandomState for the smallest and the largest seed', () => {
    expect([...createNumpyRandom(0).permutation(7)]).toEqual([6, 2, 1, 3, 0, 5, 4]);
    const random = createNumpyRandom(4294967295);
    expect([...random.permutation(7)]).toEqual([1, 5, 0, 6, 4, 2, 3]);
    expect([...random.permutation(5)]).toEqual([4, 3, 0, 1, 2]);
  });

  it('equals RandomState for the number of pixels of the largest image', () => {
    const order = createNumpyRandom(42).permutation(65536);
    expect([...order.subarray(0, 5)]).toEqual([63127, 41103, 3989, 37213, 30665]);
  });

  it('returns the bits of RandomState', () => {
    const random = createNumpyRandom(7);
    expect([random.nextBits(), random.nextBits(), random.nextBits()]).toEqual([
      327741615, 976413892, 3349725721,
    ]);
  });

  it('rejects the seeds that NumPy rejects', () => {
    expect(() => createNumpyRandom(2 ** 32)).toThrow('The mask seed is 4294967296');
    expect(() => createNumpyRandom(1.5)).toThrow('from 0 to 4294967295');
  });
});

describe('masks of images', () => {
  it('equal those of the published method for seed 42', () => {
    const masks = createMaskSource(notebook);
    expect([masks.observedCount, masks.targetCount]).toEqual([204, 204]);
    expect([...masks.maskOf(0).observed.subarray(0, 8)]).toEqual([525, 357, 444, 31, 618, 587, 447, 734]);
    expect([...masks.maskOf(0).target.subarray(0, 8)]).toEqual([745, 137, 377, 388, 824, 767, 712, 584]);
  });

  it.each(['numpy', 'counter'] as const)('are the same in any order of access (%s)', (law) => {
    const forward = createMaskSource({ ...notebook, law });
    const backward = createMaskSource({ ...notebook, law });
    const indices = [0, 1, 2, 3, 4, 5];
    const first = indices.map((index) => forward.maskOf(index));
    const second = indices.toReversed().map((index) => backward.maskOf(index));
    expect(second.toReversed()).toEqual(first);
    expect(new Set(first.map(({ observed }) => observed.join())).size).toBe(indices.length);
  });

  it('differ between laws and between seeds', () => {
    const observed = (change: object) => createMaskSource({ ...notebook, ...change }).maskOf(3).observed;
    expect(observed({ law: 'counter' })).not.toEqual(observed({}));
    expect(observed({ seed: 43 })).not.toEqual(observed({}));
    expect(observed({ law: 'counter', seed: 43 })).not.toEqual(observed({ law: 'counter' }));
  });

  it('have floor(ratio × pixels) observed and target pixels, as far as there are any left, and no pixel is both', () => {
    const ratio = fc.double({ min: 0.02, max: 1, noNaN: true });
    const anyMask = fc.record({
      law: fc.constantFrom('numpy', 'counter'),
      seed: fc.nat(),
      width: fc.integer({ min: 8, max: 20 }),
      height: fc.integer({ min: 8, max: 20 }),
      keepRatio: ratio,
      targetRatio: ratio,
    });
    fc.assert(
      fc.property(anyMask, fc.nat(5), (options, imageIndex) => {
        const masks = createMaskSource(options);
        const { observed, target } = masks.maskOf(imageIndex);
        const pixels = options.width * options.height;
        expect(observed.length).toBe(Math.floor(options.keepRatio * pixels));
        const wanted = Math.floor(options.targetRatio * pixels);
        expect(target.length).toBe(Math.min(wanted, pixels - observed.length));
        expect([masks.observedCount, masks.targetCount]).toEqual([observed.length, target.length]);
        const both = new Set([...observed, ...target]);
        expect(both.size).toBe(observed.length + target.length);
        expect([...both].every((pixel) => pixel >= 0 && pixel < pixels)).toBe(true);
      }),
    );
  });

  it('have no target pixels if all pixels are observed', () => {
    const masks = createMaskSource({ ...notebook, keepRatio: 1 });
    expect([masks.observedCount, masks.targetCount, masks.maskOf(0).target.length]).toEqual([1024, 0, 0]);
  });

  it('can be changed by the caller without changing later ones', () => {
    const masks = createMaskSource(notebook);
    const before = [...masks.maskOf(0).observed];
    masks.maskOf(0).observed.fill(0);
    expect([...masks.maskOf(0).observed]).toEqual(before);
  });

  it('cannot be created with invalid sizes or ratios', () => {
    expect(() => createMaskSource({ ...notebook, width: 700, height: 100 })).toThrow('expected 1 to 65536');
    expect(() => createMaskSource({ ...notebook, keepRatio: 0 })).toThrow('mask.keepRatio is 0');
    expect(() => createMaskSource({ ...notebook, targetRatio: 1.2 })).toThrow('mask.targetRatio is 1.2');
    expect(() => createMaskSource({ ...notebook, keepRatio: 0.0005 })).toThrow('keeps none');
    expect(() => createMaskSource(notebook).maskOf(-1)).toThrow('Image index -1');
  });
});

const size = { width: 32, height: 32 };
const pixels = 1024;
const maskConfig = (mask: object) =>
  runConfigSchema.parse({ field: { kind: 'unet' }, mask: { law: 'counter', ...mask } }).mask;
const range = { keepRatioMin: 0.05, keepRatioMax: 0.6, targetRatio: 0.3 };

describe('masks of a Bayer pattern', () => {
  it('observe one channel of every pixel, the same for all images, and have targets among all pixels', () => {
    const mask = { law: 'bayer', phase: 'GRBG', seed: 6, keepRatio: 0.2, targetRatio: 0.5 } as const;
    const { maskOf, targetCount, observedCount } = createMaskSource({ ...mask, ...size });
    const { observed, channels, target } = maskOf(3);
    expect([observedCount, targetCount, target.length]).toEqual([0, pixels / 2, pixels / 2]);
    expect(observed).toEqual(Int32Array.from({ length: pixels }, (_, pixel) => pixel));
    expect(channels).toEqual(bayerChannels(mask.phase, size));
    expect(new Set(target).size).toBe(target.length);
    expect(maskOf(4).channels).toEqual(channels);
    expect(maskOf(4).target).not.toEqual(target);
  });
});

describe('masks of every law', () => {
  it.each(singleLawNames.filter((law) => law !== 'numpy'))(
    '%s: observe what the law draws, and have targets among the rest',
    (law) => {
      const mask = { law, seed: 6, blocks: 2, keepRatio: 0.6, targetRatio: 0.3, width: 20, height: 20 };
      const masks = createMaskSource(mask);
      for (const index of [0, 5, 1_000_002]) {
        const drawn = drawMask({ ...mask, index });
        const known = knownPixels(drawn);
        const { observed, channels, target } = masks.maskOf(index);
        const entries = observed.map((pixel, row) => pixel * drawn.channels + (channels?.[row] ?? 0));
        expect(entries.toSorted()).toEqual(
          Int32Array.from(drawn.bits.keys()).filter((entry) => drawn.bits[entry] === 1),
        );
        const whole = observed.filter((pixel) => known[pixel] === 1).length;
        expect([whole, target.length]).toEqual([masks.observedCount, masks.targetCount]);
        expect(new Set(target).size).toBe(target.length);
        expect(target.every((pixel) => known[pixel] === 0)).toBe(true);
      }
      expect(createMaskSource(mask).maskOf(5)).toEqual(masks.maskOf(5));
    },
  );

  it.each(['strokes', 'block', 'grid', 'border'] as const)(
    '%s: follow a range of fractions in training, with equally many targets each',
    (law) => {
      const { maskOf, targetCount } = createTrainingMaskSource(maskConfig({ ...range, law }), size);
      const masks = Array.from({ length: 12 }, (_, index) => maskOf(index));
      const fractions = masks.map(({ observed }) => observed.length / pixels);
      expect(Math.min(...fractions)).toBeLessThan(0.15);
      expect(Math.max(...fractions)).toBeGreaterThan(law === 'grid' ? 0.24 : 0.5);
      for (const { observed, target } of masks) {
        expect(target).toHaveLength(targetCount);
        expect(target.some((pixel) => observed.includes(pixel))).toBe(false);
      }
    },
  );
});

describe('masks of a mixture', () => {
  const mixture = 'strokes keep=0.7..0.9, block 2 keep=0.8 blocks=1..3, uniform';

  it('observe what the mixture draws, and have equally many targets among the rest', () => {
    const mask = {
      law: 'mixture',
      mixture,
      seed: 6,
      keepRatio: 0.3,
      targetRatio: 0.3,
      width: 20,
      height: 20,
    } as const;
    const masks = createMaskSource(mask);
    expect([masks.observedCount, masks.targetCount]).toEqual([360, 40]);
    for (const index of [0, 1, 2, 3, 1_000_002]) {
      const { bits } = drawMask({ ...mask, index });
      const { observed, target } = masks.maskOf(index);
      expect([...observed]).toEqual(Array.from(bits.keys()).filter((pixel) => bits[pixel] === 1));
      expect(new Set(target).size).toBe(40);
      expect(target.every((pixel) => bits[pixel] === 0)).toBe(true);
    }
  });

  it('follow the range of fractions in training where a law has none of its own', () => {
    const config = maskConfig({ ...range, law: 'mixture', mixture });
    const { maskOf } = createTrainingMaskSource(config, size);
    const counts = Array.from({ length: 60 }, (_, index) => maskOf(index).observed.length / pixels);
    // The uniform masks, a quarter of all, are the only ones below 0.69.
    const below = counts.filter((fraction) => fraction < 0.69);
    expect(below.length).toBeGreaterThan(10);
    expect(below.length).toBeLessThan(20);
    expect(Math.min(...below)).toBeLessThan(0.12);
    expect(Math.max(...below)).toBeGreaterThan(0.53);
    const { smallest, largest } = countKnownPixels(config, size);
    expect(Math.min(...counts)).toBeGreaterThanOrEqual(smallest / pixels);
    expect(Math.max(...counts)).toBeLessThanOrEqual(largest / pixels);
  });

  it('cannot be created if some of them would observe everything', () => {
    const mask = { ...notebook, law: 'mixture', mixture: 'grid keep=0.9, text keep=0.8' } as const;
    expect(() => createMaskSource(mask)).toThrow('observes all 1024 pixels of some images');
  });

  it('are refused by a configuration whose network cannot be given them', () => {
    const faults = (field: object, text: string, mask: object = {}) =>
      runConfigSchema
        .safeParse({ field, mask: { law: 'mixture', mixture: text, ...mask } })
        .error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
    expect(faults({ kind: 'perceiver' }, 'strokes keep=0.8, uniform keep=0.2')).toEqual([
      'mask.mixture: masks of the law mixture observe 204 to 819 pixels, but the network perceiver reads the same number of observed pixels of every image; expected laws with one fraction each that observe equally many, such as "uniform keep=0.8, strokes keep=0.8", or field.kind = unet or local',
    ]);
    expect(faults({ kind: 'transformer' }, 'text keep=0.80001..0.80002')).toHaveLength(1);
    expect(faults({ kind: 'transformer' }, 'text keep=0.8, strokes 3 keep=0.8')).toBeUndefined();
    expect(faults({ kind: 'unet' }, 'strokes keep=0.8, uniform keep=0.2')).toBeUndefined();
    expect(faults({ kind: 'local', neighbours: 10 }, 'strokes, uniform keep=0.01')).toBeUndefined();
    expect(faults({ kind: 'local', neighbours: 11 }, 'strokes, uniform keep=0.01')).toHaveLength(1);
    expect(faults({ kind: 'local', neighbours: 11 }, 'strokes, text', { keepRatioMin: 0.01 })).toHaveLength(
      1,
    );
    expect(faults({ kind: 'perceiver' }, 'stroke')).toEqual([
      expect.stringContaining('mask.mixture: "stroke" in a mixture: no law "stroke". Expected parts such as'),
    ]);
  });
});

describe('the masks of a training', () => {
  it('equal those of the scored images if there is no range of fractions', () => {
    const mask = maskConfig({});
    const training = createTrainingMaskSource(mask, size);
    const scored = createMaskSource({ ...mask, ...size });
    for (const index of [0, 7, 1_000_003]) expect(training.maskOf(index)).toEqual(scored.maskOf(index));
  });

  it('are evenly distributed over a range of fractions', () => {
    for (const first of [0, 1_000_000]) {
      const { maskOf } = createTrainingMaskSource(maskConfig(range), size);
      const fractions = Array.from(
        { length: 64 },
        (_, index) => maskOf(first + index).observed.length / pixels,
      );
      expect(Math.min(...fractions)).toBeGreaterThanOrEqual(0.049);
      expect(Math.max(...fractions)).toBeLessThanOrEqual(0.6);
      const counts = Array.from({ length: 32 }, () => 0);
      for (const fraction of fractions)
        counts[Math.max(0, Math.floor((32 * (fraction - 0.0496)) / 0.55))] += 1;
      expect(Math.max(...counts)).toBeLessThanOrEqual(4);
      expect(Math.min(...counts)).toBeGreaterThanOrEqual(1);
    }
  });

  it('with a range of fractions all have the same number of targets, none of them observed', () => {
    const source = createTrainingMaskSource(maskConfig(range), size);
    for (let index = 0; index < 20; index++) {
      const { observed, target } = source.maskOf(index);
      expect(target).toHaveLength(source.targetCount);
      expect(new Set([...observed, ...target]).size).toBe(observed.length + target.length);
    }
  });

  it('have at least one observed pixel, however small the fraction', () => {
    const mask = { ...maskConfig({ keepRatioMax: 0.5 }), keepRatioMin: 1e-9 };
    const { maskOf } = createTrainingMaskSource(mask, { width: 2, height: 2 });
    for (let index = 0; index < 20; index++) expect(maskOf(index).observed.length).toBeGreaterThanOrEqual(1);
  });

  it('of a pool give the same thin-plate estimate as direct computation, for any number of observed pixels', () => {
    const size = 9;
    const config = maskConfig({ pool: 40, keepRatioMin: 0.02, keepRatioMax: 0.99, targetRatio: 0.01 });
    const { maskOf } = createTrainingMaskSource(config, { width: size, height: size });
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

  it('cannot have a range of fractions for networks that read lists, or with too few pixels for the neighbours', () => {
    const faults = (field: object, mask: object) =>
      runConfigSchema
        .safeParse({ field, mask })
        .error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
    const tooMany = faults({ kind: 'perceiver' }, { keepRatioMax: 0.6 });
    expect(tooMany).toEqual([
      'mask.keepRatioMax: a range of fractions needs field.kind = unet or local: this network reads the same number of observed pixels of every image',
    ]);
    expect(faults({ kind: 'transformer' }, { keepRatioMin: 0.1 })).toHaveLength(1);
    expect(faults({ kind: 'transformer' }, { keepRatioMax: 0.2 })).toBeUndefined();
    expect(faults({ kind: 'unet' }, range)).toBeUndefined();
    expect(faults({ kind: 'local', neighbours: 51 }, range)).toBeUndefined();
    expect(faults({ kind: 'local', neighbours: 52 }, range)?.[0]).toContain(
      'at least field.neighbours pixels',
    );
    expect(faults({ kind: 'unet' }, { keepRatioMax: 0.1 })?.[0]).toContain('must not exceed keepRatioMax');
  });
});
