/**
 * The compute process: receives a job from its parent, works on it, obeys pause and stop, and exits at the end of the job.
 * For inpaintings it stays alive and takes one after the other until it is stopped.
 */

import { describeError } from '../../shared/text/describeError.ts';
import type { BackendInfo } from '../../shared/run.ts';
import type { LoopControl } from '../engine/train/loop.ts';
import { leaveEndsToParent } from '../runtime/processEnd.mjs';
import type { RunConfig } from '../../shared/config/config.ts';
import { loadBackend, readForced } from './backend.ts';
import { chooseOrder, thisMachine } from './fastestBackend.ts';
import { readConfig } from './modelCheckpoint.ts';
import { DataError } from './dataIdentity.ts';
import { runsEagerly, useGraphThreads } from './execution.ts';
import { createInpaintingQueue } from './inpainting/inpaintingQueue.ts';
import { openParentChannel } from './parentChannel.ts';
import { runParity } from './parity/runParity.ts';
import type { Command, ComputeEvent } from './protocol.ts';
import { evaluateJob, reconstructJob } from './evaluation/samplingJobs.ts';
import { assertDeviceComputes, awaitDeviceFailure } from './webgpu/device.ts';
import { studyJob } from './study/studyJob.ts';
import { StorageError, trainRun } from './training/trainRun.ts';

type SingleJob = Extract<Command, { type: 'train' | 'evaluate' | 'reconstruct' | 'study' | 'parity' }>;

const ending = new AbortController();
const control: LoopControl = { requested: null, signal: ending.signal };
const parent = openParentChannel();
/** Whether training has started, so that a failure is one of the training itself and not of its preconditions. */
let hasStarted = false;
const emit = (event: ComputeEvent) => {
  hasStarted ||= event.type === 'started';
  parent.send(event);
};
let prepared: Promise<BackendInfo> | null = null;
const prepareOnce = (config: RunConfig | null) => (prepared ??= prepare(config));
const inpaintings = createInpaintingQueue({
  prepare: prepareOnce,
  emit,
  onDeviceFailure: () => void leave(),
});
let isInpainting = false;

parent.onCommand((command) => {
  if (command.type === 'pause' || command.type === 'stop') {
    control.requested = command.type;
    control.scoresAtEnd = command.scores === true;
    ending.abort();
    if (isInpainting) void inpaintings.close().then(leave);
  } else if (command.type === 'inpaint' || command.type === 'estimate') {
    isInpainting = true;
    inpaintings.add(command.job);
  } else if (command.type === 'prepareInpainting') {
    isInpainting = true;
    inpaintings.prepareFor(command.checkpoint);
  } else if (command.type === 'cancel') inpaintings.cancel(command.id);
  else void work(command);
});
// Without the parent nothing is recorded: steps after the newest checkpoint are computed again.
leaveEndsToParent(() => process.exit(1));

/** Passes on what was computed, unless the card has failed. */
const emitResult = (event: ComputeEvent) => {
  assertDeviceComputes();
  emit(event);
};

async function work(command: SingleJob): Promise<void> {
  try {
    await prepareOnce(configOf(command));
    if (command.type === 'train') await trainRun(command.job, control, emitResult);
    else if (command.type === 'evaluate') await evaluateJob(command.job, control, emitResult);
    else if (command.type === 'reconstruct') await reconstructJob(command.job, control, emitResult);
    else if (command.type === 'study') await studyJob(command.job, control, emitResult);
    else emitResult({ type: 'checked', report: await runParity(command.job) });
  } catch (error) {
    const failure = await awaitDeviceFailure();
    const message = describeError(failure ?? error);
    if (failure !== null) emit({ type: 'failed', cause: 'device', message });
    else if (error instanceof DataError)
      emit({ type: 'failed', cause: 'data', message, refused: error.refused });
    else if (error instanceof StorageError) emit({ type: 'failed', cause: 'storage', message });
    else emit({ type: 'failed', cause: hasStarted ? 'error' : 'precondition', message });
  }
  await leave();
}

/** Returns what a job will compute; null where it has no network of a run. */
function configOf(command: SingleJob): RunConfig | null {
  if (command.type === 'train') return command.job.config;
  return command.type === 'parity' ? null : readConfig(command.job.checkpoint);
}

async function prepare(config: RunConfig | null): Promise<BackendInfo> {
  if (!runsEagerly()) useGraphThreads();
  const onMeasure = (phase: string) => emit({ type: 'progress', phase, done: 0, total: null });
  const order = readForced() === null ? await chooseOrder(config, thisMachine(), onMeasure) : {};
  const backend = await loadBackend(order);
  emit({ type: 'ready', backend: backend.info, reason: backend.reason });
  return backend.info;
}

async function leave(): Promise<void> {
  await parent.drain();
  process.exit(0);
}
