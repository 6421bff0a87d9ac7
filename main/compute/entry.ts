/** The compute process: takes one job from its parent, works on it, listens for pause and stop, and ends with the job. */

import type { LoopControl } from '../engine/train/loop.ts';
import { loadBackend } from './backend.ts';
import { runParity } from './parity/runParity.ts';
import type { Command, ComputeEvent } from './protocol.ts';
import { evaluateJob, reconstructJob } from './samplingJobs.ts';
import { StorageError, trainRun } from './trainRun.ts';

const control: LoopControl = { requested: null };
/** Resolves when the parent has been handed everything emitted so far. */
let delivered: Promise<void> = Promise.resolve();

process.on('message', (command: Command) => {
  if (command.type === 'pause' || command.type === 'stop') control.requested = command.type;
  else void work(command);
});
// Without its parent nobody records anything: what is not in a checkpoint will be computed again.
process.on('disconnect', () => process.exit(1));
// Ctrl-C and a shutdown reach the whole process group; the parent decides what it means.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => undefined);

async function work(command: Exclude<Command, { type: 'pause' | 'stop' }>): Promise<void> {
  try {
    const backend = await loadBackend();
    emit({ type: 'ready', backend: backend.info, reason: backend.reason });
    if (command.type === 'train') await trainRun(command.job, control, emit);
    else if (command.type === 'evaluate') await evaluateJob(command.job, control, emit);
    else if (command.type === 'reconstruct') await reconstructJob(command.job, control, emit);
    else emit({ type: 'checked', report: await runParity(command.job) });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    emit({ type: 'failed', cause: error instanceof StorageError ? 'storage' : 'error', message });
  }
  await delivered;
  process.exit(0);
}

function emit(event: ComputeEvent): void {
  const send = new Promise<void>((resolve) => {
    if (!process.send) throw new Error('The compute process is started by the laboratory, not by hand.');
    process.send(event, undefined, undefined, () => resolve());
  });
  delivered = delivered.then(() => send);
}
