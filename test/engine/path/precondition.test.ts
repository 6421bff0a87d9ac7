import { describe, expect, it } from 'vitest';
import { samplePath, targetOf } from '../../../main/engine/path/affine.ts';
import { meanVelocity, predictionFromOutput } from '../../../main/engine/path/precondition.ts';
import { paths } from '../../../main/engine/path/schedules.ts';
import { type RunConfigInput, runConfigSchema } from '../../../shared/config/config.ts';
import { tf } from '../../support/backend.ts';
import { expectClose, numbersOf, wave } from '../field/waves.ts';

const noise = { kind: 'variance-preserving', prediction: 'noise' } as const;
const deviation = 0.1;

function parsePath(path: RunConfigInput['path']) {
  return runConfigSchema.parse({ field: { residual: 'thin-plate' }, path }).path;
}

const [estimate, output, start] = [
  wave('estimate', [3, 2, 3]),
  wave('output', [3, 2, 3]),
  wave('start', [3, 2, 3]),
];
const time = tf.tensor1d([0.2, 0.6, 0.9]);

describe('predictionFromOutput', () => {
  it('is the output itself if the field has no estimate', () => {
    const config = runConfigSchema.parse({}).path;
    expect(predictionFromOutput(config, { output, estimate, state: start, time })).toBe(output);
  });

  it('is the best linear estimate if the field adds nothing to its classical estimate', () => {
    const { alpha, sigma } = paths['variance-preserving'].coefficients(time);
    const state = wave('state', [3, 2, 3]);
    const variance = tf.add(tf.square(tf.mul(alpha, deviation)), tf.square(sigma));
    // E[x₀ | x_t] of standard normal x₀ and x₁ ~ N(estimate, deviation²): the covariance σ over the variance.
    const expected = tf.mul(tf.sub(state, tf.mul(alpha, estimate)), tf.div(sigma, variance));
    const config = parsePath({ ...noise, residualDeviation: deviation });
    expectClose(predictionFromOutput(config, { output: estimate, estimate, state, time }), expected);
  });

  it.each([noise, { kind: 'cosine', prediction: 'v' }, { kind: 'cosine', prediction: 'data' }] as const)(
    'reaches the target for a suitable output: $kind, $prediction',
    ({ kind, prediction }) => {
      const config = parsePath({ kind, prediction, residualDeviation: deviation });
      const path = paths[kind];
      const data = wave('data', [3, 2, 3]);
      const sample = samplePath(path, { start, data, time });
      const { alpha, sigma } = path.coefficients(time);
      // The residual of the data after the linear guess, in the field's units.
      const variance = tf.add(tf.square(tf.mul(alpha, deviation)), tf.square(sigma));
      const gain = tf.div(tf.mul(alpha, deviation ** 2), variance);
      const guess = tf.add(estimate, tf.mul(tf.sub(sample.state, tf.mul(alpha, estimate)), gain));
      const perfect = tf.add(estimate, tf.mul(tf.sub(data, guess), tf.div(tf.sqrt(variance), sigma)));
      const found = predictionFromOutput(config, { output: perfect, estimate, ...sample });
      expectClose(found, targetOf(path, sample, prediction), 1e-4);
    },
  );

  it('stays finite at t = 1', () => {
    const config = parsePath({ ...noise, residualDeviation: deviation });
    const found = predictionFromOutput(config, { output, estimate, state: start, time: tf.ones([3]) });
    expect(numbersOf(found).every(Number.isFinite)).toBe(true);
  });

  it('is the velocity of the Gaussian at t = 1, where its states spread out from the mean', () => {
    const config = parsePath({ prediction: 'velocity', residualDeviation: deviation });
    const state = wave('state', [3, 2, 3]);
    const found = predictionFromOutput(config, { output: estimate, estimate, state, time: tf.ones([3]) });
    // d/dt of t · estimate + κ u at t = 1, where κ′ = κ.
    expectClose(found, state);
  });
});

describe.each(['noise', 'classical'] as const)('a path from %s with a standard deviation of 0.25', (kind) => {
  const input = { start: kind, startNoise: 0.25, residualDeviation: deviation } as const;
  const noisy = tf.mul(wave('noise', [3, 2, 3]), 0.25);
  const from = kind === 'classical' ? tf.add(estimate, noisy) : noisy;
  const velocity = parsePath({ ...input, prediction: 'velocity' });
  const [early, step] = [tf.tensor1d([0, 0.25, 0.5]), tf.tensor1d([1, 0.5, 0.5])];

  /** Returns the states that are `unit` standard deviations from the mean of the Gaussian path at these times. */
  function statesAt(times: ReturnType<typeof tf.tensor1d>, unit: ReturnType<typeof wave>) {
    const at = tf.reshape(times, [3, 1, 1]);
    const rest = tf.sub(1, at);
    const spread = tf.sqrt(tf.add(tf.square(tf.mul(at, deviation)), tf.square(tf.mul(rest, 0.25))));
    return tf.add(kind === 'classical' ? estimate : tf.mul(at, estimate), tf.mul(unit, spread));
  }

  it.each(['velocity', 'data'] as const)('reaches its target for a suitable output: %s', (prediction) => {
    const sample = samplePath(paths.linear, { start: from, data: wave('data', [3, 2, 3]), time });
    const { alpha, sigma } = paths.linear.coefficients(time);
    const noiseAt = tf.mul(sigma, 0.25);
    const variance = tf.add(tf.square(tf.mul(alpha, deviation)), tf.square(noiseAt));
    const mean = tf.add(tf.mul(alpha, estimate), kind === 'classical' ? tf.mul(sigma, estimate) : 0);
    const guess = tf.add(
      estimate,
      tf.mul(tf.sub(sample.state, mean), tf.div(tf.mul(alpha, deviation ** 2), variance)),
    );
    const perfect = tf.add(estimate, tf.mul(tf.sub(sample.data, guess), tf.div(tf.sqrt(variance), noiseAt)));
    const config = parsePath({ ...input, prediction });
    const expected = targetOf(paths.linear, sample, prediction);
    expectClose(predictionFromOutput(config, { output: perfect, estimate, ...sample }), expected, 1e-4);
    // The same prediction for a step of length 0.
    const withStep = { output: perfect, estimate, ...sample, step: tf.zeros([3]) };
    expectClose(predictionFromOutput(config, withStep), expected, 1e-4);
  });

  it('follows the flow of the Gaussian over a step if the field adds nothing', () => {
    const unit = wave('unit', [3, 2, 3]);
    const state = statesAt(early, unit);
    const stepInput = { output: estimate, estimate, state, time: early, step };
    const moved = tf.add(
      state,
      tf.mul(predictionFromOutput(velocity, stepInput), tf.reshape(step, [3, 1, 1])),
    );
    expectClose(moved, statesAt(tf.tensor1d([1, 0.75, 1]), unit));
    expectClose(
      meanVelocity(parsePath({ ...input, prediction: 'data' }), stepInput),
      predictionFromOutput(velocity, stepInput),
    );
  });
});

describe('a configuration', () => {
  it.each([
    [{ kind: 'cosine', prediction: 'noise' }, 'need path.kind = variance-preserving'],
    [{ kind: 'variance-preserving', prediction: 'velocity' }, 'needs another prediction'],
    [{ kind: 'cosine', prediction: 'v' }, 'a residual needs path.prediction = data'],
  ] as const)('is refused if path and prediction do not fit together: %j', (path, message) => {
    expect(() => parsePath(path)).toThrow(message);
  });
});
