/** Detects changes that other processes make to the database, so that a training in a terminal shows in the window. */

import { newestLoggedStep, readMetrics } from '../store/runs/metrics.ts';
import type { Store } from '../store/store.ts';
import type { LiveEvents } from './liveEvents.ts';

/** Milliseconds between two checks. */
const interval = 1500;

export interface StoreWatch {
  /** Checks now instead of waiting. */
  check(): void;
  end(): void;
}

interface Seen {
  /** SQLite's counter of commits by other connections. */
  version: number;
  /** The newest revision of a run. */
  revision: number;
  /** Numbers of runs: all, in the trash, archived. */
  counts: string;
  /** IDs, states and places of all sweeps. */
  sweeps: string;
  /** The newest step with a metric, by run. */
  readonly steps: Map<string, number>;
}

/**
 * Watches the store. `isOwn`: whether the events of a run come from the lane of this process. `onSweeps`: another process created
 * or deleted a sweep, or changed its state.
 */
export function watchStore(
  store: Store,
  live: LiveEvents,
  { isOwn, onSweeps = () => undefined }: { isOwn: (runId: string) => boolean; onSweeps?: () => void },
): StoreWatch {
  const seen: Seen = { ...readState(store), steps: new Map() };
  const check = () => {
    const now = readState(store);
    if (now.version === seen.version) return;
    if (now.counts !== seen.counts) live.listChanged();
    if (now.sweeps !== seen.sweeps) {
      live.sweepListChanged();
      onSweeps();
    }
    const changed = listChanged(store, seen.revision);
    live.runsChanged(changed);
    for (const runId of changed) if (!isOwn(runId)) sendNewMetrics(store, live, { runId, steps: seen.steps });
    Object.assign(seen, now);
  };
  const timer = setInterval(check, interval);
  timer.unref();
  return { check, end: () => clearInterval(timer) };
}

function readState({ db }: Store): Omit<Seen, 'steps'> {
  const version = Number(db.pragma('data_version', { simple: true }));
  const counts = db.prepare('SELECT count(*), count(deleted_at), count(archived_at) FROM runs').raw().get();
  const revision = db.prepare<[], number>('SELECT value FROM newest_revision').pluck().get();
  const sweeps = db.prepare("SELECT id, state, place ->> '$.kind' FROM sweeps").raw().all();
  return {
    version,
    counts: JSON.stringify(counts),
    revision: revision ?? 0,
    sweeps: JSON.stringify(sweeps),
  };
}

function listChanged({ db }: Store, since: number): string[] {
  return db.prepare<[number], string>('SELECT id FROM runs WHERE revision > ?').pluck().all(since);
}

/** Sends new metrics, from the second check of a run on: the page has read the earlier ones itself. */
function sendNewMetrics(
  { db }: Store,
  live: LiveEvents,
  { runId, steps }: { runId: string; steps: Map<string, number> },
): void {
  const newest = newestLoggedStep(db, runId);
  const known = steps.get(runId);
  steps.set(runId, newest);
  if (known !== undefined && newest > known)
    live.metrics(runId, readMetrics(db, runId, { fromStep: known + 1 }));
}
