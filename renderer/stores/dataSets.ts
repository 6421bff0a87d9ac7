/** The library of data sets as the main side tells it, and how far a download or a check has come. */

import { defineStore } from 'pinia';
import { computed, shallowRef } from 'vue';
import type { DataSetEntry, DataSetProgress } from '../../shared/dataLibrary.ts';
import { listen, request } from '../api.ts';
import { useReconnect } from '../composables/useReconnect.ts';
import { useNoticesStore } from './notices.ts';

export const useDataSetsStore = defineStore('dataSets', () => {
  const notices = useNoticesStore();
  const library = createLibrary();

  /** Tells in a notice where the main side refuses. */
  async function ask(what: string, answer: Promise<DataSetEntry>) {
    try {
      library.replace(await answer);
    } catch (failure) {
      notices.fail(failure, what);
    }
  }

  listen('data.changed', library.accept);
  listen('data.progress', library.acceptProgress);
  useReconnect(() => void library.load());

  return {
    ...library,
    download: (id: string) => ask('The download could not be started', request('data.download', { id })),
    cancel: (id: string) => ask('It could not be cancelled', request('data.cancel', { id })),
    verify: (id: string) => ask('The check could not be started', request('data.verify', { id })),
  };
});

function createLibrary() {
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
    const busy = new Set(next.filter(({ state }) => isBusy(state)).map(({ id }) => id));
    progress.value = new Map([...progress.value].filter(([id]) => busy.has(id)));
  }

  function acceptProgress(next: DataSetProgress) {
    progress.value = new Map(progress.value).set(next.id, next);
  }

  /** Puts the entry in the place of its former state, or at the end. */
  function replace(entry: DataSetEntry) {
    const isKnown = entries.value.some(({ id }) => id === entry.id);
    const others = entries.value.map((other) => (other.id === entry.id ? entry : other));
    accept(isKnown ? others : [...others, entry]);
  }

  async function load() {
    try {
      accept(await request('data.list', {}));
    } catch (failure) {
      error.value = failure;
    }
  }

  const ready = computed(() => entries.value.filter(({ state }) => state === 'ready'));
  return { entries, isLoaded, error, progress, ready, accept, acceptProgress, replace, load };
}

/** Whether something is being done with a data set that tells its progress. */
function isBusy(state: DataSetEntry['state']): boolean {
  return state === 'downloading' || state === 'verifying';
}
