/** Sampling with a network that returns its estimate. For data N(estimate, 0.1²) its shortcuts are exact. */

import { describe, expect, it } from 'vitest';
import type { Field } from '../../../main/engine/field/field.ts';
import { sampleField } from '../../../main/engine/solver/sampleField.ts';
import { runConfigSchema } from '../../../shared/config/config.ts';
import { tf } from '../../support/backend.ts';
import { expectClose, numbersOf, wave } from '../field/waves.ts';
import type { SamplingPlan } from '../../../main/engine/solver/route.ts';

const deviation = 0.1;
const size = [2, 500, 3];
const estimate = wave('estimate', size);
const noise = tf.randomNormal(size, 0, 1, 'float32', 7);

function createField(takesStepSize: boolean): { field: Field; stepSizes: number[] } {
  const stepSizes: number[] = [];
  const field: Field = {
    takesStepSize,
    parameters: [],
    encode: (_parameters, context) => ({ estimate: tf.clone(context.estimate ?? estimate) }),
    predict: (_parameters, encoded, { step }) => {
      if (step) stepSizes.push(step.dataSync()[0]);
      return tf.clone(encoded['estimate'] ?? estimate);
    },
  };
  return { field, stepSizes };
}

async function sample(
  plan: SamplingPlan,
  kind: { prediction: 'velocity' | 'data'; takesStepSize?: boolean },
) {
  const { field, stepSizes } = createField(kind.takesStepSize ?? true);
  const { path } = runConfigSchema.parse({
    field: { residual: 'thin-plate' },
    path: {
      prediction: kind.prediction,
      start: 'classical',
      startNoise: 0.25,
      residualDeviation: deviation,
    },
  });
  const points = { observedCoords: tf.zeros([2, 1, 2]), observedValues: tf.zeros([2, 1, 3]) };
  const context = { ...points, queryCoords: tf.zeros([2, 500, 2]), estimate };
  const start = tf.add(estimate, tf.mul(noise, 0.25));
  let evaluations = 0;
  const options = { onEvaluations: ([count]: readonly number[]) => (evaluations = count) };
  const sampled = await sampleField({ field, parameters: {}, path, context, start }, plan, options);
  return { sampled, stepSizes, evaluations };
}

/** A sample of the data. */
const exactSample = tf.add(estimate, tf.mul(noise, deviation));

describe.each(['velocity', 'data'] as const)('a field with shortcuts that predicts %s', (prediction) => {
  it.each([1, 2, 4, 8, 32])(
    'samples the data in %i Euler steps, with the right mean and variance',
    async (steps) => {
      const { sampled, stepSizes, evaluations } = await sample({ solver: 'euler', steps }, { prediction });
      expectClose(sampled, exactSample, 1e-5);
      const { variance } = tf.moments(tf.sub(sampled, estimate));
      // Five standard errors of a variance from 3000 numbers.
      expect(Math.abs(numbersOf(variance)[0] / deviation ** 2 - 1)).toBeLessThan(5 * Math.sqrt(2 / 3000));
      expect([stepSizes, evaluations]).toEqual([Array(steps).fill(1 / steps), steps]);
    },
  );

  it('returns the posterior mean, not a sample, in one step of ddim', async () => {
    const { sampled, stepSizes } = await sample({ solver: 'ddim', steps: 1 }, { prediction });
    expectClose(sampled, estimate, 1e-5);
    expect(stepSizes).toEqual([0]);
  });

  it('acts as an ordinary flow for other step sizes and other solvers', async () => {
    const plans: SamplingPlan[] = [
      { solver: 'euler', steps: 10 },
      { solver: 'euler', steps: 4, grid: 'cosine' },
      { solver: 'heun', steps: 4 },
    ];
    for (const plan of plans) {
      const { sampled, stepSizes } = await sample(plan, { prediction });
      const ordinary = await sample(plan, { prediction, takesStepSize: false });
      expectClose(sampled, ordinary.sampled, 1e-5);
      expect(new Set(stepSizes)).toEqual(new Set([0]));
    }
  });
});

describe('a field without shortcuts', () => {
  it('collapses to the mean in one Euler step', async () => {
    const kind = { prediction: 'velocity', takesStepSize: false } as const;
    const { sampled, stepSizes } = await sample({ solver: 'euler', steps: 1 }, kind);
    expectClose(sampled, estimate, 1e-5);
    expect(stepSizes).toEqual([]);
  });
});
