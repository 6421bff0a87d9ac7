/** The training loop: steps, cadence and how it ends. It owns the state and knows nothing of files, datasets or methods. */

import * as tf from '@tensorflow/tfjs-core';
import type { RunConfig } from '../../../shared/config.ts';
import type { NamedArrays, NamedTensors } from '../field/parameters.ts';
import type { StepFn } from './step.ts';

export interface StepResult {
  /** Steps done, this one included. */
  readonly step: number;
  readonly loss: number;
  /** Before clipping. */
  readonly gradNorm: number;
  readonly learningRate: number;
  readonly milliseconds: number;
}

export type LoopEnd = 'finished' | 'paused' | 'stopped' | 'diverged';

/** Read after every step; the loop ends there. */
export interface LoopControl {
  requested: 'pause' | 'stop' | null;
}

/** What happens between steps. Each gets the state as it is then: read it, do not keep or dispose it. */
export interface LoopHooks {
  onStep(result: StepResult): void;
  evaluate(state: readonly tf.Tensor[], step: number): Promise<void>;
  preview(state: readonly tf.Tensor[], step: number): Promise<void>;
  checkpoint(state: readonly tf.Tensor[], step: number, processSeconds: number): Promise<void>;
}

export interface LoopOptions {
  readonly stepFn: StepFn;
  /** Ownership passes to the loop, which disposes it. */
  readonly state: tf.Tensor[];
  readonly batchAt: (step: number) => { arrays: NamedArrays; learningRate: number };
  readonly cadence: RunConfig['train'];
  readonly fromStep: number;
  readonly totalSteps: number;
  /** Seconds already spent in earlier segments. */
  readonly processSeconds: number;
  readonly control: LoopControl;
  readonly hooks: LoopHooks;
}

/**
 * Runs until the step or time budget, a request, or a loss that is not finite. A checkpoint is written at every end but
 * divergence: there the newest earlier one stays the newest.
 */
export async function runTraining(options: LoopOptions): Promise<{ end: LoopEnd; step: number }> {
  const { cadence, hooks, control } = options;
  const clock = startClock(options.processSeconds);
  let state = options.state;
  let step = options.fromStep;
  let savedAt = step;
  try {
    if (step === 0 && cadence.previewEverySteps > 0) await hooks.preview(state, 0);
    while (step < options.totalSteps && !control.requested && !clock.isOver(cadence.minutes)) {
      const { next, result } = takeStep(options, state, step);
      tf.dispose(state);
      state = next;
      step = result.step;
      hooks.onStep(result);
      if (!Number.isFinite(result.loss) || !Number.isFinite(result.gradNorm))
        return { end: 'diverged', step };
      if (isDue(step, cadence.evaluateEverySteps)) await hooks.evaluate(state, step);
      if (isDue(step, cadence.previewEverySteps)) await hooks.preview(state, step);
      if (isDue(step, cadence.checkpointEverySteps)) {
        await hooks.checkpoint(state, step, clock.seconds());
        savedAt = step;
      }
      await yieldToMessages();
    }
    if (savedAt < step || step === 0) await hooks.checkpoint(state, step, clock.seconds());
    return { end: step < options.totalSteps ? endOf(control) : 'finished', step };
  } finally {
    tf.dispose(state);
  }
}

function takeStep(
  { stepFn, batchAt }: LoopOptions,
  state: readonly tf.Tensor[],
  step: number,
): { next: tf.Tensor[]; result: StepResult } {
  const startedAt = performance.now();
  const { arrays, learningRate } = batchAt(step);
  const { state: next, report } = tf.tidy(() => stepFn(state, toTensors(arrays), step));
  const loss = report['loss'].dataSync()[0];
  const gradNorm = report['gradNorm'].dataSync()[0];
  tf.dispose(report);
  const milliseconds = performance.now() - startedAt;
  return { next, result: { step: step + 1, loss, gradNorm, learningRate, milliseconds } };
}

function toTensors(arrays: NamedArrays): NamedTensors {
  return Object.fromEntries(
    Object.entries(arrays).map(([name, { values, shape }]) => [
      name,
      tf.tensor(values, [...shape], 'float32'),
    ]),
  );
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

/** Lets pause and stop requests in; a macrotask, because messages never arrive between microtasks. */
function yieldToMessages(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
