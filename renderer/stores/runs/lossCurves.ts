/** Loss curves for the visible rows of the run list. */

import { defineStore } from 'pinia';
import { shallowRef, triggerRef } from 'vue';
import type { RunSummary } from '../../../shared/runList.ts';
import { request } from '../../api/client.ts';

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
