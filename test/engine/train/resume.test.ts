import { describe, expect, it } from 'vitest';
import { createField } from '../../../main/engine/field/registry.ts';
import { runTraining } from '../../../main/engine/train/loop.ts';
import { createTrainingClock } from '../../../main/engine/train/trainingClock.ts';
import { fromState, initialState, stateLayout, toState } from '../../../main/engine/train/state.ts';
import { createStep, eagerStepper } from '../../../main/engine/train/step.ts';
import { trainingBatch } from '../../../main/engine/train/trainingBatch.ts';
import { tf } from '../../support/backend.ts';
import { createSmallRun, trainings } from './smallRun.ts';
import type { NamedArrays } from '../../../main/engine/tensors.ts';

const totalSteps = 7;

/** Creates everything from scratch, as after a restart, trains from the given arrays or from the beginning, and returns the final arrays. */
async function train(
  name: keyof typeof trainings,
  options: { from?: NamedArrays; fromStep?: number; toStep?: number; onStep?: () => void },
): Promise<NamedArrays> {
  const { config, source } = createSmallRun(trainings[name]);
  const field = createField(config.field);
  const layout = stateLayout(field.parameters, config.optim);
  const start = options.from ?? initialState(field.parameters, layout, config.seed);
  let saved: NamedArrays = {};
  await runTraining({
    stepper: eagerStepper(createStep({ field, layout, config }), toState(start, layout)),
    batchAt: (step) => trainingBatch(config, source, step),
    cadence: config.train,
    fromStep: options.fromStep ?? 0,
    totalSteps: options.toStep ?? totalSteps,
    clock: createTrainingClock(0),
    control: { requested: null },
    hooks: {
      onStep: () => options.onStep?.(),
      evaluate: async () => false,
      preview: async () => undefined,
      checkpoint: async (state) => {
        saved = await fromState(state, layout);
      },
    },
  });
  return saved;
}

describe.each(['notebook', 'upgraded', 'unet', 'bayer', 'shortcuts'] as const)(
  'a resumed run (%s)',
  (name) => {
    it('ends in the same state, bit for bit, as an uninterrupted run: after a pause at step 1, mid-epoch, between epochs or before the last step', async () => {
      const whole = await train(name, {});
      for (const pausedAt of [1, 2, 3, 5, totalSteps - 1]) {
        const paused = await train(name, { toStep: pausedAt });
        expect(paused).not.toEqual(whole);
        expect(await train(name, { from: paused, fromStep: pausedAt })).toEqual(whole);
      }
    });

    it('updates every trained parameter, and no buffer', async () => {
      const { config } = createSmallRun(trainings[name]);
      const field = createField(config.field);
      const layout = stateLayout(field.parameters, config.optim);
      const start = initialState(field.parameters, layout, config.seed);
      const end = await train(name, {});
      // The exact gradient of key biases is zero; rounding may or may not change them.
      const still = layout
        .map(({ kind, parameter }) => `${kind}/${parameter}`)
        .filter((entry) => !entry.endsWith('k_proj.bias'))
        .filter((entry) => end[entry].values.every((value, index) => value === start[entry].values[index]));
      expect(still.filter((entry) => !entry.startsWith('buffer/'))).toEqual([]);
      expect(still).toEqual(
        field.parameters.filter(({ isTrainable }) => !isTrainable).map(({ name }) => `buffer/${name}`),
      );
    });

    it('holds the same number of tensors after every step', async () => {
      const counts = new Set<number>();
      await train(name, { onStep: () => counts.add(tf.memory().numTensors) });
      expect(counts.size).toBe(1);
    });
  },
);
