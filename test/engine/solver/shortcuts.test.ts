/** A network that returns its estimate: with the data N(estimate, 0.1²) its shortcuts are exact. */

import { describe, expect, it } from 'vitest';
import type { Field } from '../../../main/engine/field/field.ts';
import { sampleField } from '../../../main/engine/solver/sampleField.ts';
import { runConfigSchema } from '../../../shared/config/config.ts';
import { tf } from '../../support/backend.ts';
import { expectClose, numbersOf, wave } from '../field/waves.ts';
import type { SamplingPlan } from '../../../main/engine/solver/route.ts';

const deviation = 0.1;
const size = [2, 500, 3];
const [estimate, noise] = [wave('estimate', size), tf.randomNormal(size, 0, 1, 'float32', 7)];

function fieldOf(takesStepSize: boolean): { field: Field; told: number[] } {
  const told: number[] = [];
  const field: Field = {
    takesStepSize,
    parameters: [],
    encode: (_parameters, context) => ({ estimate: tf.clone(context.estimate ?? estimate) }),
    predict: (_parameters, encoded, { step }) => {
      if (step) told.push(step.dataSync()[0]);
      return tf.clone(encoded['estimate'] ?? estimate);
    },
  };
  return { field, told };
}

function sample(plan: SamplingPlan, of: { prediction: 'velocity' | 'data'; takesStepSize?: boolean }) {
  const { field, told } = fieldOf(of.takesStepSize ?? true);
  const { path } = runConfigSchema.parse({
    field: { residual: 'thin-plate' },
    path: {
      prediction: of.prediction,
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
  const sampled = sampleField({ field, parameters: {}, path, context, start }, plan, options);
  return { sampled, told, evaluations };
}

/** A draw from the data. */
const exact = tf.add(estimate, tf.mul(noise, deviation));

describe.each(['velocity', 'data'] as const)('a field that knows shortcuts and predicts %s', (prediction) => {
  it.each([1, 2, 4, 8, 32])(
    'draws from the data in %i steps of Euler: mean and variance are theirs',
    (steps) => {
      const { sampled, told, evaluations } = sample({ solver: 'euler', steps }, { prediction });
      expectClose(sampled, exact, 1e-5);
      const { variance } = tf.moments(tf.sub(sampled, estimate));
      // Five standard errors of a variance from 3000 numbers.
      expect(Math.abs(numbersOf(variance)[0] / deviation ** 2 - 1)).toBeLessThan(5 * Math.sqrt(2 / 3000));
      expect([told, evaluations]).toEqual([Array(steps).fill(1 / steps), steps]);
    },
  );

  it('gives the posterior mean in one evaluation of ddim, not a sample', () => {
    const { sampled, told } = sample({ solver: 'ddim', steps: 1 }, { prediction });
    expectClose(sampled, estimate, 1e-5);
    expect(told).toEqual([0]);
  });

  it('is a flow like any other to steps of other sizes and to other solvers', () => {
    const plans: SamplingPlan[] = [
      { solver: 'euler', steps: 10 },
      { solver: 'euler', steps: 4, grid: 'cosine' },
      { solver: 'heun', steps: 4 },
    ];
    for (const plan of plans) {
      const { sampled, told } = sample(plan, { prediction });
      expectClose(sampled, sample(plan, { prediction, takesStepSize: false }).sampled, 1e-5);
      expect(new Set(told)).toEqual(new Set([0]));
    }
  });
});

describe('a field that knows none', () => {
  it('collapses to the mean in one step of Euler', () => {
    const of = { prediction: 'velocity', takesStepSize: false } as const;
    const { sampled, told } = sample({ solver: 'euler', steps: 1 }, of);
    expectClose(sampled, estimate, 1e-5);
    expect(told).toEqual([]);
  });
});
