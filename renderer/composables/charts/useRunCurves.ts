/** The learning curves of many runs, read in parts and again while they are computed. */

import { onScopeDispose, shallowRef, watch, type ShallowRef } from 'vue';
import { loggedMetrics, type MetricName } from '../../../shared/metric.ts';
import { request } from '../../api/client.ts';
import type { RunCurve } from '../../models/charts/curve.ts';

export interface UseRunCurvesReturn {
  /** By run. */
  readonly curves: Readonly<ShallowRef<ReadonlyMap<string, RunCurve>>>;
  readonly isLoaded: Readonly<ShallowRef<boolean>>;
  readonly error: Readonly<ShallowRef<unknown>>;
  reload(): Promise<void>;
}

/** Runs per request, and points per curve: with more curves, each is narrower on the screen. */
const atOnce = 20;
/** Weight of the past in the running mean of noisy curves: a thousand raw ones would be a carpet. */
const smoothing = 0.9;
const pointsFor = (runs: number) => (runs > 100 ? 24 : runs > 20 ? 80 : 300);

export function useRunCurves(
  /** Runs with their newest steps; null: not begun. */
  list: () => readonly { readonly runId: string | null; readonly step: number }[],
  name: () => MetricName,
  /** Most points of a curve, when so many runs are read. */
  pointsOf: (runs: number) => number = pointsFor,
): UseRunCurvesReturn {
  const curves = shallowRef<ReadonlyMap<string, RunCurve>>(new Map());
  const isLoaded = shallowRef(false);
  const error = shallowRef<unknown>(null);
  /** Step and metric of each curve that was read. */
  const known = new Map<string, string>();
  let newest = 0;

  async function reload() {
    const own = (newest += 1);
    const metric = name();
    const begun = list().flatMap(({ runId, step }) => (runId !== null && step > 0 ? [{ runId, step }] : []));
    const wanted = begun.filter(({ runId, step }) => known.get(runId) !== `${metric} ${step}`);
    const read = new Map(curves.value);
    try {
      for (let first = 0; first < wanted.length; first += atOnce) {
        const part = wanted.slice(first, first + atOnce);
        const ids = part.map(({ runId }) => runId);
        const series = await request('runs.series', {
          ids,
          names: [metric],
          points: pointsOf(begun.length),
          smoothing: loggedMetrics[metric].isNoisy ? smoothing : 0,
        });
        if (own !== newest) return;
        for (const { runId, x, smoothed } of series) read.set(runId, { runId, x, values: smoothed });
        for (const { runId, step } of part) known.set(runId, `${metric} ${step}`);
      }
      curves.value = read;
      error.value = null;
      isLoaded.value = true;
    } catch (reason) {
      if (own === newest) error.value = reason;
    }
  }

  watch(name, () => {
    known.clear();
    curves.value = new Map();
    isLoaded.value = false;
    void reload();
  });
  watch(list, reload, { immediate: true });
  onScopeDispose(() => void (newest += 1));
  return { curves, isLoaded, error, reload };
}
