/** Measures the steps of the real training loop, and the time that each of them spends in TensorFlow. */

import type { Execution } from '../../../main/compute/execution.ts';
import type { NativeBackend, NativeBinding } from '../../../main/compute/graph/nativeBackend.ts';
import { runTraining } from '../../../main/engine/train/loop.ts';
import { createTrainingClock } from '../../../main/engine/train/trainingClock.ts';
import { trainingBatch } from '../../../main/engine/train/trainingBatch.ts';
import type { RunConfig } from '../../../shared/config/config.ts';
import { openRandomBatches } from '../../../main/compute/randomBatches.ts';
import { createModel } from './work.ts';

export interface LoopTimes {
  /** Time from the end of a step to the end of the next one, per step. */
  readonly milliseconds: readonly number[];
  /** Milliseconds of each step inside TensorFlow. */
  readonly native: readonly number[];
}

/** Number of batches created before the clock starts, so that the estimates of nearly all masks of the pool are known. */
const preparedBatches = 24;
/** Number of steps that are not counted: the first one traces the graph. */
const warmUpSteps = 3;

export async function timeLoop(options: {
  execution: Execution;
  config: RunConfig;
  clock: NativeClock;
  steps: number;
}): Promise<LoopTimes> {
  const { execution, config, clock, steps } = options;
  const source = openRandomBatches(config);
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
    clock: createTrainingClock(0),
    control: { requested: null },
    hooks: {
      onStep: () => void marks.push({ at: performance.now(), native: clock.take() }),
      evaluate: () => Promise.resolve(false),
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
    timesPerRun: null,
    evaluateEverySteps: 0,
    previewEverySteps: 0,
    checkpointEverySteps: Number.MAX_SAFE_INTEGER,
  };
}

interface NativeClock {
  /** Milliseconds inside graphs since the last call. */
  take(): number;
}

/** Measures the time inside the native calls that run graphs, for graphs opened from now on. */
export function timeNativeCalls(backend: NativeBackend): NativeClock {
  const { binding } = backend;
  let spent = 0;
  const runSavedModel: NativeBinding['runSavedModel'] = (...call) => {
    const startedAt = performance.now();
    const outputs = binding.runSavedModel(...call);
    spent += performance.now() - startedAt;
    return outputs;
  };
  // The binding's own properties are read-only.
  backend.binding = Object.create(binding, { runSavedModel: { value: runSavedModel } }) as NativeBinding;
  return {
    take() {
      const taken = spent;
      spent = 0;
      return taken;
    },
  };
}
