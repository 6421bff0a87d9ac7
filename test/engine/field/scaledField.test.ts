import { describe, expect, it } from 'vitest';
import type { Tensor } from '@tensorflow/tfjs-core';
import { noDropout } from '../../../main/engine/field/dropout.ts';
import { createField } from '../../../main/engine/field/registry.ts';
import { createScaledField } from '../../../main/engine/field/scaledField.ts';
import { startFrom } from '../../../main/engine/path/affine.ts';
import { predictionFromOutput } from '../../../main/engine/path/precondition.ts';
import { initialState, stateLayout, toState } from '../../../main/engine/train/state.ts';
import { createStep } from '../../../main/engine/train/step.ts';
import { trainingBatch, type TrainingBatch } from '../../../main/engine/train/trainingBatch.ts';
import { toTensors } from '../../../main/engine/tensors.ts';
import { type RunConfig, type RunConfigInput, runConfigSchema } from '../../../shared/config/config.ts';
import { tf } from '../../support/backend.ts';
import { createSmallRun, trainings } from '../train/smallRun.ts';
import { expectClose, numbersOf, wave } from './waves.ts';

const { unet, denoiser, score, shortcuts } = trainings;

/** The same kinds of training in units of a measured residual. */
const scaled: Readonly<Record<string, RunConfigInput>> = {
  unet: { ...unet, path: { ...unet.path, startNoise: 1, unit: 'residual' } },
  shortcuts: {
    ...shortcuts,
    path: { ...shortcuts.path, startNoise: 2.5, residualDeviation: 1, unit: 'residual' },
  },
  denoiser: { ...denoiser, path: { ...denoiser.path, startNoise: 10, unit: 'residual' } },
  score: { ...score, path: { ...score.path, startNoise: 10, residualDeviation: 1, unit: 'residual' } },
};

/** Adam's ε is above the rounding errors of gradients, for which it would otherwise take whole steps where a gradient is nearly 0. */
function withResidual(config: RunConfig, residual: number): RunConfig {
  const optim = { ...config.optim, epsilon: 1e-3 };
  return { ...config, optim, path: { ...config.path, measured: { residual, images: 256 } } };
}

/** Takes a first step on data whose distance from the estimate is multiplied by `factor`. */
function takeStep(config: RunConfig, batch: TrainingBatch, factor: number) {
  const field = createScaledField(config);
  const layout = stateLayout(field.parameters, config.optim);
  // Weights without zeros, so that every one of them has a gradient.
  const state = toState(initialState(field.parameters, layout, config.seed), layout).map((tensor, index) =>
    layout[index].kind === 'param' ? tf.add(tensor, Math.sin(index) / 50) : tensor,
  );
  const { estimate, target } = batch.rows;
  if (!estimate) throw new Error('The batch has no estimate.');
  const rows = { ...batch.rows, target: tf.add(estimate, tf.mul(tf.sub(target, estimate), factor)) };
  const { report, state: next } = createStep({ field, layout, config })(state, { ...batch, rows });
  return { loss: numbersOf(report.loss)[0], gradNorm: numbersOf(report.gradNorm)[0], next };
}

describe('a network in the unit of a measured residual', () => {
  it.each(Object.keys(scaled))(
    'has the loss, gradients and step of data whose residual is a tenth as large: %s',
    (name) => {
      const { config, source } = createSmallRun(scaled[name]);
      const batch = toTensors(trainingBatch(config, source, 0).batch);
      const large = takeStep(withResidual(config, 0.2), batch, 1);
      const small = takeStep(withResidual(config, 0.02), batch, 0.1);
      expect(small.loss / large.loss).toBeCloseTo(1, 4);
      expect(small.gradNorm / large.gradNorm).toBeCloseTo(1, 4);
      expect(large.gradNorm).toBeGreaterThan(0.001);
      large.next.forEach((tensor, index) => expectClose(small.next[index], tensor, 1e-4));
    },
  );

  it('takes the same step on an image of a tenth of the contrast around the same level if it counts in local contrast', () => {
    const { config, source } = createSmallRun(trainings['local contrast']);
    const steady = { ...config, optim: { ...config.optim, epsilon: 1e-3 } };
    const batch = toTensors(trainingBatch(config, source, 0).batch);
    const { estimate, level, contrast, target } = batch.rows;
    if (!estimate || !level || !contrast) throw new Error('The batch has no local contrast.');
    const soften = (colours: Tensor) => tf.add(level, tf.mul(tf.sub(colours, level), 0.1));
    const soft = {
      ...batch.rows,
      estimate: soften(estimate),
      target: soften(target),
      contrast: tf.mul(contrast, 0.1),
    };
    const hard = takeStep(steady, batch, 1);
    const found = takeStep(steady, { ...batch, rows: soft }, 1);
    expect(found.loss / hard.loss).toBeCloseTo(1, 4);
    expect(found.gradNorm / hard.gradNorm).toBeCloseTo(1, 4);
    expect(hard.gradNorm).toBeGreaterThan(0.001);
    hard.next.forEach((tensor, index) => expectClose(found.next[index], tensor, 1e-4));
  });

  it('is not given the noise at the start of the path if it counts in local contrast, and is given the state later', () => {
    const { config, source } = createSmallRun(trainings['local contrast']);
    const { rows } = toTensors(trainingBatch(config, source, 0).batch);
    const field = createScaledField(config);
    const layout = stateLayout(field.parameters, config.optim);
    const state = toState(initialState(field.parameters, layout, 1), layout);
    const parameters = Object.fromEntries(
      layout.flatMap(({ kind, parameter }, index) =>
        kind === 'param' ? [[parameter, tf.add(state[index], Math.sin(index) / 50)]] : [],
      ),
    );
    const encoded = field.encode(parameters, rows, noDropout);
    const noises = ['one', 'other'].map((name) => wave(name, rows.target.shape));
    const [one, other] = [0, 0.5].map((time) => {
      const [first, second] = noises.map((noise) =>
        field.predict(parameters, encoded, { state: noise, time: tf.fill([4], time) }, noDropout),
      );
      return numbersOf(tf.max(tf.abs(tf.sub(first, second))))[0];
    });
    expect(one).toBe(0);
    expect(other).toBeGreaterThan(1e-4);
  });

  it('starts with a loss of 1 at t = 0 if the residual is what was measured', () => {
    const input = { ...scaled.unet, objective: { startShare: 1 } };
    const { config, source } = createSmallRun(input);
    const batch = toTensors(trainingBatch(config, source, 0).batch);
    const { estimate, target } = batch.rows;
    const residual = Math.sqrt(numbersOf(tf.mean(tf.squaredDifference(target, estimate ?? target)))[0]);
    const field = createScaledField(withResidual(config, residual));
    const layout = stateLayout(field.parameters, config.optim);
    const state = toState(initialState(field.parameters, layout, 1), layout);
    const step = createStep({ field, layout, config: withResidual(config, residual) });
    // The network starts with an output of zero: it predicts the estimate.
    expect(numbersOf(step(state, batch).report.loss)[0]).toBeCloseTo(1, 4);
  });

  it('is the network itself, bit for bit, if the unit is that of colours', () => {
    const config = runConfigSchema.parse(unet);
    expect(config.path).toMatchObject({ unit: 'colours', measured: null });
    const { source } = createSmallRun(unet);
    const { rows } = toTensors(trainingBatch(config, source, 0).batch);
    const [plain, found] = [createField(config.field), createScaledField(config)];
    const parameters = Object.fromEntries(
      plain.parameters.map(({ name, shape }) => [name, wave(name, shape)]),
    );
    const state = wave('state', rows.target.shape);
    const predict = (field: typeof plain) =>
      field.predict(
        parameters,
        field.encode(parameters, rows, noDropout),
        { state, time: rows.time },
        noDropout,
      );
    expect(numbersOf(predict(found))).toEqual(numbersOf(predict(plain)));
  });

  it('starts its path with noise in that unit', () => {
    const config = withResidual(runConfigSchema.parse(scaled.unet), 0.03);
    const [noise, estimate] = [wave('noise', [2, 3, 3]), wave('estimate', [2, 3, 3])];
    expectClose(startFrom(config.path, { noise, estimate }), tf.add(estimate, tf.mul(noise, 0.03)));
  });

  it('preconditions as a configuration with the same numbers in colours does', () => {
    const inUnits = withResidual(runConfigSchema.parse(scaled.shortcuts), 0.04).path;
    const inColours = { ...inUnits, unit: 'colours', startNoise: 0.1, residualDeviation: 0.04 } as const;
    const [output, estimate, state] = ['output', 'estimate', 'state'].map((name) => wave(name, [3, 2, 3]));
    const at = { output, estimate, state, time: tf.tensor1d([0, 0.3, 0.9]) };
    expectClose(predictionFromOutput(inUnits, at), predictionFromOutput(inColours, at), 1e-5);
  });

  it('refuses to compute before anything was measured', () => {
    const { path } = runConfigSchema.parse(scaled.unet);
    const noise = wave('noise', [1, 1, 3]);
    expect(() => startFrom(path, { noise, estimate: noise })).toThrow('path.measured is null');
  });
});
