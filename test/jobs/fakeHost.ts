/** A compute host without a process, whose events and end are controlled by the test, and the events that it reports. */

import type { Command, ComputeEvent } from '../../main/compute/protocol.ts';
import type { ComputeExit, ComputeHost } from '../../main/jobs/computeHost.ts';
import { writeCheckpoint } from '../../main/store/files/checkpointFile.ts';
import { exampleCheckpoint } from '../store/files/exampleCheckpoint.ts';

export interface FakeHost extends ComputeHost {
  /** Commands received so far. */
  readonly sent: readonly Command[];
  emit(event: ComputeEvent): void;
  /** Ends the process; further calls have no effect. */
  exit(exit?: ComputeExit): void;
  isGone(): boolean;
}

/** Creates a host; `answer` receives every command after it has been recorded. */
export function createFakeHost(answer?: (command: Command) => void): FakeHost {
  const listeners = new Set<(event: ComputeEvent) => void>();
  const sent: Command[] = [];
  const { promise: exited, resolve } = Promise.withResolvers<ComputeExit>();
  let isGone = false;
  const exit = (how: ComputeExit = { code: 0, signal: null }) => {
    isGone = true;
    resolve(how);
  };
  return {
    sent,
    send(command) {
      sent.push(command);
      answer?.(command);
    },
    onEvent(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    exited,
    kill: () => exit({ code: null, signal: 'SIGKILL' }),
    emit(event) {
      for (const listener of listeners) if (!isGone) listener(event);
    },
    exit,
    isGone: () => isGone,
  };
}

type EventOf<Type extends ComputeEvent['type']> = Extract<ComputeEvent, { type: Type }>;

export const readyEvent: ComputeEvent = {
  type: 'ready',
  backend: { kind: 'wasm', device: 'CPU', version: '1.0.0' },
  reason: null,
};

export function startedEvent(step = 0): EventOf<'started'> {
  const dataset = { source: 'synthetic', split: 'train', count: 10, height: 16, width: 16 } as const;
  return {
    type: 'started',
    dataset: { ...dataset, checksum: 'c0ffee', notes: [] },
    step,
    totalSteps: 100,
    stepsPerEpoch: 2,
    parameters: 7,
  };
}

export function stepEvent(step: number, changes: Partial<EventOf<'step'>> = {}): ComputeEvent {
  const numbers = { loss: 1 / step, gradNorm: 2 / step, learningRate: 0.5 };
  const time = { milliseconds: 10, processSeconds: step / 100 };
  return { type: 'step', step, epoch: Math.floor(step / 2), ...numbers, ...time, ...changes };
}

export function evaluationEvent(step: number, psnr = 20 + step): ComputeEvent {
  const scores = { psnr, ssim: 0.5, mse: 0.01, mae: 0.05 };
  return { type: 'evaluation', step, processSeconds: step / 100, scores, exactImages: 0 };
}

/** Writes the checkpoint's file into the run's folder, as the compute process does, and returns the event. */
export function checkpointEvent(
  folder: string,
  step: number,
  changes: Partial<EventOf<'checkpoint'>> = {},
): ComputeEvent {
  const { file, bytes, sha256 } = writeCheckpoint(folder, exampleCheckpoint(step));
  const progress = { processSeconds: step / 100, loss: 1 / step, bestPsnr: null };
  const place = { step, epoch: Math.floor(step / 2), file, bytes, sha256, isBest: false };
  return { type: 'checkpoint', ...place, ...progress, ...changes };
}

/** Returns the preview of a uniform strip of 2 × 4 pixels. */
export function previewEvent(step: number): ComputeEvent {
  return { type: 'preview', step, rows: { height: 2, width: 4, pixels: new Uint8Array(24).fill(step) } };
}

export function endedEvent(end: EventOf<'ended'>['end'], step: number): ComputeEvent {
  return { type: 'ended', end, step };
}
