import type { Tensor } from '@tensorflow/tfjs-core';
import { existsSync, readdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { createCompiledStepper } from '../../../main/compute/graph/compiledStepper.ts';
import { largestMagnitude } from '../../../main/compute/parity/referenceFile.ts';
import { eagerStepper, type StepFn } from '../../../main/engine/train/step.ts';
import { makeTemporaryFolder } from '../../store/temporaryFolder.ts';
import { describeNative, tf } from '../../support/backend.ts';
import { countSessions, nativeBackend, replaceInBinding } from './nativeBinding.ts';
import { createStrictStepper, createSmallTraining, takeSteps } from './smallTraining.ts';
import type { NamedArrays } from '../../../main/engine/tensors.ts';
import { createScalarBatch, trainings } from '../../engine/train/smallRun.ts';

afterEach(() => vi.unstubAllEnvs());

/** Returns the largest |found − expected| of an entry. */
function largestDifference(found: NamedArrays, expected: NamedArrays, entry: string): number {
  const { values } = expected[entry];
  return largestMagnitude(found[entry].values.map((value, index) => value - values[index]));
}

/** Lists the weights except key biases, whose exact gradient is zero, so that Adam follows the sign of rounding errors. */
function listComparableWeights(arrays: NamedArrays): string[] {
  return Object.keys(arrays).filter((name) => /^(param|average)/.test(name) && !name.endsWith('k_proj.bias'));
}

describeNative('a compiled training step', () => {
  it.each(
    (Object.keys(trainings) as (keyof typeof trainings)[]).map((name) => ({
      name,
      steps: name === 'upgraded' ? 12 : 4,
    })),
  )(
    'in two parts has the losses and weights of the eager step on the whole batch over $steps steps, and resumed after one ends bit for bit as if uninterrupted ($name)',
    async ({ name, steps }) => {
      const training = createSmallTraining(name);
      const eager = await takeSteps(createSmallTraining(name, 1), eagerStepper, { to: steps });
      const counts = new Set<number>();
      const before = tf.memory().numTensors;
      const compiled = await takeSteps(training, createStrictStepper, {
        to: steps,
        keepAfter: [1],
        onStep: () => counts.add(tf.memory().numTensors),
      });
      expect(compiled.reports).toHaveLength(steps);
      compiled.reports.forEach(({ loss, gradNorm }, step) => {
        const expected = eager.reports[step];
        expect(Math.abs(loss / expected.loss - 1), `loss of step ${step}`).toBeLessThan(1e-5);
        expect(Math.abs(gradNorm / expected.gradNorm - 1), `gradient of step ${step}`).toBeLessThan(1e-5);
      });
      const weights = listComparableWeights(eager.end);
      const largest = Math.max(...weights.map((entry) => largestMagnitude(eager.end[entry].values)));
      for (const entry of weights) {
        const difference = largestDifference(compiled.end, eager.end, entry);
        expect(difference / largest, entry).toBeLessThan(1e-5);
      }
      expect(compiled.end).not.toEqual(training.start);
      // As many tensors after each step, and none at the end.
      expect([...counts, tf.memory().numTensors]).toEqual([before, before]);

      const start = compiled.kept[0];
      const rest = await takeSteps(createSmallTraining(name), createStrictStepper, {
        from: 1,
        to: steps,
        start,
      });
      expect(rest.reports).toEqual(compiled.reports.slice(1));
      expect(rest.end).toEqual(compiled.end);
    },
  );

  it('opens one session, which is closed with the stepper, and leaves no file behind', async () => {
    const folder = makeTemporaryFolder();
    vi.stubEnv('TMPDIR', folder);
    const written: string[] = [];
    replaceInBinding((own) => ({
      loadSavedModel(at, tags) {
        if (existsSync(at)) written.push(dirname(at));
        return own.loadSavedModel(at, tags);
      },
    }));
    const sessions = countSessions();
    await takeSteps(createSmallTraining('notebook'), createStrictStepper, { to: 3 });
    expect(sessions).toEqual({ opened: 1, closed: 1 });
    expect(written).toEqual([folder]);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('exposes its state before the first step and after any step, and reading it has no effect', async () => {
    const { stepFn, layout, start, batchAt } = createSmallTraining('notebook');
    const training = { stepFn, layout, start, batchAt };
    const first = await takeSteps(training, createStrictStepper, { to: 0 });
    expect(first.end).toEqual(start);
    const before = tf.memory().numTensors;
    const plain = await takeSteps(training, createStrictStepper, { to: 4 });
    const read = await takeSteps(
      training,
      (stepped, state) => {
        const stepper = createStrictStepper(stepped, state);
        return {
          ...stepper,
          step: (batch) => {
            void stepper.withState(async (tensors) => tensors.forEach((tensor) => tensor.dataSync()));
            return stepper.step(batch);
          },
        };
      },
      { to: 4 },
    );
    expect(read).toEqual(plain);
    expect(tf.memory().numTensors).toBe(before);
  });
});

/** Returns the step x ← x² + 1, which also calls `sideEffect`. */
function squareStep(sideEffect: (value: ReturnType<typeof tf.scalar>) => void = () => undefined): StepFn {
  return ([value], { update: { stepSize: one } }) => {
    sideEffect(value as ReturnType<typeof tf.scalar>);
    const next = tf.add(tf.mul(value, value), one);
    return { state: [next], report: { loss: tf.clone(next), gradNorm: tf.clone(value) } };
  };
}

function stepTwice(stepFn: StepFn) {
  const modes: (string | null)[] = [];
  const stepper = createCompiledStepper(nativeBackend(), {
    stepFn,
    state: [tf.scalar(2)],
    onReady: (kind, reason) => modes.push(kind, reason),
  });
  const one = tf.scalar(1);
  const batch = createScalarBatch<Tensor>(one);
  const reports = [stepper.step(batch), stepper.step(batch)];
  stepper.dispose();
  one.dispose();
  return { modes, reports };
}

const twoSteps = [
  { loss: 5, gradNorm: 2 },
  { loss: 26, gradNorm: 5 },
];

describeNative('a training step', () => {
  it('that is a pure function of tensors runs compiled and reports values from before its update', () => {
    expect(stepTwice(squareStep())).toEqual({ modes: ['compiled', null], reports: twoSteps });
  });

  it('that reads a value of a tensor runs eagerly with the same numbers and reports the reason', () => {
    const before = tf.memory().numTensors;
    const { modes, reports } = stepTwice(squareStep((value) => value.dataSync()));
    expect(modes).toEqual([
      'eager',
      'The traced function reads the values of a tensor, which a graph cannot.',
    ]);
    expect(reports).toEqual(twoSteps);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('that exchanges two tensors and keeps a third reads all of them before it writes any', async () => {
    const exchange: StepFn = ([first, second, third], { update: { stepSize: one } }) => ({
      state: [tf.clone(second), tf.clone(first), tf.clone(third)],
      report: { loss: tf.sub(first, second), gradNorm: tf.mul(third, one) },
    });
    const stepper = createStrictStepper(
      exchange,
      [1, 2, 3].map((value) => tf.scalar(value)),
    );
    const one = tf.scalar(1);
    for (let step = 0; step < 101; step++) {
      expect(stepper.step(createScalarBatch<Tensor>(one))).toEqual({
        loss: step % 2 === 0 ? -1 : 1,
        gradNorm: 3,
      });
    }
    const end = await stepper.withState(async (state) => state.map((tensor) => tensor.dataSync()[0]));
    expect(end).toEqual([2, 1, 3]);
    stepper.dispose();
  });

  it('that closes over a tensor with a fixed value uses it as a constant', () => {
    const zero = tf.scalar(0);
    expect(stepTwice(squareStep((value) => tf.add(value, zero))).modes).toEqual(['compiled', null]);
  });

  it('that uses a computed tensor from outside runs eagerly with the same numbers and reports the reason', () => {
    const zero = tf.neg(tf.scalar(0));
    const { modes, reports } = stepTwice(squareStep((value) => tf.add(value, zero)));
    expect(modes).toEqual(['eager', expect.stringContaining('neither an input nor created by it')]);
    expect(reports).toEqual(twoSteps);
  });

  it('that throws an error fails as it would eagerly', () => {
    const broken = squareStep(() => {
      throw new Error('broken');
    });
    expect(() => stepTwice(broken)).toThrow('broken');
  });
});
