import { beforeAll, describe, expect, it } from 'vitest';
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
  'a run in training (%s)',
  (name) => {
    let whole: NamedArrays = {};
    const counts = new Set<number>();
    beforeAll(async () => {
      whole = await train(name, { onStep: () => counts.add(tf.memory().numTensors) });
    });

    it('ends in the same state, bit for bit, if it is paused and resumed at step 1, mid-epoch, between epochs and before the last step', async () => {
      let paused: NamedArrays | undefined;
      let fromStep = 0;
      for (const toStep of [1, 2, 3, 5, totalSteps - 1, totalSteps]) {
        if (paused) expect(paused).not.toEqual(whole);
        paused = await train(name, { from: paused, fromStep, toStep });
        fromStep = toStep;
      }
      expect(paused).toEqual(whole);
    });

    it('updates every trained parameter, and no buffer', () => {
      const { config } = createSmallRun(trainings[name]);
      const field = createField(config.field);
      const layout = stateLayout(field.parameters, config.optim);
      const start = initialState(field.parameters, layout, config.seed);
      // The exact gradient of key biases is zero; rounding may or may not change them.
      const still = layout
        .map(({ kind, parameter }) => `${kind}/${parameter}`)
        .filter((entry) => !entry.endsWith('k_proj.bias'))
        .filter((entry) => whole[entry].values.every((value, index) => value === start[entry].values[index]));
      expect(still.filter((entry) => !entry.startsWith('buffer/'))).toEqual([]);
      expect(still).toEqual(
        field.parameters.filter(({ isTrainable }) => !isTrainable).map(({ name }) => `buffer/${name}`),
      );
    });

    it('holds the same number of tensors after every step', () => {
      expect(counts.size).toBe(1);
    });
  },
);
