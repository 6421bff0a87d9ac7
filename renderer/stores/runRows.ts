/** Run summaries by ID, cached while the list scrolls and updated live. */

import { defineStore } from 'pinia';
import { shallowRef, triggerRef } from 'vue';
import type { RunQuery, RunSummary } from '../../shared/runList.ts';
import { listen, request } from '../api/client.ts';
import { createNewestRows } from './updateGate.ts';

export const useRunRowsStore = defineStore('runRows', () => {
  const rows = shallowRef(new Map<string, RunSummary>());
  const watchers = new Set<() => void>();

  const newest = createNewestRows<RunSummary>();

  /** Requests a page of rows; those that change meanwhile are returned as changed. */
  function requestPage(query: RunQuery, { offset, limit }: { offset: number; limit: number }) {
    return newest.wait(request('runs.list', { ...query, offset, limit }).then((page) => page.rows));
  }

  function put(summaries: readonly RunSummary[]) {
    for (const summary of summaries) rows.value.set(summary.id, summary);
    triggerRef(rows);
  }

  /** Keeps only these rows, because all others may have changed. */
  function replace(summaries: readonly RunSummary[]) {
    rows.value = new Map(summaries.map((summary) => [summary.id, summary]));
  }

  /** Updates known runs; unknown ones are loaded on request. */
  function patch(summaries: readonly RunSummary[]) {
    newest.countEvent(summaries);
    const known = summaries.filter(({ id }) => rows.value.has(id));
    const isStatusChanged = summaries.some(({ id, status }) => rows.value.get(id)?.status !== status);
    put(known);
    if (isStatusChanged) for (const watcher of watchers) watcher();
  }

  /** Calls `watcher` when the status of a run changes; returns the function that unsubscribes. */
  function onStatus(watcher: () => void): () => void {
    watchers.add(watcher);
    return () => void watchers.delete(watcher);
  }

  const get = (id: string) => rows.value.get(id) ?? null;

  listen('runs.changed', patch);

  return { rows, get, put, replace, requestPage, onStatus };
});
