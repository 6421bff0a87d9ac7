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
import { compiledStepper, createSmallTraining, takeSteps } from './smallTraining.ts';
import type { NamedArrays } from '../../../main/engine/tensors.ts';
import { scalarBatch } from '../../engine/train/scalarBatch.ts';

afterEach(() => vi.unstubAllEnvs());

const names = [
  'notebook',
  'upgraded',
  'shortcuts',
  'unet',
  'local',
  'mixing',
  'transformer',
  'full attention',
] as const;

/** The largest |found − expected| of an entry. */
function largestDifference(found: NamedArrays, expected: NamedArrays, entry: string): number {
  const { values } = expected[entry];
  return largestMagnitude(found[entry].values.map((value, index) => value - values[index]));
}

/** Key biases aside: their exact gradient is zero, and Adam walks along the sign of rounding noise. */
function comparableWeights(arrays: NamedArrays): string[] {
  return Object.keys(arrays).filter((name) => /^(param|average)/.test(name) && !name.endsWith('k_proj.bias'));
}

describeNative('a compiled training step', () => {
  it.each([
    { name: 'notebook', steps: 60 },
    { name: 'upgraded', steps: 60 },
    { name: 'denoiser', steps: 20 },
    { name: 'score', steps: 20 },
    { name: 'shortcuts', steps: 20 },
    { name: 'mixing', steps: 20 },
  ] as const)(
    'in two parts gives in $steps steps the losses and the weights of the eager one in one ($name)',
    async ({ name, steps }) => {
      const training = createSmallTraining(name);
      const eager = await takeSteps(createSmallTraining(name, 1), eagerStepper, { to: steps });
      const compiled = await takeSteps(training, compiledStepper, { to: steps });
      expect(compiled.reports).toHaveLength(steps);
      compiled.reports.forEach(({ loss, gradNorm }, step) => {
        const expected = eager.reports[step];
        expect(Math.abs(loss / expected.loss - 1), `loss of step ${step}`).toBeLessThan(1e-5);
        expect(Math.abs(gradNorm / expected.gradNorm - 1), `gradient of step ${step}`).toBeLessThan(1e-5);
      });
      const weights = comparableWeights(eager.end);
      const largest = Math.max(...weights.map((entry) => largestMagnitude(eager.end[entry].values)));
      for (const entry of weights) {
        const difference = largestDifference(compiled.end, eager.end, entry);
        expect(difference / largest, entry).toBeLessThan(1e-5);
      }
      expect(compiled.end).not.toEqual(training.start);
    },
  );

  it.each(names)(
    'resumed after 1 and again after 7 of 10 steps is bit for bit the uninterrupted one (%s)',
    async (name) => {
      const train = (range: Parameters<typeof takeSteps>[2]) =>
        takeSteps(createSmallTraining(name), compiledStepper, range);
      const whole = await train({ to: 10 });
      const begun = await train({ to: 1 });
      const resumed = await train({ from: 1, to: 7, start: begun.end });
      const rest = await train({ from: 7, to: 10, start: resumed.end });
      expect([...begun.reports, ...resumed.reports, ...rest.reports]).toEqual(whole.reports);
      expect(rest.end).toEqual(whole.end);
    },
  );

  it('holds as many tensors after every one of 50 steps, and none at the end', async () => {
    const training = createSmallTraining('upgraded');
    const counts = new Set<number>();
    const before = tf.memory().numTensors;
    await takeSteps(training, compiledStepper, { to: 50, onStep: () => counts.add(tf.memory().numTensors) });
    expect([...counts]).toEqual([before]);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('needs one session, which is closed with the stepper, and leaves no file behind', async () => {
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
    await takeSteps(createSmallTraining('notebook'), compiledStepper, { to: 3 });
    expect(sessions).toEqual({ opened: 1, closed: 1 });
    expect(written).toEqual([folder]);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('lends its state before the first step and after any, and reading it changes nothing', async () => {
    const { stepFn, layout, start, batchAt } = createSmallTraining('notebook');
    const training = { stepFn, layout, start, batchAt };
    const first = await takeSteps(training, compiledStepper, { to: 0 });
    expect(first.end).toEqual(start);
    const before = tf.memory().numTensors;
    const plain = await takeSteps(training, compiledStepper, { to: 4 });
    const read = await takeSteps(
      training,
      (of, state) => {
        const stepper = compiledStepper(of, state);
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

/** x ← x² + one, with whatever `also` does. */
function squareStep(also: (value: ReturnType<typeof tf.scalar>) => void = () => undefined): StepFn {
  return ([value], { update: { stepSize: one } }) => {
    also(value as ReturnType<typeof tf.scalar>);
    const next = tf.add(tf.mul(value, value), one);
    return { state: [next], report: { loss: tf.clone(next), gradNorm: tf.clone(value) } };
  };
}

function stepTwice(stepFn: StepFn) {
  const told: (string | null)[] = [];
  const stepper = createCompiledStepper(nativeBackend(), {
    stepFn,
    state: [tf.scalar(2)],
    onReady: (kind, reason) => told.push(kind, reason),
  });
  const one = tf.scalar(1);
  const batch = scalarBatch<Tensor>(one);
  const reports = [stepper.step(batch), stepper.step(batch)];
  stepper.dispose();
  one.dispose();
  return { told, reports };
}

const twoSteps = [
  { loss: 5, gradNorm: 2 },
  { loss: 26, gradNorm: 5 },
];

describeNative('a step', () => {
  it('that is a pure function of tensors runs compiled, and reports values from before its update', () => {
    expect(stepTwice(squareStep())).toEqual({ told: ['compiled', null], reports: twoSteps });
  });

  it('that reads a value out of a tensor runs eagerly with the same numbers, and says why', () => {
    const before = tf.memory().numTensors;
    const { told, reports } = stepTwice(squareStep((value) => value.dataSync()));
    expect(told).toEqual([
      'eager',
      'The traced function reads the values of a tensor, which a graph cannot.',
    ]);
    expect(reports).toEqual(twoSteps);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('that exchanges two tensors and passes on a third reads all of them before it writes any', async () => {
    const exchange: StepFn = ([first, second, third], { update: { stepSize: one } }) => ({
      state: [tf.clone(second), tf.clone(first), tf.clone(third)],
      report: { loss: tf.sub(first, second), gradNorm: tf.mul(third, one) },
    });
    const stepper = compiledStepper(
      exchange,
      [1, 2, 3].map((value) => tf.scalar(value)),
    );
    const one = tf.scalar(1);
    for (let step = 0; step < 101; step++) {
      expect(stepper.step(scalarBatch<Tensor>(one))).toEqual({ loss: step % 2 === 0 ? -1 : 1, gradNorm: 3 });
    }
    const end = await stepper.withState(async (state) => state.map((tensor) => tensor.dataSync()[0]));
    expect(end).toEqual([2, 1, 3]);
    stepper.dispose();
  });

  it('that closes over a number has it as a constant', () => {
    const zero = tf.scalar(0);
    expect(stepTwice(squareStep((value) => tf.add(value, zero))).told).toEqual(['compiled', null]);
  });

  it('that uses a tensor from elsewhere runs eagerly with the same numbers, and says why', () => {
    const zero = tf.neg(tf.scalar(0));
    const { told, reports } = stepTwice(squareStep((value) => tf.add(value, zero)));
    expect(told).toEqual(['eager', expect.stringContaining('neither an input nor created by it')]);
    expect(reports).toEqual(twoSteps);
  });

  it('whose error is its own fails as it would eagerly', () => {
    const broken = squareStep(() => {
      throw new Error('broken');
    });
    expect(() => stepTwice(broken)).toThrow('broken');
  });
});
