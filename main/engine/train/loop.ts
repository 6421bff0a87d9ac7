/** The training loop: steps, cadence and how it ends. It owns the state and knows nothing of files, datasets or methods. */

import * as tf from '@tensorflow/tfjs-core';
import type { RunConfig } from '../../../shared/config/config.ts';
import { listTensors, type NamedArray, toTensors } from '../tensors.ts';
import { createCadence, type DueWork } from './cadence.ts';
import type { Stepper, StepReport } from './step.ts';
import type { TrainingClock } from './trainingClock.ts';
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
  /** Whether the requested end may take the time to evaluate; otherwise it writes the checkpoint and no more. */
  scoresAtEnd?: boolean;
  /** Aborted by a request, to end anything that delays the loop, such as a download. */
  readonly signal?: AbortSignal;
}

/** Called between steps. Each hook borrows the current state: read it, do not keep or dispose it. */
export interface LoopHooks {
  onStep(result: StepResult): void;
  /**
   * Returns whether the state is the best so far. `isExtra`: the evaluation is not part of the cadence, and a hasty
   * request (`isHasty`) ends it.
   */
  evaluate(state: readonly tf.Tensor[], step: number, isExtra: boolean): Promise<boolean>;
  preview(state: readonly tf.Tensor[], step: number): Promise<void>;
  /** `isLast`: training ends here. */
  checkpoint(
    state: readonly tf.Tensor[],
    step: number,
    processSeconds: number,
    isLast?: boolean,
  ): Promise<void>;
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
  readonly clock: TrainingClock;
  readonly control: LoopControl;
  readonly hooks: LoopHooks;
}

/** Whether a request does not wait for an evaluation. */
export function isHasty(control: LoopControl): boolean {
  return control.requested !== null && control.scoresAtEnd !== true;
}

/**
 * Trains until the budget of steps or time is spent, a request arrives, or the loss is not finite. Every end except
 * divergence writes a checkpoint, unless it has just been written, then evaluates and previews the last state, unless
 * the request is hasty.
 */
export async function runTraining(options: LoopOptions): Promise<{ end: LoopEnd; step: number }> {
  const { cadence, hooks, control, stepper, clock, totalSteps, fromStep } = options;
  const dueAt = createCadence(cadence, { step: fromStep, seconds: clock.seconds(), totalSteps });
  const isTimeOver = () => cadence.minutes !== null && clock.seconds() >= cadence.minutes * 60;
  const reports = createReports(hooks);
  let step = fromStep;
  let done: DueWork = { evaluates: false, previews: false, saves: step > 0 };
  try {
    if (step === 0 && cadence.previewEverySteps > 0)
      await stepper.withState((state) => hooks.preview(state, 0));
    while (step < totalSteps && !control.requested && !isTimeOver()) {
      reports.add(takeStep(options, step, clock.seconds()));
      clock.countStep();
      step += 1;
      let divergedAt = await reports.settle(mostAhead);
      if (divergedAt !== null) return { end: 'diverged', step: divergedAt };
      done = dueAt(step, clock.seconds());
      // No state is evaluated or saved before every step up to it is known to be finite.
      if (hasWork(done)) divergedAt = await reports.settle(0);
      if (divergedAt !== null) return { end: 'diverged', step: divergedAt };
      await runDueHooks(options, step, done);
      await yieldToMessages();
    }
    const divergedAt = await reports.settle(0);
    if (divergedAt !== null) return { end: 'diverged', step: divergedAt };
    const end = step < totalSteps ? endOf(control) : 'finished';
    await finishLastState(options, { step, end, done });
    return { end, step };
  } finally {
    stepper.dispose();
  }
}

/**
 * Completes what `done` lacks of the last state: the checkpoint first, because an evaluation takes longer than a
 * process may have left. None of this is training time.
 */
async function finishLastState(
  { stepper, hooks, cadence, control, clock, fromStep }: LoopOptions,
  { step, end, done }: { step: number; end: LoopEnd; done: DueWork },
): Promise<void> {
  clock.stop();
  const seconds = clock.seconds();
  const isScored = step > 0 && (end === 'finished' || step > fromStep);
  const evaluates = isScored && !done.evaluates && cadence.evaluateEverySteps > 0;
  const previews = isScored && !done.previews && cadence.previewEverySteps > 0;
  if (done.saves && !evaluates && !previews) return;
  await stepper.withState(async (state) => {
    if (!done.saves) await hooks.checkpoint(state, step, seconds, true);
    const isBest = evaluates && !isHasty(control) && (await hooks.evaluate(state, step, true));
    if (isBest) await hooks.checkpoint(state, step, seconds, true);
    if (previews && !isHasty(control)) await hooks.preview(state, step);
  });
}

/** A step that was taken, and its report as soon as it is there. */
interface TakenStep extends Pick<StepResult, 'step' | 'learningRate'> {
  readonly startedAt: number;
  readonly report: StepReport | Promise<StepReport>;
}

function takeStep({ stepper, batchAt }: LoopOptions, step: number, seconds: number): TakenStep {
  const startedAt = performance.now();
  const { batch: arrays, learningRate } = batchAt(step, seconds);
  const batch = toTensors(arrays);
  try {
    return { step: step + 1, report: stepper.step(batch), learningRate, startedAt };
  } finally {
    tf.dispose(listTensors(batch));
  }
}

/** Steps that a card may be behind: enough that it never waits for its next one, few enough that a pause comes soon. */
const mostAhead = 4;

/** Passes the reports of steps to the hook, in the order of the steps. */
function createReports({ onStep }: Pick<LoopHooks, 'onStep'>) {
  const waiting: { taken: TakenStep; arrived: StepReport | null }[] = [];
  let lastAt = 0;
  return {
    add(taken: TakenStep): void {
      const { report } = taken;
      if (!(report instanceof Promise)) return void waiting.push({ taken, arrived: report });
      const entry: (typeof waiting)[number] = { taken, arrived: null };
      waiting.push(entry);
      // A failure is thrown by `settle`, which awaits the report itself.
      void report.then(
        (arrived) => (entry.arrived = arrived),
        () => undefined,
      );
    },
    /**
     * Passes on what has arrived, and waits until at most `limit` steps are missing. Returns the first step that
     * diverged, or null.
     */
    async settle(limit: number): Promise<number | null> {
      while (waiting.length > 0 && (waiting[0].arrived !== null || waiting.length > limit)) {
        const [{ taken, arrived }] = waiting;
        const { step, learningRate, startedAt } = taken;
        const { loss, gradNorm } = arrived ?? (await taken.report);
        waiting.shift();
        const now = performance.now();
        onStep({ step, loss, gradNorm, learningRate, milliseconds: now - Math.max(startedAt, lastAt) });
        lastAt = now;
        if (!Number.isFinite(loss) || !Number.isFinite(gradNorm)) return step;
      }
      return null;
    },
  };
}

function hasWork({ evaluates, previews, saves }: DueWork): boolean {
  return evaluates || previews || saves;
}

async function runDueHooks(
  { hooks, stepper, clock }: LoopOptions,
  step: number,
  due: DueWork,
): Promise<void> {
  if (!hasWork(due)) return;
  const { evaluates, previews, saves } = due;
  await stepper.withState(async (state) => {
    if (evaluates) await hooks.evaluate(state, step, false);
    if (previews) await hooks.preview(state, step);
    if (saves) await hooks.checkpoint(state, step, clock.seconds());
  });
}

function endOf(control: LoopControl): LoopEnd {
  if (control.requested === 'pause') return 'paused';
  return control.requested === 'stop' ? 'stopped' : 'finished';
}

/** Lets pause and stop requests arrive; needs a macrotask, because messages are never delivered between microtasks. */
function yieldToMessages(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
