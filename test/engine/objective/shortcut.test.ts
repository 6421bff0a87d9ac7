import { describe, expect, it } from 'vitest';
import {
  meanOfTwoSteps,
  sampleShortcuts,
  shortcutCount,
  shortcutSizes,
  type StepVelocity,
  conditionedSize,
} from '../../../main/engine/objective/shortcut.ts';
import { runConfigSchema, type RunConfigInput } from '../../../shared/config/config.ts';
import { tf } from '../../support/backend.ts';
import { expectClose, numbersOf, wave } from '../field/waves.ts';

const count = 12_000;
const at = { seed: 42, step: 3 };

describe('sampleShortcuts', () => {
  it('samples every size equally often, at multiples of it that leave room for a step', () => {
    const { sizes, times } = sampleShortcuts(count, at);
    const expected = count / shortcutSizes.length;
    for (const size of shortcutSizes) {
      const found = sizes.filter((value) => value === size).length;
      expect(Math.abs(found - expected)).toBeLessThan(5 * Math.sqrt(expected));
      const starts = new Set(times.filter((_, row) => sizes[row] === size));
      const all = Array.from({ length: 1 / size }, (_, index) => index * size);
      expect([...starts].sort((a, b) => a - b)).toEqual(all);
    }
  });

  it('is a pure function of seed and step', () => {
    expect(sampleShortcuts(8, at)).toEqual(sampleShortcuts(8, at));
    expect(sampleShortcuts(8, { ...at, step: 4 })).not.toEqual(sampleShortcuts(8, at));
  });
});

describe('meanOfTwoSteps', () => {
  /** Returns the velocity rate · x, and the steps and times at which it has been evaluated. */
  function recordLinearField(rate: number): { velocity: StepVelocity; steps: number[]; times: number[] } {
    const steps: number[] = [];
    const times: number[] = [];
    const velocity: StepVelocity = ({ state, time, step }) => {
      steps.push(...numbersOf(step));
      times.push(...numbersOf(time));
      return tf.mul(state, rate);
    };
    return { velocity, steps, times };
  }

  it('equals a (1 + a d / 4) x for the velocity a x', () => {
    const state = wave('state', [2, 4, 3]);
    const { velocity, times } = recordLinearField(-1.5);
    const point = { state, time: tf.tensor1d([0, 0.5]), step: tf.tensor1d([1, 0.25]) };
    const factors = tf.tensor([-1.5 * (1 - 1.5 / 4), -1.5 * (1 - 1.5 / 16)], [2, 1, 1]);
    expectClose(meanOfTwoSteps(velocity, point), tf.mul(state, factors));
    expect(times).toEqual([0, 0.5, 0.5, 0.625]);
  });

  it('passes half the step size to the network, and 0 for half of the smallest size', () => {
    const { velocity, steps } = recordLinearField(1);
    const step = tf.tensor1d([1, 1 / 16, 1 / 32]);
    meanOfTwoSteps(velocity, { state: tf.ones([3, 1, 3]), time: tf.zeros([3]), step });
    expect(steps).toEqual([1 / 2, 1 / 32, 0, 1 / 2, 1 / 32, 0]);
  });
});

describe('a shortcut', () => {
  it('exists only for powers of two, and starts at multiples of them', () => {
    const sizes = [1, 0.5, 1 / 32, 1 / 64, 0.1, 0];
    expect(sizes.map((size) => conditionedSize(size, 0))).toEqual([1, 0.5, 1 / 32, 0, 0, 0]);
    expect([0, 0.25, 0.3, 0.75].map((time) => conditionedSize(0.25, time))).toEqual([0.25, 0.25, 0, 0.25]);
  });

  it('leaves at least one image of every batch to flow matching', () => {
    expect([1, 2, 4, 16].map((size) => shortcutCount(size, 0.75))).toEqual([0, 1, 3, 12]);
    expect(shortcutCount(16, 0.25)).toBe(4);
  });
});

describe('a configuration with shortcuts', () => {
  const conditioned = { field: { stepConditioning: true }, objective: { shortcutShare: 0.25 } };
  const cases: [RunConfigInput, string][] = [
    [{ objective: { shortcutShare: 0.25 } }, 'shortcutShare needs field.stepConditioning = true'],
    [{ field: { stepConditioning: true } }, 'stepConditioning needs objective.shortcutShare above 0'],
    [
      { ...conditioned, path: { kind: 'cosine', prediction: 'data' } },
      'shortcutShare needs path.kind = linear',
    ],
    [{ ...conditioned, path: { prediction: 'v' } }, 'path.prediction = velocity or data'],
    [{ ...conditioned, objective: { shortcutShare: 0.5, startShare: 0.6 } }, 'must not exceed 1 together'],
    [{ ...conditioned, objective: { shortcutShare: 0.8 } }, '0.75'],
  ];

  it.each(cases)('is refused if its options contradict each other: %j', (input, message) => {
    expect(() => runConfigSchema.parse(input)).toThrow(message);
  });

  it('is accepted for predictions of the velocity and of the data', () => {
    for (const prediction of ['velocity', 'data'] as const)
      expect(runConfigSchema.parse({ ...conditioned, path: { prediction } }).objective.shortcutShare).toBe(
        0.25,
      );
  });
});
