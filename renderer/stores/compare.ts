/** The compared runs without curves and images, updated live. */

import { defineStore } from 'pinia';
import { computed, shallowRef } from 'vue';
import type { ComparedRun } from '../../shared/comparison/comparison.ts';
import type { Grouping } from '../../shared/runGroups.ts';
import { listen, request } from '../api/client.ts';
import { useReconnect } from './connection.ts';

/** Delay in milliseconds, because evaluations of several runs may finish together. */
const readSoon = 250;

export const useCompareStore = defineStore('compare', () => {
  const { ids, by, known, total, error, reload, reloadSoon } = createReader();
  /** null until loaded, and while other runs are requested. */
  const runs = computed(() => {
    if (by.value !== null) return known.value.length > 0 ? known.value : null;
    return isSame(known.value, ids.value) ? known.value : null;
  });

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
    /** Groups of all requested runs; of more than ten only the best are compared. */
    total,
    error,
    reload,
    /** `grouping`: what the runs are grouped by; null: each is compared by itself. */
    open(next: readonly string[], grouping: Grouping | null = null) {
      if (grouping !== by.value || next.join() !== ids.value.join()) known.value = [];
      ids.value = next;
      by.value = grouping;
      error.value = null;
      return reload();
    },
    close() {
      ids.value = [];
      by.value = null;
      known.value = [];
    },
  };
});

/** Reads the runs; if several requests overlap, only the newest counts. */
function createReader() {
  const ids = shallowRef<readonly string[]>([]);
  const by = shallowRef<Grouping | null>(null);
  const total = shallowRef(0);
  const known = shallowRef<readonly ComparedRun[]>([]);
  const error = shallowRef<unknown>(null);
  let timer: ReturnType<typeof setTimeout> | null = null;
  let newest = 0;

  async function reload() {
    if (ids.value.length < 2) return;
    const own = (newest += 1);
    try {
      const [all, grouping] = [[...ids.value], by.value];
      const { runs, groups } =
        grouping === null
          ? { runs: await request('compare.get', { ids: all }), groups: 0 }
          : await request('compare.groups', { ids: all, by: grouping });
      if (own !== newest) return;
      known.value = runs;
      total.value = groups;
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

  return { ids, by, total, known, error, reload, reloadSoon };
}

function isSame(runs: readonly ComparedRun[], ids: readonly string[]): boolean {
  return runs.length === ids.length && runs.every(({ summary }, index) => summary.id === ids[index]);
}
