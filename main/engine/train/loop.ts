/** The training loop: steps, cadence and how it ends. It owns the state and knows nothing of files, datasets or methods. */

import * as tf from '@tensorflow/tfjs-core';
import type { RunConfig } from '../../../shared/config/config.ts';
import { listTensors, type NamedArray, toTensors } from '../tensors.ts';
import type { Stepper, StepReport } from './step.ts';
import type { TrainingBatch } from './trainingBatch.ts';

export interface StepResult extends StepReport {
  /** Steps done, this one included. */
  readonly step: number;
  readonly learningRate: number;
  /** Wall time of the step, its batch included. */
  readonly milliseconds: number;
}

export type LoopEnd = 'finished' | 'paused' | 'stopped' | 'diverged';

/** Requests to the loop, read after every step. */
export interface LoopControl {
  requested: 'pause' | 'stop' | null;
  /** Aborted by a request, to end anything that delays the loop, such as a download. */
  readonly signal?: AbortSignal;
}

/** Called between steps. Each hook borrows the current state: read it, do not keep or dispose it. */
export interface LoopHooks {
  onStep(result: StepResult): void;
  evaluate(state: readonly tf.Tensor[], step: number): Promise<void>;
  preview(state: readonly tf.Tensor[], step: number): Promise<void>;
  checkpoint(state: readonly tf.Tensor[], step: number, processSeconds: number): Promise<void>;
}

export interface LoopOptions {
  /** The loop takes ownership and disposes it. */
  readonly stepper: Stepper;
  /** Returns the batch of a step; `seconds` of training precede it. */
  readonly batchAt: (
    step: number,
    seconds: number,
  ) => { batch: TrainingBatch<NamedArray>; learningRate: number };
  readonly cadence: RunConfig['train'];
  readonly fromStep: number;
  readonly totalSteps: number;
  /** Seconds of training in earlier segments. */
  readonly processSeconds: number;
  readonly control: LoopControl;
  readonly hooks: LoopHooks;
}

/**
 * Trains until the budget of steps or time is spent, a request arrives, or the loss is not finite. Writes a checkpoint at
 * every end except divergence, where the last earlier checkpoint remains the newest.
 */
export async function runTraining(options: LoopOptions): Promise<{ end: LoopEnd; step: number }> {
  const { cadence, hooks, control, stepper } = options;
  const clock = startClock(options.processSeconds);
  let step = options.fromStep;
  let savedAt = step;
  try {
    if (step === 0 && cadence.previewEverySteps > 0)
      await stepper.withState((state) => hooks.preview(state, 0));
    while (step < options.totalSteps && !control.requested && !clock.isOver(cadence.minutes)) {
      const result = takeStep(options, step, clock.seconds());
      step = result.step;
      hooks.onStep(result);
      if (!Number.isFinite(result.loss) || !Number.isFinite(result.gradNorm))
        return { end: 'diverged', step };
      if (await runDueHooks(options, step, clock.seconds)) savedAt = step;
      await yieldToMessages();
    }
    if (savedAt < step || step === 0) {
      await stepper.withState((state) => hooks.checkpoint(state, step, clock.seconds()));
    }
    return { end: step < options.totalSteps ? endOf(control) : 'finished', step };
  } finally {
    stepper.dispose();
  }
}

function takeStep({ stepper, batchAt }: LoopOptions, step: number, seconds: number): StepResult {
  const startedAt = performance.now();
  const { batch: arrays, learningRate } = batchAt(step, seconds);
  const batch = toTensors(arrays);
  try {
    const report = stepper.step(batch);
    return { step: step + 1, ...report, learningRate, milliseconds: performance.now() - startedAt };
  } finally {
    tf.dispose(listTensors(batch));
  }
}

/** Runs evaluation, preview and checkpoint where they are due; returns true when it wrote a checkpoint. */
async function runDueHooks(options: LoopOptions, step: number, seconds: () => number): Promise<boolean> {
  const { cadence, hooks, stepper } = options;
  const evaluates = isDue(step, cadence.evaluateEverySteps);
  const previews = isDue(step, cadence.previewEverySteps);
  const saves = isDue(step, cadence.checkpointEverySteps);
  if (!evaluates && !previews && !saves) return false;
  await stepper.withState(async (state) => {
    if (evaluates) await hooks.evaluate(state, step);
    if (previews) await hooks.preview(state, step);
    if (saves) await hooks.checkpoint(state, step, seconds());
  });
  return saves;
}

function isDue(step: number, every: number): boolean {
  return every > 0 && step % every === 0;
}

function endOf(control: LoopControl): LoopEnd {
  if (control.requested === 'pause') return 'paused';
  return control.requested === 'stop' ? 'stopped' : 'finished';
}

function startClock(secondsBefore: number) {
  const startedAt = performance.now();
  const seconds = () => secondsBefore + (performance.now() - startedAt) / 1000;
  return { seconds, isOver: (minutes: number | null) => minutes !== null && seconds() >= minutes * 60 };
}

/** Lets pause and stop requests arrive; needs a macrotask, because messages are never delivered between microtasks. */
function yieldToMessages(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
