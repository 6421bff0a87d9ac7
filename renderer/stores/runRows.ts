/** Summaries of runs by id, kept while the list scrolls, and patched in place when the main side tells of changes. */

import { defineStore } from 'pinia';
import { shallowRef, triggerRef } from 'vue';
import type { RunSummary } from '../../shared/runList.ts';
import { listen } from '../api/client.ts';

export const useRunRowsStore = defineStore('runRows', () => {
  const rows = shallowRef(new Map<string, RunSummary>());
  const watchers = new Set<() => void>();

  function put(summaries: readonly RunSummary[]) {
    for (const summary of summaries) rows.value.set(summary.id, summary);
    triggerRef(rows);
  }

  /** Keeps these rows alone: whatever else was known may have changed. */
  function replace(summaries: readonly RunSummary[]) {
    rows.value = new Map(summaries.map((summary) => [summary.id, summary]));
  }

  /** Takes over what changed of the runs that are known; others come when they are asked for. */
  function patch(summaries: readonly RunSummary[]) {
    const known = summaries.filter(({ id }) => rows.value.has(id));
    const isStatusChanged = summaries.some(({ id, status }) => rows.value.get(id)?.status !== status);
    put(known);
    if (isStatusChanged) for (const watcher of watchers) watcher();
  }

  /** Told when a run's status changed; returns the function that ends the subscription. */
  function onStatus(watcher: () => void): () => void {
    watchers.add(watcher);
    return () => void watchers.delete(watcher);
  }

  const get = (id: string) => rows.value.get(id) ?? null;

  listen('runs.changed', patch);

  return { rows, get, put, replace, onStatus };
});
