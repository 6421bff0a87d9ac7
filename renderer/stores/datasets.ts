/** The library of datasets, and the progress of downloads and checks. */

import { defineStore } from 'pinia';
import { computed, shallowRef } from 'vue';
import type { DatasetEntry, LibraryProgress } from '../../shared/dataLibrary.ts';
import { listen, request } from '../api/client.ts';
import { useReconnect } from './connection.ts';
import { createUpdateGate } from './updateGate.ts';
import { useNoticesStore } from './notices.ts';

export const useDatasetsStore = defineStore('datasets', () => {
  const notices = useNoticesStore();
  const library = createLibrary();

  /** Shows a notice if the main side refuses. */
  async function applyAnswer(what: string, answer: Promise<DatasetEntry>) {
    try {
      await library.place(answer);
    } catch (failure) {
      notices.fail(failure, what);
    }
  }

  listen('data.changed', library.acceptEvent);
  listen('data.progress', (next) => {
    library.progress.value = new Map(library.progress.value).set(next.id, next);
  });
  useReconnect(() => void library.load());

  return {
    ...library,
    ready: computed(() => library.entries.value.filter(({ state }) => state === 'ready')),
    download: (id: string) =>
      applyAnswer('The download could not be started', request('data.download', { id })),
    cancel: (id: string) => applyAnswer('It could not be cancelled', request('data.cancel', { id })),
    verify: (id: string) => applyAnswer('The check could not be started', request('data.verify', { id })),
  };
});

function createLibrary() {
  const gate = createUpdateGate();
  const entries = shallowRef<readonly DatasetEntry[]>([]);
  const isLoaded = shallowRef(false);
  /** The error of reading the library; null if it succeeded. */
  const error = shallowRef<unknown>(null);
  /** Progress by ID; only for datasets that are being downloaded or verified. */
  const progress = shallowRef<ReadonlyMap<string, LibraryProgress>>(new Map());

  function accept(next: readonly DatasetEntry[]) {
    entries.value = next;
    isLoaded.value = true;
    error.value = null;
    progress.value = progressOf(next, progress.value);
  }

  function acceptEvent(next: readonly DatasetEntry[]) {
    gate.countEvent();
    accept(next);
  }

  /** Replaces one dataset by the response of a request, or appends it. */
  async function place<Entry extends DatasetEntry | null>(answer: Promise<Entry>): Promise<Entry> {
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

  return { entries, isLoaded, error, progress, acceptEvent, place, load };
}

/** Keeps the progress of datasets that are still being downloaded or verified. */
function progressOf(entries: readonly DatasetEntry[], progress: ReadonlyMap<string, LibraryProgress>) {
  const isBusy = ({ state }: DatasetEntry) => state === 'downloading' || state === 'verifying';
  const busy = new Set(entries.filter(isBusy).map(({ id }) => id));
  return new Map([...progress].filter(([id]) => busy.has(id)));
}

/** Replaces a known entry unless an event has overtaken the response; appends an unknown one. */
function withEntry(
  entries: readonly DatasetEntry[],
  { entry, isNewest }: { readonly entry: DatasetEntry; readonly isNewest: boolean },
): readonly DatasetEntry[] {
  if (!entries.some(({ id }) => id === entry.id)) return [...entries, entry];
  return isNewest ? entries.map((old) => (old.id === entry.id ? entry : old)) : entries;
}
