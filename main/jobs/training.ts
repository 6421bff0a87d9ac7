/** The life of a training run: lease, resume point, compute process, recording, and the status it ends with. */

import { join } from 'node:path';
import type { ComputeEvent } from '../compute/protocol.ts';
import { resumableStatuses, type RunRecord, type RunStatus } from '../../shared/run.ts';
import type { RunConfig } from '../../shared/config.ts';
import { findNewestVerified, type FileFault } from '../store/files/checkpointFolder.ts';
import { acquireLease, heartbeat, releaseLease } from '../store/leases.ts';
import { rewindRun } from '../store/recording.ts';
import { changeRunConfig } from '../store/runConfig.ts';
import { getRun, updateRun } from '../store/runs.ts';
import { endSegment, startSegment } from '../store/segments.ts';
import type { Store } from '../store/store.ts';
import type { ComputeExit, ComputeHost, CreateHost } from './computeHost.ts';
import { createRecorder } from './recorder.ts';

export interface TrainingOptions {
  readonly createHost: CreateHost;
  readonly cacheFolder: string;
  /** Sees every event after it was recorded. */
  readonly onEvent?: (event: ComputeEvent) => void;
  /** Damaged checkpoints that were passed over. */
  readonly onDamaged?: (faults: readonly FileFault[]) => void;
  /** Goes on with this configuration instead of the stored one: a longer budget. */
  readonly config?: RunConfig;
}

export interface Training {
  /** Writes a checkpoint at the next step and ends there. */
  pause(): void;
  /** Like pause, but the run counts as ended by its user. */
  stop(): void;
  /** Ends at once; everything up to the newest checkpoint is kept. */
  kill(): void;
  /** The run's record when it has ended, however it ended. */
  readonly ended: Promise<RunRecord>;
}

const heartbeatInterval = 5000;

/**
 * Starts or resumes a run.
 * @throws Error when the run is finished or diverged, or another process works on it.
 */
export function startTraining(store: Store, runId: string, options: TrainingOptions): Training {
  const run = getRun(store.db, runId);
  checkResumable(run, options.config);
  acquireLease(store.db, runId);
  try {
    return launch(store, { run, options });
  } catch (error) {
    releaseLease(store.db, runId);
    throw error;
  }
}

function checkResumable(run: RunRecord, config: RunConfig | undefined): void {
  // A live owner is found by the lease; a dead one was found when the store was opened.
  if (resumableStatuses.includes(run.status) || run.status === 'running') return;
  if (run.status === 'finished' && config) return;
  const next =
    run.status === 'finished'
      ? 'Give it a larger budget: lab resume … --steps N, --epochs N or --minutes M.'
      : 'Start a new run with a smaller optim.learningRate.';
  throw new Error(`Run ${run.id} "${run.name}" is ${run.status}: there is nothing to resume. ${next}`);
}

function launch(store: Store, from: { run: RunRecord; options: TrainingOptions }): Training {
  const { run, options } = from;
  const folder = store.runFolder(run.id);
  const { checkpoint, damaged } = findNewestVerified(folder);
  if (damaged.length > 0) options.onDamaged?.(damaged);
  const config = options.config ?? run.config;
  rewindRun(store, run.id, checkpoint?.step ?? 0);
  updateRun(store.db, run.id, { status: 'running', error: null });
  if (options.config) changeRunConfig(store, run.id, options.config);
  const host = options.createHost();
  const ended = follow(store, { run: { ...run, config }, host, options, fromStep: checkpoint?.step ?? 0 });
  const path = checkpoint ? join(folder, checkpoint.file) : null;
  host.send({ type: 'train', job: { config, folder, checkpoint: path, cacheFolder: options.cacheFolder } });
  return {
    pause: () => host.send({ type: 'pause' }),
    stop: () => host.send({ type: 'stop' }),
    kill: () => host.kill(),
    ended,
  };
}

/** Records until the compute process is gone, then settles the run's status. */
async function follow(
  store: Store,
  from: { run: RunRecord; host: ComputeHost; options: TrainingOptions; fromStep: number },
): Promise<RunRecord> {
  const { run, host, options } = from;
  const { logEverySteps, keepCheckpoints } = run.config.train;
  const recorder = createRecorder(store, { id: run.id, logEverySteps, keepCheckpoints });
  const beat = setInterval(() => heartbeat(store.db, run.id), heartbeatInterval);
  let segment: number | null = null;
  let outcome: Outcome | null = null;
  host.onEvent((event) => {
    if (event.type === 'ready') {
      updateRun(store.db, run.id, { backend: event.backend });
      segment = startSegment(store.db, { runId: run.id, fromStep: from.fromStep, backend: event.backend });
    }
    recorder.record(event);
    outcome = outcomeOf(event) ?? outcome;
    options.onEvent?.(event);
  });
  const exit = await host.exited;
  clearInterval(beat);
  await recorder.close();
  updateRun(store.db, run.id, outcome ?? crashed(exit));
  const ended = getRun(store.db, run.id);
  if (segment !== null) endSegment(store.db, segment, ended.step);
  releaseLease(store.db, run.id);
  return ended;
}

interface Outcome {
  readonly status: RunStatus;
  readonly error: string | null;
}

function outcomeOf(event: ComputeEvent): Outcome | null {
  if (event.type === 'failed') {
    return { status: event.cause === 'storage' ? 'paused' : 'crashed', error: event.message };
  }
  if (event.type !== 'ended') return null;
  if (event.end !== 'diverged') return { status: event.end, error: null };
  return {
    status: 'diverged',
    error: `The loss or its gradient stopped being a number at step ${event.step}. The last checkpoint is good; start a new run with a smaller optim.learningRate.`,
  };
}

function crashed({ code, signal }: ComputeExit): Outcome {
  const how = signal ? `was ended by ${signal}` : `ended with code ${code ?? 'unknown'}`;
  const advice = signal === 'SIGKILL' ? ' (the system does that when memory runs out)' : '';
  return {
    status: 'crashed',
    error: `The compute process ${how}${advice}. Resume goes on from the last checkpoint.`,
  };
}
