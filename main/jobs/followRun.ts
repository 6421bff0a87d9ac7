/** Records the events of a run's compute process until it exits, then settles the run's status. */

import { describeError } from '../../shared/text/describeError.ts';
import type { RunConfig } from '../../shared/config/config.ts';
import { dataSourceTraits, parseDataSource } from '../../shared/dataset.ts';
import type { MetricPoint } from '../../shared/metric.ts';
import type { BackendInfo, RunRecord, RunStatus } from '../../shared/run.ts';
import type { ComputeEvent } from '../compute/protocol.ts';
import { listCheckpointRows } from '../store/runs/checkpoints.ts';
import { heartbeat, isGivenUp, releaseLease } from '../store/runs/leases.ts';
import { getRun, updateRun } from '../store/runs/runs.ts';
import { endSegment, startSegment } from '../store/runs/segments.ts';
import type { Store } from '../store/store.ts';
import { type ComputeExit, type ComputeHost, describeCrash, retriedEvent } from './computeHost.ts';
import { type GpuWatch, startNvidiaSmi, watchGpu } from './gpuWatch.ts';
import { createRecorder } from './recorder.ts';
import { createRunLogger } from './runLogger.ts';

/** Milliseconds between two signs of life of the lease. */
const heartbeatInterval = 5000;

export interface FollowedRun {
  /** Ends the process at once; the run is then interrupted. */
  kill(): void;
  /**
   * The run's final record, or the crash after which it may be started once more: then nothing is settled, and the lease is
   * kept. Rejects if the end cannot be recorded, because the database or the lease is lost.
   */
  readonly ended: Promise<{ readonly run: RunRecord } | { readonly crash: string }>;
}

/** A run could not be started; its state is unchanged. */
export class NotStartedError extends Error {
  /** The reason alone, without advice on how to continue the run. */
  readonly reason: string;

  constructor(message: string, reason: string) {
    super(message);
    this.name = 'NotStartedError';
    this.reason = reason;
  }
}

/** What is known about a run while its process works. */
interface Progress {
  backend: BackendInfo | null;
  /** null until training has started; until then the run's row is unchanged. */
  segment: number | null;
  outcome: Outcome | null;
  failure: Error | null;
}

export interface RunListener {
  /** Receives every event after it was recorded; previews are written later. */
  readonly onEvent?: (event: ComputeEvent) => void;
  /** Receives the metrics after they were stored. */
  readonly onMetrics?: (points: readonly MetricPoint[]) => void;
  /** The preview of this step was written. */
  readonly onPreview?: (step: number) => void;
}

export interface FollowedFrom {
  /** The record before it starts. */
  readonly run: RunRecord;
  readonly config: RunConfig;
  readonly host: ComputeHost;
  readonly fromStep: number;
  /** Called when training starts, before anything is recorded. */
  readonly onStart: () => void;
  /** Whether the run may be started once more if this process crashes. */
  readonly mayRetry: () => boolean;
}

/** Follows a run that this process holds the lease of; at the end the lease is released in any case. */
export function followRun(store: Store, from: FollowedFrom, listener: RunListener = {}): FollowedRun {
  const { host, fromStep, config, onStart } = from;
  const { id } = from.run;
  const progress: Progress = { backend: null, segment: null, outcome: null, failure: null };
  const fail = (error: unknown) => {
    progress.failure ??= error instanceof Error ? error : new Error(String(error));
    host.kill();
  };
  let gpu: GpuWatch | null = null;
  const recorder = createRecorder(
    store,
    { id, ...config.train },
    { ...listener, onPreviewError: fail, readGpu: () => gpu?.latest() ?? null },
  );
  const log = createRunLogger(store, id, fromStep);
  const beat = setInterval(() => attempt(() => heartbeat(store.db, id), fail), heartbeatInterval);
  const receive = (event: ComputeEvent) => {
    if (event.type === 'ready') progress.backend = event.backend;
    if (event.type === 'started') {
      onStart();
      progress.segment = recordBeginning(store, id, { backend: progress.backend, fromStep });
      if (progress.backend?.device === 'GPU') gpu ??= watchGpu(() => startNvidiaSmi(host.card));
    }
    recordExecution(store, id, event);
    recorder.record(event);
    log.record(event);
    recordRefusal(store, id, event);
    progress.outcome = outcomeOf(event, () => newestStep(store, id)) ?? progress.outcome;
    listener.onEvent?.(event);
  };
  host.onEvent((event) => {
    if (!progress.failure) attempt(() => receive(event), fail);
  });
  const finish = async () => {
    const exit = await host.exited;
    clearInterval(beat);
    gpu?.close();
    await recorder.close().catch(fail);
    const crash = progress.outcome || progress.failure ? null : describeCrash(exit);
    if (crash && from.mayRetry()) {
      attempt(
        () => log.crash(retriedEvent(crash).message),
        () => undefined,
      );
      return { crash };
    }
    const outcome = progress.outcome ?? outcomeOfExit(exit, newestStep(store, id));
    const run =
      progress.segment === null
        ? settleUnstarted(store, from.run, { ...progress, outcome })
        : settle(store, id, { ...progress, outcome });
    attempt(
      () => log.settle(run),
      () => undefined,
    );
    return { run };
  };
  return {
    kill() {
      progress.outcome ??= { status: 'interrupted', error: null };
      host.kill();
    },
    ended: finish(),
  };
}

/** Returns the key of the segment that starts here. */
function recordBeginning(
  store: Store,
  runId: string,
  { backend, fromStep }: { backend: BackendInfo | null; fromStep: number },
): number {
  if (!backend)
    throw new Error('The compute process started without naming its backend. Start the run again.');
  updateRun(store.db, runId, { backend, status: 'running', error: null });
  return startSegment(store.db, { runId, fromStep, backend });
}

/** Remembers changed images, so that the user can decide to continue with them. */
function recordRefusal(store: Store, runId: string, event: ComputeEvent): void {
  if (event.type !== 'failed' || !event.refused) return;
  const { dataset } = getRun(store.db, runId);
  if (dataset) updateRun(store.db, runId, { dataset: { ...dataset, refused: event.refused } });
}

function newestStep(store: Store, runId: string): number | null {
  return listCheckpointRows(store.db, runId).at(0)?.step ?? null;
}

/** Adds how training steps run to the run's backend, which the process reports before anything else. */
function recordExecution(store: Store, runId: string, event: ComputeEvent): void {
  if (event.type !== 'execution' || event.what !== 'training step') return;
  const { backend } = getRun(store.db, runId);
  if (backend) updateRun(store.db, runId, { backend: { ...backend, execution: event.kind } });
}

function attempt(work: () => void, onError: (error: unknown) => void): void {
  try {
    work();
  } catch (error) {
    onError(error);
  }
}

/**
 * Settles a run that never started. It keeps its status, with the reason unless it is finished; a run that was queued, or
 * running when its process crashed, takes the status that its process ended with.
 */
function settleUnstarted(
  store: Store,
  run: RunRecord,
  { outcome, failure }: Progress & { outcome: Outcome },
): RunRecord {
  try {
    heartbeat(store.db, run.id);
    const { status, error, precondition } = failure ? outcomeOfFailure(failure) : outcome;
    const keepsStatus = precondition !== undefined || !['queued', 'running'].includes(run.status);
    const reason = precondition ? explainPrecondition(run, { error, precondition }) : error;
    recordUnstarted(store, run, { status: keepsStatus ? null : status, error: reason });
    releaseLease(store.db, run.id);
    if (reason !== null && keepsStatus) throw new NotStartedError(reason, error ?? reason);
    return getRun(store.db, run.id);
  } catch (error) {
    attempt(
      () => releaseLease(store.db, run.id),
      () => undefined,
    );
    throw failure ?? error;
  }
}

/** `status`: null keeps the run's own, or marks a running one as interrupted. A finished run is not changed. */
function recordUnstarted(
  store: Store,
  run: RunRecord,
  { status, error }: { status: RunStatus | null; error: string | null },
): void {
  if (run.status === 'running') {
    const step = newestStep(store, run.id) ?? 0;
    updateRun(store.db, run.id, { status: status ?? 'interrupted', error, step });
  } else if (run.status !== 'finished') {
    updateRun(store.db, run.id, { status: status ?? run.status, error });
  }
}

/** Adds the possible next steps to the reason. */
function explainPrecondition(
  { id, config }: RunRecord,
  { error, precondition }: { error: string | null; precondition: NonNullable<Outcome['precondition']> },
): string {
  const command = `lab resume ${id}`;
  if (precondition === 'changed data')
    return `${error} Restore the images, choose where they are now (${command} --data SOURCE), or continue with the changed ones (${command} --accept-changed-data).`;
  const { kind } = parseDataSource(config.data.source);
  const hasPlace = precondition === 'data' && dataSourceTraits[kind].argument === 'path';
  return hasPlace
    ? `${error} If the images are in another place now: ${command} --data SOURCE, or “Locate data…” on the run’s page.`
    : `${error}`;
}

function settle(
  store: Store,
  runId: string,
  { segment, outcome, failure }: Progress & { outcome: Outcome },
): RunRecord {
  const record = () => {
    const { status, error } = failure ? outcomeOfFailure(failure) : outcome;
    // A run resumes from its newest checkpoint; a diverged one does not resume.
    const step = status === 'diverged' ? undefined : (newestStep(store, runId) ?? 0);
    updateRun(store.db, runId, { status, error, step });
    const ended = getRun(store.db, runId);
    if (segment !== null) endSegment(store.db, segment, ended.step);
    releaseLease(store.db, runId);
    return ended;
  };
  try {
    // Throws if the lease is lost: then another process owns the run and its status.
    heartbeat(store.db, runId);
    return record();
  } catch (error) {
    attempt(
      () => releaseLease(store.db, runId),
      () => settleLater(store, runId, record),
    );
    throw failure ?? error;
  }
}

/** Records the end of a run as soon as the database can be written again, unless the run was continued meanwhile. */
function settleLater({ db }: Store, runId: string, record: () => void): void {
  const timer = setInterval(() => {
    if (!db.open || !isGivenUp(runId)) clearInterval(timer);
    else
      attempt(
        () => {
          record();
          clearInterval(timer);
        },
        () => undefined,
      );
  }, heartbeatInterval);
  timer.unref();
}

interface Outcome {
  readonly status: RunStatus;
  /** The problem and the next step; null if there was none. */
  readonly error: string | null;
  /** A precondition of the first step is not met; the run itself did not fail. */
  readonly precondition?: 'data' | 'changed data' | 'other';
}

/** Returns the outcome that an event announces; null for most events. `checkpoint`: step of the newest checkpoint. */
function outcomeOf(event: ComputeEvent, checkpoint: () => number | null): Outcome | null {
  if (event.type === 'failed') {
    const status = event.cause === 'storage' || event.cause === 'device' ? 'paused' : 'crashed';
    return { status, error: event.message, precondition: preconditionOf(event) };
  }
  if (event.type !== 'ended') return null;
  if (event.end !== 'diverged') return { status: event.end, error: null };
  const kept =
    checkpoint() === null ? 'No checkpoint was written before it' : 'Checkpoints written before it are good';
  return {
    status: 'diverged',
    error: `The loss or its gradient stopped being a number at step ${event.step}. ${kept}; start a new run with a smaller learning rate (optim.learningRate).`,
  };
}

function preconditionOf({
  cause,
  refused,
}: Extract<ComputeEvent, { type: 'failed' }>): Outcome['precondition'] {
  if (cause === 'precondition') return 'other';
  if (cause === 'data') return refused ? 'changed data' : 'data';
  return undefined;
}

/** Returns the outcome of a process that exited without reporting one. `checkpoint`: step of the newest checkpoint. */
function outcomeOfExit({ code, signal }: ComputeExit, checkpoint: number | null): Outcome {
  const how = signal ? `was ended by ${signal}` : `ended with code ${code ?? 'unknown'}`;
  const advice = signal === 'SIGKILL' ? ' (the system does that when memory runs out)' : '';
  const next =
    checkpoint === null
      ? 'There is no checkpoint yet: resuming starts again from step 0.'
      : `Resuming continues from the checkpoint of step ${checkpoint}.`;
  return { status: 'crashed', error: `The compute process ${how}${advice}. ${next}` };
}

/** Returns the outcome if the parent could not record what the process reported. */
function outcomeOfFailure(failure: Error): Outcome {
  return {
    status: 'paused',
    error: `Recording failed: ${describeError(failure)} Training stopped there; check the disk and its free space, then resume.`,
  };
}
