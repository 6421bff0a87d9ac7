/** The library of data sets as the main side tells it, and how far a download or a check has come. */

import { defineStore } from 'pinia';
import { computed, shallowRef } from 'vue';
import type { DataSetEntry, DataSetProgress } from '../../shared/dataLibrary.ts';
import { listen, request } from '../api/client.ts';
import { useReconnect } from './connection.ts';
import { createNewsGate } from './newsGate.ts';
import { useNoticesStore } from './notices.ts';

export const useDataSetsStore = defineStore('dataSets', () => {
  const notices = useNoticesStore();
  const library = createLibrary();

  /** Tells in a notice where the main side refuses. */
  async function ask(what: string, answer: Promise<DataSetEntry>) {
    try {
      await library.place(answer);
    } catch (failure) {
      notices.fail(failure, what);
    }
  }

  listen('data.changed', library.acceptNews);
  listen('data.progress', (next) => {
    library.progress.value = new Map(library.progress.value).set(next.id, next);
  });
  useReconnect(() => void library.load());

  return {
    ...library,
    ready: computed(() => library.entries.value.filter(({ state }) => state === 'ready')),
    download: (id: string) => ask('The download could not be started', request('data.download', { id })),
    cancel: (id: string) => ask('It could not be cancelled', request('data.cancel', { id })),
    verify: (id: string) => ask('The check could not be started', request('data.verify', { id })),
  };
});

function createLibrary() {
  const gate = createNewsGate();
  const entries = shallowRef<readonly DataSetEntry[]>([]);
  const isLoaded = shallowRef(false);
  /** What reading the library failed with; null where it was read. */
  const error = shallowRef<unknown>(null);
  /** By id; entries that are neither downloaded nor verified have none. */
  const progress = shallowRef<ReadonlyMap<string, DataSetProgress>>(new Map());

  function accept(next: readonly DataSetEntry[]) {
    entries.value = next;
    isLoaded.value = true;
    error.value = null;
    progress.value = progressOf(next, progress.value);
  }

  function acceptNews(next: readonly DataSetEntry[]) {
    gate.hear();
    accept(next);
  }

  /** Puts the answer of a request about one data set in the place of its former state, or at the end. */
  async function place<Entry extends DataSetEntry | null>(answer: Promise<Entry>): Promise<Entry> {
    const { value: entry, isNewest } = await gate.wait(answer);
    if (entry) accept(withEntry(entries.value, { entry, isNewest }));
    return entry;
  }

  async function load() {
    try {
      const { value, isNewest } = await gate.wait(request('data.list', {}));
      if (isNewest) accept(value);
    } catch (failure) {
      error.value = failure;
    }
  }

  return { entries, isLoaded, error, progress, acceptNews, place, load };
}

/** The progress of those that are still downloaded or verified. */
function progressOf(entries: readonly DataSetEntry[], progress: ReadonlyMap<string, DataSetProgress>) {
  const isBusy = ({ state }: DataSetEntry) => state === 'downloading' || state === 'verifying';
  const busy = new Set(entries.filter(isBusy).map(({ id }) => id));
  return new Map([...progress].filter(([id]) => busy.has(id)));
}

/** A known entry is replaced only by newer news; an unknown one is put at the end. */
function withEntry(
  entries: readonly DataSetEntry[],
  { entry, isNewest }: { readonly entry: DataSetEntry; readonly isNewest: boolean },
): readonly DataSetEntry[] {
  if (!entries.some(({ id }) => id === entry.id)) return [...entries, entry];
  return isNewest ? entries.map((old) => (old.id === entry.id ? entry : old)) : entries;
}
