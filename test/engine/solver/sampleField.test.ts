import { describe, expect, it } from 'vitest';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Field } from '../../../main/engine/field/field.ts';
import { sampleField } from '../../../main/engine/solver/sampleField.ts';
import { type PathConfig, runConfigSchema } from '../../../shared/config/config.ts';
import { randomNormals } from '../../../shared/numbers/random.ts';
import { tf } from '../../support/backend.ts';
import { expectClose, wave } from '../field/waves.ts';
import type { SamplingPlan } from '../../../main/engine/solver/route.ts';

const mean = 0.4;
const deviation = 0.25;

/**
 * Returns the exact field for data N(mean, deviation²) and noise N(0, 1). With s² = (1 − t)² + t² deviation² the data expected at
 * x_t are mean + t deviation² (x_t − t mean) / s², and the flow maps x₀ to mean + deviation · x₀.
 */
function createGaussianField(prediction: PathConfig['prediction']) {
  const calls = { encode: 0, predict: 0 };
  const field: Field = {
    parameters: [],
    encode: () => {
      calls.encode += 1;
      return {};
    },
    predict: (_parameters, _encoded, { state, time }) => {
      calls.predict += 1;
      const perRow = (valueAt: (t: number) => number) =>
        tf.tensor(Array.from(time.dataSync(), valueAt), [time.size, 1, 1]);
      const variance = (t: number) => (1 - t) ** 2 + (t * deviation) ** 2;
      const meanState = perRow((t) => t * mean);
      const gain = perRow((t) => (t * deviation ** 2) / variance(t));
      const data = tf.add(tf.mul(tf.sub(state, meanState), gain), mean);
      if (prediction === 'data') return data;
      const remaining = perRow((t) => Math.max(1 - t, 1e-9));
      return tf.div(tf.sub(data, state), remaining);
    },
  };
  return { field, calls };
}

const values = randomNormals({ seed: 1, stream: 'noise', step: 0 }, 60);
const start = tf.tensor(values, [2, 10, 3]);

function pathOf(prediction: PathConfig['prediction']): PathConfig {
  return runConfigSchema.parse({ path: { prediction } }).path;
}

function sample(
  prediction: PathConfig['prediction'],
  plan: SamplingPlan,
  field?: Field,
  onEvaluations?: (counts: readonly number[]) => void,
): Promise<Tensor> {
  const coords = wave('coords', [2, 10, 2]);
  const context = { observedCoords: coords, observedValues: start, queryCoords: coords };
  const problem = { parameters: {}, path: pathOf(prediction), context, start };
  return sampleField({ ...problem, field: field ?? createGaussianField(prediction).field }, plan, {
    onEvaluations,
  });
}

describe('sampleField with the exact field of a Gaussian', () => {
  it('maps noise to samples of the data: every value becomes mean + deviation · noise', async () => {
    const expected = values.map((value) => mean + deviation * value);
    expectClose(await sample('data', { solver: 'heun', steps: 100 }), expected, 1e-3);
    expectClose(await sample('data', { solver: 'euler', steps: 1000 }), expected, 5e-3);
    expectClose(await sample('data', { solver: 'rk4', steps: 20, grid: 'cosine' }), expected, 1e-3);
    expectClose(await sample('data', { solver: 'dopri5', steps: 20, tolerance: 1e-5 }), expected, 1e-3);
  });

  it.each(['euler', 'ddim'] as const)(
    'returns the posterior mean in one step of %s, for any noise and prediction',
    async (solver) => {
      for (const prediction of ['data', 'velocity'] as const) {
        const found = await sample(prediction, { solver, steps: 1 });
        expectClose(
          found,
          values.map(() => mean),
          1e-6,
        );
      }
    },
  );

  it('returns the same sample whether data or velocity is predicted', async () => {
    const plan = { solver: 'euler', steps: 8 } as const;
    expectClose(await sample('velocity', plan), await sample('data', plan));
  });

  it('ends at the last prediction of the data, even after thousands of steps', async () => {
    const end = wave('end', [2, 10, 3]);
    const field: Field = { ...createGaussianField('data').field, predict: () => tf.clone(end) };
    for (const solver of ['euler', 'heun', 'midpoint', 'rk4', 'dopri5', 'ddim'] as const)
      for (const steps of [1, 3]) expectClose(await sample('data', { solver, steps }, field), end, 1e-6);
    expectClose(await sample('data', { solver: 'euler', steps: 2000 }, field), end, 1e-4);
  });
});

describe('the cost of a sample', () => {
  it.each([
    { solver: 'euler', velocity: 6, data: 6 },
    { solver: 'heun', velocity: 12, data: 11 },
    { solver: 'rk4', velocity: 24, data: 21 },
    { solver: 'ddim', velocity: 6, data: 6 },
  ] as const)(
    'with $solver is one encoding and the reported number of predictions',
    async ({ solver, ...expected }) => {
      for (const prediction of ['data', 'velocity'] as const) {
        const { field, calls } = createGaussianField(prediction);
        const reports: number[] = [];
        await sample(prediction, { solver, steps: 6 }, field, ([count]) => reports.push(count));
        expect(calls).toEqual({ encode: 1, predict: expected[prediction] });
        expect(reports).toEqual([expected[prediction]]);
      }
    },
  );

  it('with dopri5 rises if its tolerance falls', async () => {
    const costOf = async (tolerance: number) => {
      const { field, calls } = createGaussianField('data');
      const reports: number[] = [];
      await sample('data', { solver: 'dopri5', steps: 6, tolerance }, field, (counts) =>
        reports.push(...counts),
      );
      expect(Math.max(...reports)).toBe(calls.predict);
      return calls.predict;
    };
    expect(await costOf(1e-5)).toBeGreaterThan(await costOf(1e-2));
  });

  it('is one tensor, and none after a failure', async () => {
    const before = tf.memory().numTensors;
    const { field } = createGaussianField('data');
    const coords = wave('coords', [2, 10, 2]);
    const context = { observedCoords: coords, observedValues: start, queryCoords: coords };
    const problem = { field, parameters: {}, path: pathOf('data'), context, start };
    for (let round = 0; round < 50; round++) {
      const hooks = {
        onStep: () => {
          throw new Error('cancelled');
        },
      };
      await expect(sampleField(problem, { solver: 'heun', steps: 3 }, { hooks })).rejects.toThrow(
        'cancelled',
      );
    }
    coords.dispose();
    expect(tf.memory().numTensors).toBe(before);
    expect(start.isDisposed).toBe(false);
    await sample('data', { solver: 'heun', steps: 3 });
    // The two new tensors are the coordinates and the sample.
    expect(tf.memory().numTensors).toBe(before + 2);
  });
});
