/** The queue of inpaintings: they run one after the other, next to the compute lane, and are in the history from the start. */

import type { InpaintingPage } from '../../../shared/contract/inpainting.ts';
import type { InpaintingEntry, InpaintingRequest } from '../../../shared/inpainting.ts';
import {
  findInpainting,
  getInpainting,
  insertInpainting,
  type InpaintingQuery,
  listInpaintings,
  markDeleted,
  type StoredInpainting,
  updateInpainting,
} from '../../store/inpaintings/inpaintings.ts';
import type { Store } from '../../store/store.ts';
import { purgeInpaintings } from '../../store/inpaintings/tidyInpaintings.ts';
import type { CreateHost } from '../computeHost.ts';
import { getRun } from '../../store/runs/runs.ts';
import { requireCheckpoint } from '../runCheckpoint.ts';
import { throttle } from '../throttle.ts';
import { type ActiveInpainting, computeInpainting } from './activeInpainting.ts';
import { planInpainting } from './inpaintingPlan.ts';
import { createWarmHost, type WarmHost } from './warmHost.ts';

export interface InpaintingListener {
  /** Called at most four times a second for each entry. */
  onChange(entry: InpaintingEntry): void;
  /** Entries were added or removed. */
  onListChange(): void;
}

export interface InpaintingResources {
  readonly store: Store;
  readonly createHost: CreateHost;
  /** Version of the program, for the provenance of the results. */
  readonly version: string;
}

export interface Inpaintings {
  /** @throws Error if image, mask or run are missing or do not fit, or the run has no checkpoint. */
  start(request: InpaintingRequest): InpaintingEntry;
  /**
   * Starts the process of the inpaintings, with a run loaded if one is named, so that the next one begins at once.
   * @throws Error if the run has no checkpoint.
   */
  prepare(runId: string | undefined): void;
  /** Has no effect on a finished entry. @throws UnknownEntryError if there is none. */
  cancel(id: string): InpaintingEntry;
  /** @throws UnknownEntryError if there is none. */
  get(id: string): InpaintingEntry;
  list(query: InpaintingQuery): InpaintingPage;
  /** Removes entries from the history; waiting and active ones are cancelled. */
  delete(ids: readonly string[]): void;
  /** Restores deleted entries; possible until the application ends. */
  restore(ids: readonly string[]): void;
  /** Interrupts the active entry at once, and purges the entries that were deleted in this session. */
  close(): Promise<void>;
}

interface Queue extends InpaintingResources {
  readonly host: WarmHost;
  readonly listener: InpaintingListener;
  /** Ids, in the order they will be computed. */
  readonly waiting: string[];
  active: ActiveInpainting | null;
  /** Reports a change of this entry soon. */
  report(id: string): void;
}

/** Milliseconds between two reports of an entry. */
const reportDelay = 250;
const idle = { phase: null, fraction: null, secondsLeft: null, filled: 0 };

export function createInpaintings(resources: InpaintingResources, listener: InpaintingListener): Inpaintings {
  const { db } = resources.store;
  const changed = new Set<string>();
  const get = (id: string) => describe(queue, getInpainting(db, id));
  const reports = throttle(reportDelay, () => {
    const entries = [...changed].flatMap((id) => findInpainting(db, id) ?? []);
    for (const entry of entries) listener.onChange(describe(queue, entry));
    changed.clear();
  });
  const report = (id: string) => {
    changed.add(id);
    reports.schedule();
  };
  const host = createWarmHost(resources.createHost);
  const queue: Queue = { ...resources, host, listener, waiting: [], active: null, report };
  let closing: Promise<void> | null = null;
  return {
    start: (request) => get(start(queue, request)),
    prepare(runId) {
      if (queue.active || closing) return;
      const { store } = resources;
      const run = runId === undefined ? null : getRun(store.db, runId);
      host.prepare(run && requireCheckpoint(store, run, 'an inpainting').path);
    },
    cancel(id) {
      cancel(queue, id);
      return get(id);
    },
    get,
    list(query) {
      const { entries, ...page } = listInpaintings(db, query);
      return { ...page, entries: entries.map((entry) => describe(queue, entry)) };
    },
    delete(ids) {
      for (const id of ids) cancel(queue, id);
      changeList(queue, ids, true);
    },
    restore: (ids) => changeList(queue, ids, false),
    close: () => (closing ??= closeQueue(queue, reports.close)),
  };
}

function describe({ active }: Queue, stored: StoredInpainting): InpaintingEntry {
  return { ...stored, ...(active?.id === stored.id ? active.progress() : idle) };
}

/** Returns the id of the new entry. */
function start(queue: Queue, request: InpaintingRequest): string {
  const { id } = insertInpainting(queue.store.db, planInpainting(queue.store, request));
  queue.waiting.push(id);
  queue.listener.onListChange();
  advance(queue);
  return id;
}

function advance(queue: Queue): void {
  const id = queue.active ? undefined : queue.waiting.shift();
  if (id === undefined) return;
  const { store, host, version, report } = queue;
  const entry = getInpainting(store.db, id);
  const active = computeInpainting(entry, { store, host, version, onChange: () => report(id) });
  queue.active = active;
  void active.ended.then(() => {
    queue.active = null;
    report(id);
    advance(queue);
  });
}

function cancel({ active, waiting, store, report }: Queue, id: string): void {
  if (active?.id === id) active.end('cancelled');
  const place = waiting.indexOf(id);
  if (place < 0) return;
  waiting.splice(place, 1);
  updateInpainting(store.db, id, { status: 'cancelled' });
  report(id);
}

function changeList({ store, listener }: Queue, ids: readonly string[], isDeleted: boolean): void {
  markDeleted(store.db, ids, isDeleted);
  listener.onListChange();
}

async function closeQueue({ store, host, waiting, active }: Queue, reportLast: () => void): Promise<void> {
  active?.end('interrupted');
  host.close();
  for (const id of waiting.splice(0)) updateInpainting(store.db, id, { status: 'interrupted' });
  await active?.ended;
  reportLast();
  purgeInpaintings(store, ({ pid }) => pid === process.pid);
}
