import type { Tensor } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import type { Field } from '../../../main/engine/field/field.ts';
import { mapTensors } from '../../../main/engine/tensors.ts';
import { stateLayout } from '../../../main/engine/train/state.ts';
import { createStep } from '../../../main/engine/train/step.ts';
import type { TrainingBatch } from '../../../main/engine/train/trainingBatch.ts';
import { type RunConfigInput, runConfigSchema } from '../../../shared/config/config.ts';
import { tf } from '../../support/backend.ts';
import { expectClose, numbersOf } from '../field/waves.ts';

const initial = { law: 'constant', scale: 1 } as const;

/** The smallest possible field: it predicts the state times one trained `gain`, and has a fixed `offset` that it does not use. */
const gainField: Field = {
  parameters: [
    { name: 'gain', shape: [1], initial, isTrainable: true },
    { name: 'offset', shape: [1], initial, isTrainable: false },
  ],
  encode: () => ({}),
  predict: (parameters, _encoded, { state }) => tf.mul(state, parameters['gain']),
};

const layout = stateLayout(gainField.parameters, { kind: 'adamw', ema: 0.9, emaMore: [] });

/** Returns a batch with x₁ = 2, x₀ = 0 and t = ½: the state is 1, the target velocity is 2 and the gain field predicts 1. */
function createBatch(): TrainingBatch {
  return {
    rows: {
      observedCoords: tf.zeros([1, 1, 2]),
      observedValues: tf.zeros([1, 1, 3]),
      queryCoords: tf.zeros([1, 1, 2]),
      start: tf.zeros([1, 1, 3]),
      target: tf.fill([1, 1, 3], 2),
      time: tf.tensor1d([0.5]),
    },
    update: {
      // The first update at learning rate 0.1 with β₁ = 0.9, β₂ = 0.999.
      stepSize: tf.scalar(0.1 / (1 - 0.9)),
      secondCorrection: tf.scalar(Math.sqrt(1 - 0.999)),
      averageDecays: [tf.scalar(0.25)],
    },
  };
}

/** Gain 1, offset 7 (fixed), zero moments, average 1. */
const createState = () => [1, 7, 0, 0, 1].map((value) => tf.tensor1d([value]));

function stepOnce(input: RunConfigInput, options: { lossScale?: number; start?: Tensor } = {}) {
  const { lossScale, start } = options;
  const config = runConfigSchema.parse({ ...input, field: { dropout: 0 } });
  const stepFn = createStep({ field: gainField, layout, config, lossScale });
  const batch = createBatch();
  const rows = { ...batch.rows, ...(start && { start }) };
  const { state, report } = stepFn(createState(), { ...batch, rows });
  const [gain, offset, first, second, average] = state.map((tensor) => tensor.dataSync()[0]);
  const scalars = { loss: report.loss.dataSync()[0], gradNorm: report.gradNorm.dataSync()[0] };
  return { gain, offset, first, second, average, ...scalars };
}

describe('a training step', () => {
  it('matches a calculation by hand: loss 1, gradient −2, clipped to −1, gain up by the learning rate', () => {
    const found = stepOnce({ optim: { ema: 0.9, clipNorm: 1 } });
    expect(found.loss).toBeCloseTo(1, 6);
    expect(found.gradNorm).toBeCloseTo(2, 6);
    expect(found.first).toBeCloseTo(-0.1, 6);
    expect(found.second).toBeCloseTo(0.001, 8);
    expect(found.gain).toBeCloseTo(1.1, 6);
    expect(found.average).toBeCloseTo(1.1 - 0.25 * 0.1, 6);
    expect(found.offset).toBe(7);
  });

  it('leaves a gradient below the limit unclipped', () => {
    const found = stepOnce({ optim: { clipNorm: 5 } });
    expect(found.first).toBeCloseTo(-0.2, 6);
    expect(found.second).toBeCloseTo(0.004, 7);
  });

  it('has the velocity or the data as its target, as the path specifies', () => {
    // From −1 to 2 at t = ½ the state, and so the prediction, is ½; the velocity is 3.
    const start = tf.fill([1, 1, 3], -1);
    const path = (prediction: 'velocity' | 'data') => ({ path: { prediction } });
    expect(stepOnce(path('velocity'), { start }).loss).toBeCloseTo(2.5 ** 2, 5);
    expect(stepOnce(path('data'), { start }).loss).toBeCloseTo(1.5 ** 2, 5);
  });

  it('starts at noise sampled with the seed of the batch, scaled as the path specifies', () => {
    const target = tf.zeros([1, 1000, 3]);
    const config = runConfigSchema.parse({ field: { dropout: 0 }, path: { startNoise: 0.5 } });
    const stepFn = createStep({ field: gainField, layout, config });
    const lossOf = (seed: number[]) => {
      const batch = createBatch();
      const rows = { ...batch.rows, target, start: undefined };
      const noiseSeed = tf.tensor1d(seed);
      return stepFn(createState(), { ...batch, rows, noiseSeed }).report.loss.dataSync()[0];
    };
    // At t = ½ the gain field predicts z / 4 where the target is −z / 2, so the loss is the mean of (¾ z)².
    const variance = (2 * 0.75 ** 4) / 3000;
    expect(Math.abs(lossOf([1, 2]) - 0.75 ** 2)).toBeLessThan(5 * Math.sqrt(variance));
    expect(lossOf([1, 2])).toBe(lossOf([1, 2]));
    expect(lossOf([1, 3])).not.toBe(lossOf([1, 2]));
  });

  it('trains a shortcut towards two half steps of the averaged weights, without a gradient through them', () => {
    const config = runConfigSchema.parse({
      field: { dropout: 0, stepConditioning: true },
      objective: { shortcutShare: 0.5 },
      optim: { ema: 0.9, clipNorm: 100 },
    });
    const single = createBatch();
    const twice = mapTensors(single.rows, (tensor) => tf.concat([tensor, tensor], 0));
    const batch = { ...single, rows: { ...twice, step: tf.tensor1d([0, 0.5]) } };
    // Gain 1, averaged gain 3.
    const state = [1, 7, 0, 0, 3].map((value) => tf.tensor1d([value]));
    for (const parts of [1, 2]) {
      const stepFn = createStep({ field: gainField, layout, config, parts });
      const { report } = stepFn(state, batch);
      // A step of ¼ from 1 at velocity 3 leads to 1.75, where the velocity is 5.25.
      const target = (3 + 5.25) / 2;
      expect(report.loss.dataSync()[0]).toBeCloseTo((1 + (target - 1) ** 2) / 2, 5);
      expect(report.gradNorm.dataSync()[0]).toBeCloseTo(1 + (target - 1), 5);
    }
  });

  it('multiplies loss and gradient by the loss scale', () => {
    const found = stepOnce({ optim: { clipNorm: 100 } }, { lossScale: 3 });
    expect(found.loss).toBeCloseTo(3, 6);
    expect(found.gradNorm).toBeCloseTo(6, 5);
  });

  it('shares no tensor between the old state and the new', () => {
    const config = runConfigSchema.parse({ optim: { ema: 0.9 } });
    const state = createState();
    const next = createStep({ field: gainField, layout, config })(state, createBatch()).state;
    tf.dispose(state);
    expect(next.map(numbersOf).flat()).toHaveLength(5);
    expectClose(next[1], [7]);
  });
});
