/** Run summaries by ID, cached while the list scrolls and updated live. */

import { defineStore } from 'pinia';
import { shallowRef, triggerRef } from 'vue';
import type { ScoreBasis } from '../../../shared/comparison/scoreBasis.ts';
import type { RunQuery, RunSummary } from '../../../shared/runList.ts';
import { listen, request } from '../../api/client.ts';
import { createNewestRows } from '../updateGate.ts';

export const useRunRowsStore = defineStore('runRows', () => {
  const rows = shallowRef(new Map<string, RunSummary>());
  const watchers = new Set<() => void>();
  const groups = shallowRef(new Map<string, string>());

  const newest = createNewestRows<RunSummary>();

  /** Requests a page of rows; those that change meanwhile are returned as changed. */
  function requestPage(query: RunQuery, { offset, limit }: { offset: number; limit: number }) {
    return newest.wait(request('runs.list', { ...query, offset, limit }).then((page) => page.rows));
  }

  /** Requests rows by their IDs. */
  function requestRows(ids: readonly string[]) {
    return newest.wait(request('runs.rows', { ids: [...ids] }));
  }

  function put(summaries: readonly RunSummary[]) {
    for (const summary of summaries) rows.value.set(summary.id, summary);
    triggerRef(rows);
    nameGroups(summaries);
  }

  function nameGroups(summaries: readonly RunSummary[]) {
    nameBases(summaries.flatMap(({ scores, bestPsnr }) => (bestPsnr === null ? [] : [scores])));
  }

  /** Names each basis of scores that appears by a letter, which it keeps. */
  function nameBases(bases: readonly ScoreBasis[]) {
    const known = groups.value.size;
    for (const { key } of bases)
      if (!groups.value.has(key)) groups.value.set(key, nameGroup(groups.value.size));
    if (groups.value.size > known) triggerRef(groups);
  }

  /** Returns the letter of a basis of scores; null while there is no other. */
  function letterOf({ key }: ScoreBasis): string | null {
    return groups.value.size < 2 ? null : (groups.value.get(key) ?? null);
  }

  /** Returns the letter of what a run was scored on; null while there is no other, or the run has no score. */
  function groupOf({ scores, bestPsnr }: RunSummary): string | null {
    return bestPsnr === null ? null : letterOf(scores);
  }

  /** Keeps only these rows, because all others may have changed. */
  function replace(summaries: readonly RunSummary[]) {
    rows.value = new Map(summaries.map((summary) => [summary.id, summary]));
    nameGroups(summaries);
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

  return { rows, get, put, replace, requestPage, requestRows, onStatus, groupOf, nameBases, letterOf };
});

/** `A` … `Z`, then `A2` … */
function nameGroup(index: number): string {
  const letter = String.fromCharCode('A'.charCodeAt(0) + (index % 26));
  return index < 26 ? letter : `${letter}${Math.floor(index / 26) + 1}`;
}
