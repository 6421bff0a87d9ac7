/** How many runs there are of each kind in the view that is shown, and what the trash takes. */

import { useDebounceFn } from '@vueuse/core';
import { defineStore } from 'pinia';
import { computed, shallowRef } from 'vue';
import type { RunFacets, RunQuery } from '../../shared/runList.ts';
import { listen, request } from '../api/client.ts';
import { useReconnect } from './connection.ts';
import { useRunRowsStore } from './runRows.ts';

export const useRunFacetsStore = defineStore('runFacets', () => {
  const view = shallowRef<RunQuery['view']>('active');
  /** null before the first answer. */
  const facets = shallowRef<RunFacets | null>(null);
  const trashBytes = shallowRef<number | null>(null);
  /** Whether there is no run at all: not listed, not archived, not in the trash. */
  const isFirstStart = computed(
    () => facets.value !== null && Object.values(facets.value.views).every((count) => count === 0),
  );

  async function refresh() {
    const asked = view.value;
    // The list says what went wrong; counts are left as they were.
    const answer = await request('runs.facets', { view: asked }).catch(() => null);
    if (answer && asked === view.value) facets.value = answer;
    if (asked === 'trash') trashBytes.value = await request('runs.trashBytes', {}).catch(() => null);
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
