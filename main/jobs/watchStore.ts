/** Notices what other processes change in the database: a training started in a terminal shows in the window. */

import { newestLoggedStep, readMetrics } from '../store/runs/metrics.ts';
import type { Store } from '../store/store.ts';
import type { LiveEvents } from './liveEvents.ts';

/** Milliseconds between two looks. */
const interval = 1500;

export interface StoreWatch {
  /** Looks now instead of waiting. */
  look(): void;
  end(): void;
}

interface Seen {
  /** SQLite's own count of commits by other connections. */
  version: number;
  updatedAt: string;
  /** Rows, and how many of them are in the trash and archived. */
  counts: string;
  /** Newest step with a metric, by run. */
  readonly steps: Map<string, number>;
}

/** `isOwn`: runs whose events come from this process's own lane. */
export function watchStore(store: Store, live: LiveEvents, isOwn: (runId: string) => boolean): StoreWatch {
  const seen: Seen = { ...readState(store), steps: new Map() };
  const look = () => {
    const now = readState(store);
    if (now.version === seen.version) return;
    if (now.counts !== seen.counts) live.listChanged();
    const changed = listChanged(store, seen.updatedAt);
    live.runsChanged(changed);
    for (const runId of changed) if (!isOwn(runId)) tellMetrics(store, live, { runId, steps: seen.steps });
    Object.assign(seen, now);
  };
  const timer = setInterval(look, interval);
  timer.unref();
  return { look, end: () => clearInterval(timer) };
}

function readState({ db }: Store): Omit<Seen, 'steps'> {
  const version = Number(db.pragma('data_version', { simple: true }));
  const counts = db.prepare('SELECT count(*), count(deleted_at), count(archived_at) FROM runs').raw().get();
  const updatedAt = db.prepare<[], string | null>('SELECT max(updated_at) FROM runs').pluck().get();
  return { version, counts: JSON.stringify(counts), updatedAt: updatedAt ?? '' };
}

function listChanged({ db }: Store, since: string): string[] {
  return db.prepare<[string], string>('SELECT id FROM runs WHERE updated_at > ?').pluck().all(since);
}

/** From the second look at a run on: what was there at the first, the page has read itself. */
function tellMetrics(
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
