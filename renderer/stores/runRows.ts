/** What the rows of the run list show: summaries by ID, cached while the list scrolls and updated live; and loss curves. */

import { defineStore } from 'pinia';
import { shallowRef, triggerRef } from 'vue';
import type { RunSummary } from '../../shared/runList.ts';
import { listen, request } from '../api/client.ts';

export const useRunRowsStore = defineStore('runRows', () => {
  const rows = shallowRef(new Map<string, RunSummary>());
  const watchers = new Set<() => void>();

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

  return { rows, get, put, replace, onStatus };
});

/** A curve as the main side returned it. */
interface LoadedCurve {
  /** Step of the run at the request. */
  readonly step: number;
  readonly requestedAt: number;
  readonly values: readonly number[];
}

/** Milliseconds after which the curve of an active run is requested again. */
const freshFor = 5000;

/** Greatest number of curves per request. */
const atOnce = 500;

/** Loss curves for the visible rows. */
export const useLossCurvesStore = defineStore('lossCurves', () => {
  const lossCurves = shallowRef(new Map<string, LoadedCurve>());

  /** Requests curves that are missing or outdated. */
  async function load(rows: readonly RunSummary[]) {
    const now = performance.now();
    const wanted = rows.filter(({ id, step }) => {
      const known = lossCurves.value.get(id);
      return step > 0 && (!known || (known.step !== step && now - known.requestedAt > freshFor));
    });
    if (wanted.length === 0) return;
    const batch = wanted.slice(0, atOnce);
    const curves = await request('runs.courses', { ids: batch.map(({ id }) => id) }).catch(() => []);
    const values = new Map(curves.map((curve) => [curve.id, curve.values]));
    for (const { id, step } of batch) {
      lossCurves.value.set(id, { step, requestedAt: now, values: values.get(id) ?? [] });
    }
    triggerRef(lossCurves);
  }

  const get = (id: string): readonly number[] => lossCurves.value.get(id)?.values ?? [];

  return { lossCurves, get, load };
});
