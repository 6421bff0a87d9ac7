import { describe, expect, it } from 'vitest';
import { adamScalars } from '../../../main/engine/optim/adamw.ts';
import { learningRateAt } from '../../../shared/config/learningRate.ts';
import type { NamedArray } from '../../../main/engine/tensors.ts';
import { type TrainingBatch, trainingBatch } from '../../../main/engine/train/trainingBatch.ts';
import { runConfigSchema } from '../../../shared/config/config.ts';
import { createSmallRun, trainings } from './smallRun.ts';
import { needsEstimate } from '../../../main/engine/context/context.ts';

function arraysIn(batch: TrainingBatch<NamedArray>): NamedArray[] {
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
    for (const { shape, values } of arraysIn(batch)) {
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
      const { target } = source.masks({ step: 4, row, batchSize: 4, image });
      const pixels = images.values.subarray(row * 363, (row + 1) * 363);
      return Array.from(target, (pixel) => [...pixels.subarray(3 * pixel, 3 * pixel + 3)]);
    });
    expect([...rows.target.values]).toEqual(expected.flat(2));
  });
});

describe('a training batch', () => {
  it.each(['unet', 'local', 'mixing'] as const)(
    'has the same shape for any fractions of observed pixels (%s)',
    (name) => {
      const { config, source } = createSmallRun(trainings[name]);
      const batches = [0, 1, 2, 3].map((step) => trainingBatch(config, source, step).batch);
      const shapes = batches.map((batch) => arraysIn(batch).map(({ shape }) => shape));
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

  it('has a seed for dropout only with dropout, and the same noise with and without', () => {
    const batchOf = (dropout: number) => {
      const { config, source } = createSmallRun({ ...trainings.notebook, field: { dropout } });
      return trainingBatch(config, source, 4).batch;
    };
    expect(batchOf(0)).not.toHaveProperty('dropoutSeed');
    expect(batchOf(0.2).dropoutSeed?.shape).toEqual([2]);
    expect(batchOf(0).noiseSeed).toEqual(batchOf(0.2).noiseSeed);
  });

  it('has a decay for every average that is kept, and the fraction of the weights that remains after decay', () => {
    const { config, source } = createSmallRun(trainings.unet);
    const { batch, learningRate } = trainingBatch(config, source, 4);
    const decays = batch.update.averageDecays.map(({ values }) => values[0]);
    // The decays of an early step are smaller: (1 + 4) / (10 + 4).
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
