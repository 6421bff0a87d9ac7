/** Numbers of runs by status, preset and tag in the current view, and the size of the trash. */

import { useDebounceFn } from '@vueuse/core';
import { defineStore } from 'pinia';
import { computed, shallowRef } from 'vue';
import type { RunFacets, RunQuery } from '../../../shared/runList.ts';
import { listen, request } from '../../api/client.ts';
import { useReconnect } from '../connection.ts';
import { useRunRowsStore } from './runRows.ts';

export const useRunFacetsStore = defineStore('runFacets', () => {
  const view = shallowRef<RunQuery['view']>('active');
  /** null before the first response. */
  const facets = shallowRef<RunFacets | null>(null);
  const trashBytes = shallowRef<number | null>(null);
  /** Whether no run exists at all: neither active nor archived nor in the trash. */
  const isFirstStart = computed(
    () => facets.value !== null && Object.values(facets.value.views).every((count) => count === 0),
  );

  async function refresh() {
    const requested = view.value;
    // The list reports the error; the counts stay unchanged.
    const answer = await request('runs.facets', { view: requested }).catch(() => null);
    if (answer && requested === view.value) facets.value = answer;
    if (requested === 'trash') trashBytes.value = await request('runs.trashBytes', {}).catch(() => null);
  }

  async function show(next: RunQuery['view']) {
    view.value = next;
    await refresh();
  }

  const refreshSoon = useDebounceFn(refresh, 300);
  listen('runs.listChanged', refreshSoon);
  useRunRowsStore().onStatus(refreshSoon);
  useReconnect(() => void refresh());

  return { facets, trashBytes, isFirstStart, refresh, show };
});
