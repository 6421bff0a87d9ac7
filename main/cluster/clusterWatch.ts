/**
 * Watches the sweeps that clusters compute: asks each cluster how its sweep is doing, imports runs as soon as they are there, and
 * remembers the newest answers for the page. One question at a time, less often while nothing happens or the cluster is out of reach.
 */

import type {
  ClusterReport,
  ClusterTask,
  ClusterView,
  ClusterWork,
  Collection,
  SlurmOptions,
} from '../../shared/sweep/slurm.ts';
import type { SweepRecord } from '../../shared/sweep/sweep.ts';
import { describeError } from '../../shared/text/describeError.ts';
import { findSweepById, getSweep, listSweeps } from '../store/sweeps.ts';
import { cancelSweep, type ClusterTools, collectSweep, submitAgain, submitSweep } from './clusterSweeps.ts';

export interface ClusterListener {
  /** What is known of a sweep on a cluster changed, or what is being done with it. */
  onChange(sweepId: string): void;
  /** Runs were imported. */
  onImported(sweepId: string): void;
  /** A sweep has finished, or nothing of it is left to compute although not all runs are done. */
  onEnd(sweep: SweepRecord): void;
}

export interface ClusterWatch {
  /** Returns what is known. If that is nothing yet, the cluster is asked. @throws UnknownSweepError. */
  view(id: string): ClusterView;
  /** Returns the tasks of a sweep as they last were; null if nothing is known of them. */
  tasksOf(id: string): readonly ClusterTask[] | null;
  /** Each waits until earlier work on the same sweep has ended. @throws Error that says what the cluster refused. */
  submit(id: string, options: SlurmOptions): Promise<ClusterReport>;
  retry(id: string, options?: SlurmOptions): Promise<ClusterReport>;
  cancel(id: string): Promise<ClusterReport>;
  /** Asks the cluster now and imports what has finished. */
  collect(id: string): Promise<Collection>;
  /** Begins to watch sweeps that were submitted by another process or before this one. */
  discover(): void;
  /** Asks nothing more. Work that is under way changes nothing in the store any more. */
  close(): void;
}

/** Milliseconds until a cluster is asked again: after something happened, and the longest wait while nothing happens. */
const shortestWait = 10_000;
const longestWait = 120_000;
/** Factor between two waits in which nothing happens. */
const patience = 1.5;
/** Milliseconds until a cluster that could not be asked is tried again, first and at most. */
const firstRetry = 30_000;
const longestRetry = 600_000;

export function createClusterWatch(tools: ClusterTools, listener: ClusterListener): ClusterWatch {
  const watch: Watch = {
    tools,
    listener,
    entries: new Map(),
    questions: Promise.resolve(),
    isClosed: false,
  };
  return {
    view(id) {
      const { place, state } = getSweep(tools.store.db, id);
      const entry = entryOf(watch, id);
      const isUnknown = entry.view.report === null && entry.view.problem === null && !isBusy(entry);
      if (place.kind === 'slurm' && state !== 'finished' && isUnknown) ask(watch, id);
      return entry.view;
    },
    tasksOf: (id) => watch.entries.get(id)?.view.report?.tasks ?? null,
    submit: (id, options) => perform(watch, { id, kind: 'submit' }, () => submitSweep(tools, id, options)),
    retry: (id, options) => perform(watch, { id, kind: 'retry' }, () => submitAgain(tools, id, options)),
    cancel: (id) => perform(watch, { id, kind: 'cancel' }, () => cancelSweep(tools, id)),
    collect: (id) => collect(watch, id),
    discover() {
      for (const { id, place, state } of listSweeps(tools.store.db))
        if (place.kind === 'slurm' && state === 'running' && !isBusy(entryOf(watch, id))) ask(watch, id);
    },
    close() {
      watch.isClosed = true;
      watch.entries.forEach(cancelPlan);
    },
  };
}

/** What is known of one sweep. */
interface Entry {
  view: ClusterView;
  /** Work on this sweep, one after the other. */
  queue: Promise<unknown>;
  timer: NodeJS.Timeout | null;
  /** Whether it waits for its turn to be asked about. */
  isInTurn: boolean;
  /** Milliseconds of the present wait. */
  wait: number;
  /** Consecutive questions without an answer, or with run files that could not be imported. */
  failures: number;
}

interface Watch {
  readonly tools: ClusterTools;
  readonly listener: ClusterListener;
  readonly entries: Map<string, Entry>;
  /** Questions that were asked without a request, one after the other. */
  questions: Promise<unknown>;
  isClosed: boolean;
}

function entryOf({ entries }: Watch, id: string): Entry {
  const known = entries.get(id);
  if (known) return known;
  const made: Entry = {
    view: { id, report: null, answeredAt: null, problem: null, refused: [], work: null, nextAt: null },
    queue: Promise.resolve(),
    timer: null,
    isInTurn: false,
    wait: shortestWait,
    failures: 0,
  };
  entries.set(id, made);
  return made;
}

/** Whether the sweep is being asked about, or will be. */
function isBusy({ view, timer, isInTurn }: Entry): boolean {
  return view.work !== null || timer !== null || isInTurn;
}

/** Asks about a sweep as soon as no other question is under way. */
function ask(watch: Watch, id: string): void {
  const entry = entryOf(watch, id);
  entry.isInTurn = true;
  watch.questions = watch.questions.then(async () => {
    entry.isInTurn = false;
    if (watch.isClosed || !findSweepById(watch.tools.store.db, id)) return;
    // What failed is shown with the sweep, and the question is asked again.
    await collect(watch, id).catch(() => undefined);
  });
}

function collect(watch: Watch, id: string): Promise<Collection> {
  const { tools, listener } = watch;
  return perform(watch, { id, kind: 'collect' }, async () => {
    const before = getSweep(tools.store.db, id).state;
    const collection = await collectSweep(tools, id, () => !watch.isClosed);
    const after = findSweepById(tools.store.db, id);
    const hasEnded = after?.state === 'finished' || after?.state === 'paused';
    if (!watch.isClosed && before === 'running' && hasEnded) listener.onEnd(after);
    return collection;
  });
}

/** Does something with a sweep once its earlier work has ended, and plans the next question. */
function perform<Result extends ClusterReport>(
  watch: Watch,
  { id, kind }: { readonly id: string; readonly kind: ClusterWork },
  work: () => Promise<Result>,
): Promise<Result> {
  const entry = entryOf(watch, id);
  const result = entry.queue.then(async () => {
    cancelPlan(entry);
    change(watch, entry, { work: kind, nextAt: null });
    try {
      const answer = await work();
      accept(watch, entry, answer);
      return answer;
    } catch (error) {
      entry.failures += 1;
      entry.view = { ...entry.view, problem: describeError(error) };
      throw error;
    } finally {
      change(watch, entry, { work: null, nextAt: plan(watch, entry) });
    }
  });
  entry.queue = result.catch(() => undefined);
  return result;
}

function change({ isClosed, listener }: Watch, entry: Entry, patch: Partial<ClusterView>): void {
  if (isClosed) return;
  entry.view = { ...entry.view, ...patch };
  listener.onChange(entry.view.id);
}

function accept({ isClosed, listener }: Watch, entry: Entry, answer: ClusterReport): void {
  const { report: before } = entry.view;
  const { imported, refused, ...report } = { imported: [], refused: [], ...answer };
  const hasChanged = !before || describeStates(before) !== describeStates(report) || imported.length > 0;
  entry.wait = hasChanged ? shortestWait : Math.min(longestWait, entry.wait * patience);
  entry.failures = refused.length > 0 ? entry.failures + 1 : 0;
  const answeredAt = new Date().toISOString();
  entry.view = { ...entry.view, report, answeredAt, problem: null, refused };
  if (!isClosed && imported.length > 0) listener.onImported(entry.view.id);
}

function cancelPlan(entry: Entry): void {
  if (entry.timer) clearTimeout(entry.timer);
  entry.timer = null;
}

/** Plans the next question, as long as its answer may be new. Returns when it will be asked; null: it will not. */
function plan(watch: Watch, entry: Entry): string | null {
  const { id } = entry.view;
  const sweep = watch.isClosed ? null : findSweepById(watch.tools.store.db, id);
  if (!sweep) watch.entries.delete(id);
  if (!sweep || !isWatched(sweep, entry.view)) return null;
  const { failures, wait } = entry;
  const delay = failures > 0 ? Math.min(longestRetry, firstRetry * 2 ** (failures - 1)) : wait;
  entry.timer = setTimeout(() => {
    entry.timer = null;
    ask(watch, id);
  }, delay);
  entry.timer.unref();
  return new Date(Date.now() + delay).toISOString();
}

/** The part of a report whose change means that something happened: not the steps, which always change. */
function describeStates({ tasks, messages }: ClusterReport): string {
  return JSON.stringify([tasks.map(({ status, scores }) => [status, scores.length]), messages]);
}

/** Whether a sweep may change by itself: it is not over, or its tasks are still writing their checkpoints. */
function isWatched({ place, state }: SweepRecord, { report, refused, problem }: ClusterView): boolean {
  if (place.kind !== 'slurm') return false;
  if (state === 'running') return true;
  if (state === 'finished' || state === 'idle') return false;
  return report?.living !== 0 || refused.length > 0 || problem !== null;
}
