/** Records what a run's compute process reports until it is gone, then settles the run's status. */

import type { ComputeEvent } from '../compute/protocol.ts';
import type { BackendInfo, RunRecord } from '../../shared/run.ts';
import { listCheckpointRows } from '../store/checkpoints.ts';
import { heartbeat, releaseLease } from '../store/leases.ts';
import { getRun, updateRun } from '../store/runs.ts';
import { endSegment, startSegment } from '../store/segments.ts';
import type { Store } from '../store/store.ts';
import type { ComputeHost } from './computeHost.ts';
import { type Outcome, outcomeOf, outcomeOfExit, outcomeOfFailure } from './outcome.ts';
import { createRecorder } from './recorder.ts';
import { crashOf } from './retry.ts';

const heartbeatInterval = 5000;

export interface FollowedRun {
  /** Ends the process at once; the run then counts as interrupted. */
  kill(): void;
  /**
   * The run's record, or the crash after which the run may be started once more: nothing is settled then, and the lease is
   * kept. Rejects when the end cannot be recorded: the database is gone, or the lease with it.
   */
  readonly ended: Promise<{ readonly run: RunRecord } | { readonly crash: string }>;
}

/** What is known of a run while its process works. */
interface Progress {
  segment: number | null;
  outcome: Outcome | null;
  failure: Error | null;
}

export interface RunListener {
  /** Sees every event after it was recorded; pictures are written later. */
  readonly onEvent?: (event: ComputeEvent) => void;
  /** The preview of this step is in place. */
  readonly onPreview?: (step: number) => void;
}

/** `run` is leased by this process. Whatever happens, the process is ended and the lease given back. */
export function followRun(
  store: Store,
  from: { run: RunRecord; host: ComputeHost; fromStep: number; mayRetry: () => boolean },
  listener: RunListener = {},
): FollowedRun {
  const { host, fromStep } = from;
  const { id, config } = from.run;
  const progress: Progress = { segment: null, outcome: null, failure: null };
  const fail = (error: unknown) => {
    progress.failure ??= error instanceof Error ? error : new Error(String(error));
    host.kill();
  };
  const recorder = createRecorder(store, { id, ...config.train }, { ...listener, onPreviewError: fail });
  const beat = setInterval(() => attempt(() => heartbeat(store.db, id), fail), heartbeatInterval);
  const receive = (event: ComputeEvent) => {
    if (event.type === 'ready') progress.segment = recordBeginning(store, id, { ...event, fromStep });
    recordExecution(store, id, event);
    recorder.record(event);
    progress.outcome = outcomeOf(event) ?? progress.outcome;
    listener.onEvent?.(event);
  };
  host.onEvent((event) => {
    if (!progress.failure) attempt(() => receive(event), fail);
  });
  const finish = async () => {
    const exit = await host.exited;
    clearInterval(beat);
    await recorder.close().catch(fail);
    const crash = progress.outcome || progress.failure ? null : crashOf(exit);
    if (crash && from.mayRetry()) return { crash };
    return { run: settle(store, id, { ...progress, outcome: progress.outcome ?? outcomeOfExit(exit) }) };
  };
  return {
    kill() {
      progress.outcome ??= { status: 'interrupted', error: null };
      host.kill();
    },
    ended: finish(),
  };
}

/** @returns the key of the segment that begins here. */
function recordBeginning(
  store: Store,
  runId: string,
  from: { backend: BackendInfo; fromStep: number },
): number {
  const { backend, fromStep } = from;
  updateRun(store.db, runId, { backend });
  return startSegment(store.db, { runId, fromStep, backend });
}

/** How training steps run goes to the backend, which is known by then: a process names it before it does anything else. */
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

function settle(
  store: Store,
  runId: string,
  { segment, outcome, failure }: Progress & { outcome: Outcome },
): RunRecord {
  try {
    // Throws where the lease is lost: the run is another process's now, and its status too.
    heartbeat(store.db, runId);
    const { status, error } = failure ? outcomeOfFailure(failure) : outcome;
    // A run goes on from its newest checkpoint; one that diverged does not go on.
    const step = status === 'diverged' ? undefined : (listCheckpointRows(store.db, runId)[0]?.step ?? 0);
    updateRun(store.db, runId, { status, error, step });
    const ended = getRun(store.db, runId);
    if (segment !== null) endSegment(store.db, segment, ended.step);
    releaseLease(store.db, runId);
    return ended;
  } catch (error) {
    attempt(
      () => releaseLease(store.db, runId),
      () => undefined,
    );
    throw failure ?? error;
  }
}
