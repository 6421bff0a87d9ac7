/** The queue of inpaintings: one after the other, beside the compute lane, each kept in the history from its beginning. */

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
import { throttle } from '../throttle.ts';
import { type ActiveInpainting, computeInpainting } from './activeInpainting.ts';
import { planInpainting } from './inpaintingPlan.ts';
import { createWarmHost, type WarmHost } from './warmHost.ts';

export interface InpaintingListener {
  /** At most four times a second each. */
  onChange(entry: InpaintingEntry): void;
  /** Entries appeared or disappeared. */
  onListChange(): void;
}

export interface InpaintingResources {
  readonly store: Store;
  readonly createHost: CreateHost;
  /** The program's, for the results' provenance. */
  readonly version: string;
}

export interface Inpaintings {
  /** @throws Error when picture, mask or run are not there or do not fit, or the run has no checkpoint. */
  start(request: InpaintingRequest): InpaintingEntry;
  /** Nothing happens to one that has ended. @throws UnknownEntryError when there is none. */
  cancel(id: string): InpaintingEntry;
  /** @throws UnknownEntryError when there is none. */
  get(id: string): InpaintingEntry;
  list(query: InpaintingQuery): { readonly total: number; readonly entries: readonly InpaintingEntry[] };
  /** Out of the history; what waits or is computed is cancelled. */
  delete(ids: readonly string[]): void;
  /** Back into it, until the application ends. */
  restore(ids: readonly string[]): void;
  /** Ends what is computed at once, as interrupted, and purges what was deleted here. */
  close(): Promise<void>;
}

interface Queue extends InpaintingResources {
  readonly host: WarmHost;
  readonly listener: InpaintingListener;
  /** Ids, in the order they will be computed. */
  readonly waiting: string[];
  active: ActiveInpainting | null;
  /** Tells this entry soon. */
  tell(id: string): void;
}

/** Milliseconds between two tellings of an entry. */
const tellDelay = 250;
const atRest = { phase: null, share: null, secondsLeft: null };

export function createInpaintings(resources: InpaintingResources, listener: InpaintingListener): Inpaintings {
  const { db } = resources.store;
  const changed = new Set<string>();
  const get = (id: string) => describe(queue, getInpainting(db, id));
  const telling = throttle(tellDelay, () => {
    const entries = [...changed].flatMap((id) => findInpainting(db, id) ?? []);
    for (const entry of entries) listener.onChange(describe(queue, entry));
    changed.clear();
  });
  const tell = (id: string) => {
    changed.add(id);
    telling.schedule();
  };
  const host = createWarmHost(resources.createHost);
  const queue: Queue = { ...resources, host, listener, waiting: [], active: null, tell };
  let closing: Promise<void> | null = null;
  return {
    start: (request) => get(start(queue, request)),
    cancel(id) {
      cancel(queue, id);
      return get(id);
    },
    get,
    list(query) {
      const { total, entries } = listInpaintings(db, query);
      return { total, entries: entries.map((entry) => describe(queue, entry)) };
    },
    delete(ids) {
      for (const id of ids) cancel(queue, id);
      changeList(queue, ids, true);
    },
    restore: (ids) => changeList(queue, ids, false),
    close: () => (closing ??= closeQueue(queue, telling.close)),
  };
}

function describe({ active }: Queue, stored: StoredInpainting): InpaintingEntry {
  return { ...stored, ...(active?.id === stored.id ? active.progress() : atRest) };
}

/** @returns the new entry's id. */
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
  const { store, host, version, tell } = queue;
  const entry = getInpainting(store.db, id);
  const active = computeInpainting(entry, { store, host, version, onChange: () => tell(id) });
  queue.active = active;
  void active.ended.then(() => {
    queue.active = null;
    tell(id);
    advance(queue);
  });
}

function cancel({ active, waiting, store, tell }: Queue, id: string): void {
  if (active?.id === id) active.end('cancelled');
  const place = waiting.indexOf(id);
  if (place < 0) return;
  waiting.splice(place, 1);
  updateInpainting(store.db, id, { status: 'cancelled' });
  tell(id);
}

function changeList({ store, listener }: Queue, ids: readonly string[], isDeleted: boolean): void {
  markDeleted(store.db, ids, isDeleted);
  listener.onListChange();
}

async function closeQueue({ store, host, waiting, active }: Queue, tellLast: () => void): Promise<void> {
  active?.end('interrupted');
  host.close();
  for (const id of waiting.splice(0)) updateInpainting(store.db, id, { status: 'interrupted' });
  await active?.ended;
  tellLast();
  purgeInpaintings(store, ({ pid }) => pid === process.pid);
}
