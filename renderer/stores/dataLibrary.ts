/** The data sets the application knows, and how far each download or check has come. */

import { defineStore } from 'pinia';
import { shallowRef } from 'vue';
import type { DataSetEntry, DataSetProgress } from '../../shared/dataLibrary.ts';
import { listen, request } from '../api.ts';
import { useReconnect } from '../composables/useReconnect.ts';

export const useDataLibraryStore = defineStore('dataLibrary', () => {
  const entries = shallowRef<readonly DataSetEntry[]>([]);
  const isLoaded = shallowRef(false);
  /** Why the list could not be read; null: it could. */
  const fault = shallowRef<unknown>(null);
  const progress = shallowRef<Readonly<Record<string, DataSetProgress>>>({});

  function accept(list: readonly DataSetEntry[]) {
    entries.value = list;
    isLoaded.value = true;
    const isBusy = ({ state }: DataSetEntry) => state === 'downloading' || state === 'verifying';
    const busy = new Set(list.filter(isBusy).map(({ id }) => id));
    progress.value = Object.fromEntries(Object.entries(progress.value).filter(([id]) => busy.has(id)));
  }

  /** Puts the answer of a request about one data set in its place. */
  function place(entry: DataSetEntry) {
    const isKnown = entries.value.some(({ id }) => id === entry.id);
    accept(
      isKnown ? entries.value.map((old) => (old.id === entry.id ? entry : old)) : [...entries.value, entry],
    );
  }

  async function load() {
    fault.value = null;
    try {
      accept(await request('data.list', {}));
    } catch (error) {
      fault.value = error;
    }
  }

  listen('data.changed', accept);
  listen('data.progress', (news) => {
    progress.value = { ...progress.value, [news.id]: news };
  });
  useReconnect(load);

  return { entries, isLoaded, fault, progress, load, place };
});
