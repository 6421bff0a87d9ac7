/** The compared runs without curves and images, updated live. */

import { defineStore } from 'pinia';
import { computed, shallowRef } from 'vue';
import type { ComparedRun } from '../../shared/comparison/comparison.ts';
import { listen, request } from '../api/client.ts';
import { useReconnect } from './connection.ts';

/** Delay in milliseconds, because evaluations of several runs may finish together. */
const readSoon = 250;

export const useCompareStore = defineStore('compare', () => {
  const { ids, known, error, reload, reloadSoon } = createReader();
  /** null until loaded, and while other runs are requested. */
  const runs = computed(() => (isSame(known.value, ids.value) ? known.value : null));

  listen('runs.changed', (summaries) => {
    if (!known.value.some(({ summary }) => summaries.some(({ id }) => id === summary.id))) return;
    known.value = known.value.map((run) => ({
      ...run,
      summary: summaries.find(({ id }) => id === run.summary.id) ?? run.summary,
    }));
  });
  listen('run.evaluated', ({ runId }) => {
    if (ids.value.includes(runId)) reloadSoon();
  });
  listen('runs.listChanged', reloadSoon);
  useReconnect(reload);

  return {
    runs,
    error,
    reload,
    open(next: readonly string[]) {
      ids.value = next;
      error.value = null;
      return reload();
    },
    close() {
      ids.value = [];
      known.value = [];
    },
  };
});

/** Reads the runs; if several requests overlap, only the newest counts. */
function createReader() {
  const ids = shallowRef<readonly string[]>([]);
  const known = shallowRef<readonly ComparedRun[]>([]);
  const error = shallowRef<unknown>(null);
  let timer: ReturnType<typeof setTimeout> | null = null;
  let newest = 0;

  async function reload() {
    if (ids.value.length < 2) return;
    const own = (newest += 1);
    try {
      const answer = await request('compare.get', { ids: [...ids.value] });
      if (own !== newest) return;
      known.value = answer;
      error.value = null;
    } catch (reason) {
      if (own === newest) error.value = reason;
    }
  }

  function reloadSoon() {
    timer ??= setTimeout(() => {
      timer = null;
      void reload();
    }, readSoon);
  }

  return { ids, known, error, reload, reloadSoon };
}

function isSame(runs: readonly ComparedRun[], ids: readonly string[]): boolean {
  return runs.length === ids.length && runs.every(({ summary }, index) => summary.id === ids[index]);
}
