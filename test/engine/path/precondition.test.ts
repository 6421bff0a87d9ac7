import { describe, expect, it } from 'vitest';
import { samplePath, targetOf } from '../../../main/engine/path/affine.ts';
import { predictionOf } from '../../../main/engine/path/precondition.ts';
import { paths } from '../../../main/engine/path/registry.ts';
import { type RunConfigInput, runConfigSchema } from '../../../shared/config.ts';
import { tf } from '../../support/backend.ts';
import { expectClose, numbersOf, wave } from '../field/waves.ts';

const noise = { kind: 'variance-preserving', prediction: 'noise' } as const;
const deviation = 0.1;

function configOf(path: RunConfigInput['path']) {
  return runConfigSchema.parse({ field: { residual: 'thin-plate' }, path }).path;
}

const [estimate, output, start] = [
  wave('estimate', [3, 2, 3]),
  wave('output', [3, 2, 3]),
  wave('start', [3, 2, 3]),
];
const time = tf.tensor1d([0.2, 0.6, 0.9]);

describe('predictionOf', () => {
  it('is the output itself where nothing is read through an estimate', () => {
    const config = runConfigSchema.parse({}).path;
    expect(predictionOf(config, { output, estimate, state: start, time })).toBe(output);
  });

  it('is the best linear guess where the field adds nothing to the estimate', () => {
    const { alpha, sigma } = paths['variance-preserving'].coefficients(time);
    const state = wave('state', [3, 2, 3]);
    const variance = tf.add(tf.square(tf.mul(alpha, deviation)), tf.square(sigma));
    // E[x₀ | x_t] of standard normal x₀ and x₁ ~ N(estimate, deviation²): the covariance σ over the variance.
    const expected = tf.mul(tf.sub(state, tf.mul(alpha, estimate)), tf.div(sigma, variance));
    const config = configOf({ ...noise, residualDeviation: deviation });
    expectClose(predictionOf(config, { output: estimate, estimate, state, time }), expected);
  });

  it.each([noise, { kind: 'cosine', prediction: 'v' }, { kind: 'cosine', prediction: 'data' }] as const)(
    'is right for some output: $kind, $prediction',
    ({ kind, prediction }) => {
      const config = configOf({ kind, prediction, residualDeviation: deviation });
      const path = paths[kind];
      const data = wave('data', [3, 2, 3]);
      const sample = samplePath(path, { start, data, time });
      const { alpha, sigma } = path.coefficients(time);
      // What is left of the data after the linear guess, in the field's units.
      const variance = tf.add(tf.square(tf.mul(alpha, deviation)), tf.square(sigma));
      const gain = tf.div(tf.mul(alpha, deviation ** 2), variance);
      const guess = tf.add(estimate, tf.mul(tf.sub(sample.state, tf.mul(alpha, estimate)), gain));
      const perfect = tf.add(estimate, tf.mul(tf.sub(data, guess), tf.div(tf.sqrt(variance), sigma)));
      const found = predictionOf(config, { output: perfect, estimate, ...sample });
      expectClose(found, targetOf(path, sample, prediction), 1e-4);
    },
  );

  it('stays finite at the data', () => {
    const config = configOf({ ...noise, residualDeviation: deviation });
    const found = predictionOf(config, { output, estimate, state: start, time: tf.ones([3]) });
    expect(numbersOf(found).every(Number.isFinite)).toBe(true);
  });
});

describe('a configuration', () => {
  it.each([
    [{ kind: 'cosine', prediction: 'noise' }, 'need path.kind = variance-preserving'],
    [{ kind: 'variance-preserving', prediction: 'velocity' }, 'needs another prediction'],
    [{ prediction: 'data', start: 'classical', residualDeviation: 0.1 }, 'needs start = noise'],
    [{ kind: 'cosine', prediction: 'v' }, 'a residual needs path.prediction = data'],
  ] as const)('refuses what cannot work: %j', (path, message) => {
    expect(() => configOf(path)).toThrow(message);
  });
});
