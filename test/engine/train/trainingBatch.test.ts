import { describe, expect, it } from 'vitest';
import { createTrainingMaskSource } from '../../../main/datasets/masks.ts';
import { estimateObservation } from '../../../main/engine/classical/maskEstimator.ts';
import { reconstructClassically } from '../../../main/engine/classical/registry.ts';
import { needsEstimate } from '../../../main/engine/context/context.ts';
import { adamScalars } from '../../../main/engine/optim/adamw.ts';
import type { NamedArray } from '../../../main/engine/tensors.ts';
import { type TrainingBatch, trainingBatch } from '../../../main/engine/train/trainingBatch.ts';
import { fixedMasks, type Mask, pooledMasks } from '../../../main/engine/train/trainingMasks.ts';
import { type ClassicalEstimate, runConfigSchema } from '../../../shared/config/config.ts';
import { learningRateAt } from '../../../shared/config/learningRate.ts';
import { type Image, imageAt, observe, pasteObserved } from '../../../shared/images/image.ts';
import { randomPermutation, randomUniforms } from '../../../shared/numbers/random.ts';
import { createSmallRun, trainings } from './smallRun.ts';

function listArrays(batch: TrainingBatch<NamedArray>): NamedArray[] {
  const { rows, noiseSeed, dropoutSeed, update } = batch;
  const { averageDecays, ...scalars } = update;
  const members = [...Object.values<NamedArray | undefined>({ ...rows }), noiseSeed, dropoutSeed];
  const all = [...members, ...Object.values<NamedArray | undefined>(scalars), ...averageDecays];
  return all.filter((array) => array !== undefined);
}

describe.each(['notebook', 'upgraded'] as const)('a training batch (%s)', (name) => {
  const { config, source } = createSmallRun(trainings[name]);
  const { batch, learningRate } = trainingBatch(config, source, 4);
  const { rows, update } = batch;

  it('is a pure function of the step', () => {
    const again = createSmallRun(trainings[name]);
    trainingBatch(again.config, again.source, 8);
    expect(trainingBatch(again.config, again.source, 4)).toEqual({ batch, learningRate });
    const other = trainingBatch(config, source, 5).batch;
    for (const part of ['target', 'time', 'observedValues'] as const) {
      expect(other.rows[part].values).not.toEqual(rows[part].values);
    }
    for (const part of ['noiseSeed', 'dropoutSeed'] as const) {
      expect(other[part]?.values).not.toEqual(batch[part]?.values);
    }
  });

  it('has as many numbers as its shapes require, and the learning rate of its step', () => {
    for (const { shape, values } of listArrays(batch)) {
      expect(values).toHaveLength(shape.reduce((product, length) => product * length, 1));
    }
    expect(rows.target.shape).toEqual([4, 24, 3]);
    expect(rows.time.shape).toEqual([4]);
    const rate = learningRateAt({ step: 4, seconds: 0 }, config.optim, {
      stepsPerEpoch: 3,
      totalSteps: 9,
      minutes: null,
    });
    expect(learningRate).toBe(rate);
    const { stepSize, secondCorrection } = adamScalars(5, rate, config.optim);
    expect(update.stepSize.values[0]).toBeCloseTo(stepSize, 8);
    expect(update.secondCorrection.values[0]).toBeCloseTo(secondCorrection, 6);
  });

  it('holds the true colours at the targets', () => {
    const { images, indices } = source.imagesOf(4);
    const expected = Array.from(indices, (image, row) => {
      const { drawTargets } = source.masks({ step: 4, row, batchSize: 4, image });
      const pixels = images.values.subarray(row * 363, (row + 1) * 363);
      return Array.from(drawTargets(), (pixel) => [...pixels.subarray(3 * pixel, 3 * pixel + 3)]);
    });
    expect([...rows.target.values]).toEqual(expected.flat(2));
  });
});

describe('a training batch', () => {
  it.each(['unet', 'local', 'mixing'] as const)(
    'has the same shape for any fraction of observed pixels (%s)',
    (name) => {
      const { config, source } = createSmallRun(trainings[name]);
      const batches = [0, 1, 2, 3].map((step) => trainingBatch(config, source, step).batch);
      const shapes = batches.map((batch) => listArrays(batch).map(({ shape }) => shape));
      expect(shapes).toEqual(Array.from(shapes, () => shapes[0]));
      const counts = [0, 1, 2, 3].map(
        (row) => source.masks({ step: 0, row, batchSize: 4, image: row }).observed.length,
      );
      expect(new Set(counts).size).toBeGreaterThan(1);
    },
  );

  it('queries every pixel if the queries of a network mix, for any fraction of targets', () => {
    const shapesOf = (mixing: number) => {
      const { local } = trainings;
      const { config, source } = createSmallRun({ ...local, field: { ...local.field, mixing } });
      const { target, neighbours, observedGrid } = trainingBatch(config, source, 0).batch.rows;
      return [target, neighbours, observedGrid].map((array) => array?.shape);
    };
    expect(shapesOf(0)).toEqual([[4, 24, 3], [4, 24, 5, 5], undefined]);
    expect(shapesOf(3)).toEqual([
      [4, 121, 3],
      [4, 121, 5, 5],
      [4, 11, 11, 4],
    ]);
  });

  it('sees noise of the configured deviation at observed pixels, new at every step, and never in its targets', () => {
    const observationNoise = 0.25;
    const noises = [0, 1, 2, 3].map((step) => {
      const { unet } = trainings;
      const exact = createSmallRun(unet);
      const { config } = createSmallRun({ ...unet, mask: { ...unet.mask, observationNoise } });
      const { rows } = trainingBatch(config, exact.source, step).batch;
      expect(rows.target).toEqual(trainingBatch(exact.config, exact.source, step).batch.rows.target);
      const grid = rows.observedGrid?.values ?? new Float32Array();
      return Array.from({ length: grid.length / 4 }, (_, pixel) => pixel)
        .filter((pixel) => grid[4 * pixel] === 1)
        .flatMap((pixel) =>
          [0, 1, 2].map((c) => grid[4 * pixel + 1 + c] - rows.target.values[3 * pixel + c]),
        );
    });
    const all = noises.flat();
    expect(all.length).toBeGreaterThan(500);
    const variance = all.reduce((sum, value) => sum + value ** 2, 0) / all.length;
    expect(Math.abs(variance / observationNoise ** 2 - 1)).toBeLessThan(4 * Math.sqrt(2 / all.length));
    expect(noises[0].slice(0, 20)).not.toEqual(noises[1].slice(0, 20));
  });

  it('has targets among all pixels if the observed values are noisy, and otherwise among the unobserved ones', () => {
    const { local } = trainings;
    const targetsOf = (observationNoise: number) => {
      const { config, source } = createSmallRun({ ...local, mask: { ...local.mask, observationNoise } });
      const { queryCoords } = trainingBatch(config, source, 2).batch.rows;
      const { indices } = source.imagesOf(2);
      return Array.from(indices, (image, row) => {
        const { observed } = source.masks({ step: 2, row, batchSize: 4, image });
        const coords = queryCoords.values.subarray(row * 48, (row + 1) * 48);
        const pixels = Array.from({ length: 24 }, (_, at) =>
          Math.round(coords[2 * at] * 10 + coords[2 * at + 1] * 110),
        );
        expect(new Set(pixels).size).toBe(24);
        return pixels.filter((pixel) => observed.includes(pixel)).length;
      }).reduce((sum, count) => sum + count, 0);
    };
    expect(targetsOf(0)).toBe(0);
    expect(targetsOf(0.1)).toBeGreaterThan(4);
  });

  it('has a seed for dropout only with dropout, and the same noise with and without', () => {
    const batchOf = (dropout: number) => {
      const { config, source } = createSmallRun({ ...trainings.notebook, field: { dropout } });
      return trainingBatch(config, source, 4).batch;
    };
    expect(batchOf(0)).not.toHaveProperty('dropoutSeed');
    expect(batchOf(0.2).dropoutSeed?.shape).toEqual([2]);
    expect(batchOf(0).noiseSeed).toEqual(batchOf(0.2).noiseSeed);
  });

  it('has a decay for every EMA of the weights, and the fraction of the weights that remains after decay', () => {
    const { config, source } = createSmallRun(trainings.unet);
    const { batch, learningRate } = trainingBatch(config, source, 4);
    const decays = batch.update.averageDecays.map(({ values }) => values[0]);
    // The decay of an early step is smaller: (1 + 4) / (10 + 4).
    [5 / 14, 5 / 14, 5 / 14].forEach((decay, index) => expect(decays[index]).toBeCloseTo(decay, 6));
    expect(decays).toHaveLength(3);
    const { averageDecays } = trainingBatch(config, source, 20).batch.update;
    expect(averageDecays[1].values[0]).toBeCloseTo(0.5, 6);
    expect(batch.update.weightsKept?.values[0]).toBeCloseTo(1 - 0.1 * learningRate, 6);
    const plain = createSmallRun(trainings.notebook);
    const { update } = trainingBatch(plain.config, plain.source, 4).batch;
    expect(update.averageDecays).toEqual([]);
    expect(update).not.toHaveProperty('weightsKept');
  });

  it('needs an estimate for a path that starts at it, and for a residual field', () => {
    const needs = (input: object) => needsEstimate(runConfigSchema.parse(input));
    expect(needs({})).toBe(false);
    expect(needs({ path: { start: 'classical' } })).toBe(true);
    expect(needs({ path: { prediction: 'data' }, field: { residual: 'thin-plate' } })).toBe(true);
  });
});

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

/** Returns the masks of this many consecutive rows, four per step. */
function drawMasks(count: number, masks = createPooled()) {
  return Array.from({ length: count }, (_, draw) =>
    masks({ step: Math.floor(draw / 4), row: draw % 4, batchSize: 4, image: 0 }),
  );
}

const sorted = (pixels: Int32Array) => [...pixels].sort((a, b) => a - b).join();

describe('pooledMasks', () => {
  it('estimates with the thin plate of the transformed mask itself', () => {
    for (const mask of drawMasks(24)) {
      const direct = reconstructClassically('thin plate', observe(image, mask.observed));
      const largest = mask
        .estimate(image)
        .reduce((bound, value, index) => Math.max(bound, Math.abs(value - direct[index])), 0);
      expect(largest).toBeLessThan(1e-4);
    }
  });

  it('never targets an observed pixel, or the same pixel twice', () => {
    for (const { observed, drawTargets } of drawMasks(40)) {
      const target = drawTargets();
      expect(observed).toHaveLength(observedCount);
      expect(target).toHaveLength(targetCount);
      expect(new Set([...observed, ...target]).size).toBe(observedCount + targetCount);
    }
  });

  it('uses every mask of the pool in every symmetry', () => {
    expect(new Set(drawMasks(400).map(({ observed }) => sorted(observed))).size).toBe(3 * 8);
  });

  it('is a pure function of seed, step and row, with different targets for every row', () => {
    const plain = (masks: ReturnType<typeof drawMasks>) =>
      masks.map(({ observed, drawTargets }) => `${observed.join()}|${drawTargets().join()}`);
    expect(plain(drawMasks(12))).toEqual(plain(drawMasks(12)));
    expect(plain(drawMasks(12, createPooled(43)))).not.toEqual(plain(drawMasks(12)));
    expect(new Set(drawMasks(40).map(({ drawTargets }) => sorted(drawTargets()))).size).toBe(40);
  });

  it('takes its pool from indices beyond the masks of images', () => {
    const indices: number[] = [];
    const masks = pooledMasks((index) => (indices.push(index), maskOf(index)), { config, seed: 42, size });
    drawMasks(100, masks);
    expect([...new Set(indices)].sort()).toEqual([1_000_000, 1_000_001, 1_000_002]);
  });
});

describe('fixedMasks', () => {
  it('gives every image its own mask at every step, with its thin-plate estimate', () => {
    const masks = fixedMasks(maskOf);
    const first = masks({ step: 0, row: 0, batchSize: 4, image: 5 });
    const later = masks({ step: 9, row: 3, batchSize: 4, image: 5 });
    expect([first.observed, first.drawTargets()]).toEqual([maskOf(5).observed, maskOf(5).target]);
    expect([later.observed, later.drawTargets()]).toEqual([first.observed, first.drawTargets()]);
    const direct = reconstructClassically('thin plate', observe(image, first.observed));
    expect(first.estimate(image)).toEqual(direct);
  });
});

describe('masks of a Bayer pattern in training', () => {
  const side = 10;
  const values = randomUniforms({ seed: 4, stream: 'synthetic', step: 0 }, side * side * 3);
  const square = { height: side, width: side, values };
  const configOf = (pool: number) =>
    runConfigSchema.parse({ ...trainings.bayer, mask: { law: 'bayer', pool } });
  const masksOf = (pool: number, method: ClassicalEstimate) => {
    const { mask, seed } = configOf(pool);
    const { maskOf: drawn } = createTrainingMaskSource(mask, square);
    return pool > 0
      ? pooledMasks(drawn, { config: mask, seed, size: side, method })
      : fixedMasks(drawn, method);
  };

  it.each([
    [0, 'thin-plate'],
    [5, 'thin-plate'],
    [5, 'tension-spline'],
  ] as const)(
    'have the classical method of each channel as their estimate: pool of %i, %s',
    (pool, method) => {
      const masks = masksOf(pool, method);
      const phases = new Set<string>();
      for (let step = 0; step < 24; step++) {
        const mask = masks({ step, row: 0, batchSize: 1, image: step });
        const { observed, channels, estimate } = mask;
        const target = mask.drawTargets();
        const direct = estimateObservation(method, observe(square, observed, channels));
        const found = estimate(square);
        found.forEach((value, index) => expect(Math.abs(value - direct[index])).toBeLessThan(1e-4));
        const shown = new Map(Array.from(observed, (pixel, row) => [pixel, channels?.[row]]));
        phases.add([0, 1, side, side + 1].map((pixel) => shown.get(pixel)).join(''));
        expect(shown.size).toBe(side * side);
        expect(new Set(target).size).toBe(target.length);
      }
      // Symmetries of the square turn one phase into all four.
      expect(phases.size).toBe(pool === 0 ? 1 : 4);
    },
  );

  it('give the network nothing of the values that are not observed', () => {
    const { config, source } = createSmallRun(trainings.bayer);
    const { batch } = trainingBatch(config, source, 2);
    const hidden = {
      ...source,
      imagesOf: (step: number) => {
        const { indices, images } = source.imagesOf(step);
        const changed = images.values.map((value) => 1 - value);
        indices.forEach((image, row) => {
          const mask = source.masks({ step, row, batchSize: indices.length, image });
          const seen = observe(imageAt(images, row), mask.observed, mask.channels);
          pasteObserved(imageAt({ ...images, values: changed }, row).values, seen);
        });
        return { indices, images: { ...images, values: changed } };
      },
    };
    const { rows } = trainingBatch(config, hidden, 2).batch;
    expect(rows.observedGrid).toEqual(batch.rows.observedGrid);
    expect(rows.estimate).toEqual(batch.rows.estimate);
    expect(rows.target).not.toEqual(batch.rows.target);
  });
});
