/** What a compute process reports, with numbers that follow from the step. */

import type { ComputeEvent } from '../../main/compute/protocol.ts';
import { writeCheckpoint } from '../../main/store/files/checkpointFile.ts';
import { exampleCheckpoint } from '../store/files/exampleCheckpoint.ts';

type EventOf<Type extends ComputeEvent['type']> = Extract<ComputeEvent, { type: Type }>;

export const readyEvent: ComputeEvent = {
  type: 'ready',
  backend: { kind: 'wasm', device: 'CPU', version: '1.0.0' },
  reason: null,
};

export function startedEvent(step = 0): ComputeEvent {
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

/** Writes the checkpoint's file into the run's folder, as the compute process does. */
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

/** A strip of 2×4 pixels, all of one colour. */
export function previewEvent(step: number): ComputeEvent {
  return { type: 'preview', step, rows: { height: 2, width: 4, pixels: new Uint8Array(24).fill(step) } };
}

export function endedEvent(end: EventOf<'ended'>['end'], step: number): ComputeEvent {
  return { type: 'ended', end, step };
}
