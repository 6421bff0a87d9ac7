/** Small trainings whose steps run eagerly or as a compiled graph. */

import type { Tensor } from '@tensorflow/tfjs-core';
import { createCompiledStepper } from '../../../main/compute/graph/compiledStepper.ts';
import { createField } from '../../../main/engine/field/registry.ts';
import {
  fromState,
  initialState,
  stateLayout,
  type StateLayout,
  toState,
} from '../../../main/engine/train/state.ts';
import { createStep, type StepFn, type Stepper, type StepReport } from '../../../main/engine/train/step.ts';
import { type TrainingBatch, trainingBatch } from '../../../main/engine/train/trainingBatch.ts';
import { createSmallRun, trainings } from '../../engine/train/smallRun.ts';
import { tf } from '../../support/backend.ts';
import { nativeBackend } from './nativeBinding.ts';
import { listTensors, type NamedArray, type NamedArrays, toTensors } from '../../../main/engine/tensors.ts';

export interface SmallTraining {
  readonly layout: StateLayout;
  readonly stepFn: StepFn;
  readonly start: NamedArrays;
  readonly batchAt: (step: number) => TrainingBatch<NamedArray>;
}

/** Creates a training from scratch, as after a restart: 3 steps per epoch and 67 epochs, with batches computed in `parts`. */
export function createSmallTraining(name: keyof typeof trainings, parts = 2): SmallTraining {
  const input = trainings[name];
  const { config, source } = createSmallRun({ ...input, train: { ...input.train, epochs: 67 } });
  const field = createField(config.field);
  const layout = stateLayout(field.parameters, config.optim);
  return {
    layout,
    stepFn: createStep({ field, layout, config, parts }),
    start: initialState(field.parameters, layout, config.seed),
    batchAt: (step) => trainingBatch(config, source, step).batch,
  };
}

export type CreateStepper = (stepFn: StepFn, state: Tensor[]) => Stepper;

/** Creates a compiled stepper. @throws Error if the step cannot be compiled. */
export const createStrictStepper: CreateStepper = (stepFn, state) =>
  createCompiledStepper(nativeBackend(), {
    stepFn,
    state,
    onReady: (kind, reason) => {
      if (kind === 'eager') throw new Error(`The step was not compiled: ${reason}`);
    },
  });

/** Takes the steps `from` … `to` − 1 and returns their reports, the final state, and the state after each step of `keepAfter`. */
export async function takeSteps(
  training: SmallTraining,
  createStepper: CreateStepper,
  range: {
    from?: number;
    to: number;
    start?: NamedArrays;
    keepAfter?: readonly number[];
    onStep?: () => void;
  },
): Promise<{ reports: StepReport[]; end: NamedArrays; kept: NamedArrays[] }> {
  const { layout, stepFn, batchAt } = training;
  const stepper = createStepper(stepFn, toState(range.start ?? training.start, layout));
  const reports: StepReport[] = [];
  const kept: NamedArrays[] = [];
  const readState = () => stepper.withState((state) => fromState(state, layout));
  for (let step = range.from ?? 0; step < range.to; step++) {
    const batch = toTensors(batchAt(step));
    reports.push(await stepper.step(batch));
    tf.dispose(listTensors(batch));
    range.onStep?.();
    if (range.keepAfter?.includes(step + 1)) kept.push(await readState());
  }
  const end = await readState();
  stepper.dispose();
  return { reports, end, kept };
}
