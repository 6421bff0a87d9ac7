/** The queue of inpaintings: one after the other, beside the compute lane, each kept in the history from its beginning. */

import type { InpaintingEntry, InpaintingRequest } from '../../shared/inpainting.ts';
import {
  getInpainting,
  insertInpainting,
  type InpaintingQuery,
  listInpaintings,
  markDeleted,
  type StoredInpainting,
  updateInpainting,
} from '../store/inpaintings.ts';
import type { Store } from '../store/store.ts';
import { purgeInpaintings } from '../store/tidyInpaintings.ts';
import type { CreateHost } from './computeHost.ts';
import { gather } from './gather.ts';
import { type ActiveInpainting, computeInpainting } from './activeInpainting.ts';
import { planInpainting } from './inpaintingPlan.ts';
import { createWarmHost } from './warmHost.ts';

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

/** Milliseconds between two tellings of an entry. */
const tellDelay = 250;
const atRest = { phase: null, share: null, secondsLeft: null };

export function createInpaintings(resources: InpaintingResources, listener: InpaintingListener): Inpaintings {
  const { store } = resources;
  const { db } = store;
  const host = createWarmHost(resources.createHost);
  const waiting: string[] = [];
  const changed = new Set<string>();
  let active: ActiveInpainting | null = null;
  const describe = (stored: StoredInpainting): InpaintingEntry =>
    active?.id === stored.id ? { ...stored, ...active.progress() } : { ...stored, ...atRest };
  const get = (id: string) => describe(getInpainting(db, id));
  const tell = gather(tellDelay, () => {
    for (const id of changed) listener.onChange(get(id));
    changed.clear();
  });
  const tellSoon = (id: string) => {
    changed.add(id);
    tell.soon();
  };
  const advance = () => {
    const id = active ? undefined : waiting.shift();
    if (id === undefined) return;
    const begun = computeInpainting(getInpainting(db, id), {
      ...resources,
      host,
      onChange: () => tellSoon(id),
    });
    active = begun;
    void begun.ended.then(() => {
      active = null;
      tellSoon(id);
      advance();
    });
  };
  const cancel = (id: string) => {
    if (active?.id === id) active.end('cancelled');
    const place = waiting.indexOf(id);
    if (place < 0) return;
    waiting.splice(place, 1);
    updateInpainting(db, id, { status: 'cancelled' });
    tellSoon(id);
  };
  const changeList = (ids: readonly string[], isDeleted: boolean) => {
    if (isDeleted) ids.forEach(cancel);
    markDeleted(db, ids, isDeleted);
    listener.onListChange();
  };
  return {
    start(request) {
      const { id } = insertInpainting(db, planInpainting(store, request));
      waiting.push(id);
      listener.onListChange();
      advance();
      return get(id);
    },
    cancel(id) {
      cancel(id);
      return get(id);
    },
    get,
    list(query) {
      const { total, entries } = listInpaintings(db, query);
      return { total, entries: entries.map(describe) };
    },
    delete: (ids) => changeList(ids, true),
    restore: (ids) => changeList(ids, false),
    async close() {
      for (const id of waiting.splice(0)) updateInpainting(db, id, { status: 'interrupted' });
      active?.end('interrupted');
      host.close();
      await active?.ended;
      tell.end();
      purgeInpaintings(store, ({ pid }) => pid === process.pid);
    },
  };
}
