/** Times the steps of the laboratory's own training loop, and TensorFlow's part in each. */

import type { Execution } from '../../main/compute/execution.ts';
import { runTraining } from '../../main/engine/train/loop.ts';
import { trainingBatch } from '../../main/engine/train/trainingBatch.ts';
import type { RunConfig } from '../../shared/config/config.ts';
import { openBatches } from './engineData.ts';
import { createModel } from './engineWork.ts';
import type { NativeClock } from './nativeClock.ts';

export interface LoopTimes {
  /** From the end of a step to the end of the next, one a step. */
  readonly milliseconds: readonly number[];
  /** Of these inside TensorFlow. */
  readonly native: readonly number[];
}

/** Batches made before the clock starts, so that nearly all masks of the pool have been solved. */
const preparedBatches = 24;
/** Steps left out: the first one traces the graph. */
const warmUpSteps = 3;

export async function timeLoop(options: {
  execution: Execution;
  config: RunConfig;
  clock: NativeClock;
  steps: number;
}): Promise<LoopTimes> {
  const { execution, config, clock, steps } = options;
  const source = openBatches(config);
  const batchAt = (step: number) => trainingBatch(config, source, step);
  for (let step = 0; step < preparedBatches; step++) batchAt(step);
  const { stepFn, state } = createModel(config, execution.parts);
  const marks: { at: number; native: number }[] = [];
  await runTraining({
    stepper: execution.createStepper(stepFn, state),
    batchAt,
    cadence: withoutPauses(config),
    fromStep: 0,
    totalSteps: warmUpSteps + steps,
    processSeconds: 0,
    control: { requested: null },
    hooks: {
      onStep: () => void marks.push({ at: performance.now(), native: clock.take() }),
      evaluate: () => Promise.resolve(),
      preview: () => Promise.resolve(),
      checkpoint: () => Promise.resolve(),
    },
  });
  const counted = marks.slice(warmUpSteps);
  return {
    milliseconds: counted.map(({ at }, index) => at - marks[warmUpSteps + index - 1].at),
    native: counted.map(({ native }) => native),
  };
}

function withoutPauses({ train }: RunConfig): RunConfig['train'] {
  return {
    ...train,
    minutes: null,
    evaluateEverySteps: 0,
    previewEverySteps: 0,
    checkpointEverySteps: Number.MAX_SAFE_INTEGER,
  };
}
