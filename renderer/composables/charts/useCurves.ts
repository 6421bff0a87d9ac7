/** The curves of one metric for some runs: read once, then extended with live points. */

import { useDebounceFn } from '@vueuse/core';
import { onScopeDispose, shallowRef, toValue, watch, type MaybeRefOrGetter, type ShallowRef } from 'vue';
import type { MetricName, MetricPoint } from '../../../shared/metric.ts';
import { listen } from '../../api/client.ts';
import { useReconnect } from '../../stores/connection.ts';
import type { ChartRange } from '../../models/charts/chartModel.ts';
import {
  emptyCurve,
  fromSeries,
  mergePoints,
  type Curve,
  type CurveView,
  createLiveTail,
  type LiveTail,
  type ReadCurves,
} from '../../models/charts/curve.ts';

export interface CurvesOptions {
  readonly name: MetricName;
  readonly read: ReadCurves;
  /** The current run comes first. */
  readonly runIds: MaybeRefOrGetter<readonly string[]>;
  readonly view: MaybeRefOrGetter<CurveView>;
  /** The visible part of the x axis; null: all of it. */
  readonly range: MaybeRefOrGetter<ChartRange | null>;
}

export interface UseCurvesReturn {
  readonly curves: Readonly<ShallowRef<readonly Curve[]>>;
  /** false until the first response. */
  readonly isLoaded: Readonly<ShallowRef<boolean>>;
  /** The error of the newest request; null if it succeeded. */
  readonly error: Readonly<ShallowRef<unknown>>;
  reload(): Promise<void>;
}

/** Requested points per curve; after `refreshAfter` live points the series is read again. */
const points = 1200;
const refreshAfter = 600;
/** Milliseconds between redraws with live points. */
const drawEvery = 200;
/** Milliseconds without a zoom before the points of the range are read: one turn of the wheel is many zooms. */
const zoomPause = 120;
/** Milliseconds until the store has written the points that arrived before the page listened. */
const settleAfter = 1500;

export function useCurves(options: CurvesOptions): UseCurvesReturn {
  const state: CurveState = {
    curves: shallowRef<readonly Curve[]>([]),
    isLoaded: shallowRef(false),
    error: shallowRef<unknown>(null),
    tail: createLiveTail(),
  };
  const timers = createTimers();
  const reload = createReader(options, state);
  const waiting = new Map<string, MetricPoint[]>();
  const stop = listen('run.metrics', ({ runId, points: all }) => {
    const own = all.filter(({ name, value }) => name === options.name && Number.isFinite(value));
    if (own.length === 0 || !toValue(options.runIds).includes(runId)) return;
    state.tail.remember(runId, own);
    waiting.set(runId, [...(waiting.get(runId) ?? []), ...own]);
    timers.later('draw', drawEvery, () => {
      const isZoomed = toValue(options.range) !== null;
      const isFresh = isZoomed || addLivePoints(waiting, options, state);
      waiting.clear();
      if (isZoomed || !isFresh) timers.later('reload', isZoomed ? settleAfter : 0, reload);
    });
  });
  const settle = async () => {
    await reload();
    timers.later('settle', settleAfter, reload);
  };
  onScopeDispose(() => {
    stop();
    timers.clear();
  });
  useReconnect(() => void settle());
  watch(
    () => JSON.stringify([toValue(options.runIds), toValue(options.view)]),
    () => void reload(),
  );
  const reloadSoon = useDebounceFn(reload, zoomPause);
  watch(
    () => toValue(options.range),
    (range) => void (range === null ? reload() : reloadSoon()),
  );
  void settle();
  return { curves: state.curves, isLoaded: state.isLoaded, error: state.error, reload };
}

interface CurveState {
  readonly curves: ShallowRef<readonly Curve[]>;
  readonly isLoaded: ShallowRef<boolean>;
  readonly error: ShallowRef<unknown>;
  readonly tail: LiveTail;
}

/** Returns the function that reads the curves; if several requests overlap, only the newest counts. */
function createReader({ name, read, runIds, view, range }: CurvesOptions, state: CurveState) {
  let newest = 0;
  /** Adds live points that the response does not contain yet. */
  const catchUp = (curve: Curve, requested: CurveView) => {
    const last = curve.steps[curve.steps.length - 1] ?? -1;
    const newer = state.tail.of(curve.runId, name).filter(({ step }) => step > last);
    return mergePoints(curve, newer, requested).curve;
  };
  return async function reload(): Promise<void> {
    const own = (newest += 1);
    const ids = [...toValue(runIds)];
    const requested = { axis: toValue(view).axis, smoothing: toValue(view).smoothing };
    const part = toValue(range);
    try {
      const limits = { from: part?.from ?? null, to: part?.to ?? null };
      const series = await read({ ids, name, ...requested, ...limits, points });
      if (own !== newest) return;
      const known = new Map(series.map((one) => [one.runId, fromSeries(one)]));
      const curves = ids.map((id) => known.get(id) ?? emptyCurve(id, name));
      state.curves.value = part ? curves : curves.map((curve) => catchUp(curve, requested));
      state.error.value = null;
      state.isLoaded.value = true;
    } catch (reason) {
      if (own === newest) state.error.value = reason;
    }
  };
}

/** Adds live points to the curves. Returns false if they must be read again. */
function addLivePoints(
  waiting: ReadonlyMap<string, readonly MetricPoint[]>,
  { view }: CurvesOptions,
  { curves }: CurveState,
): boolean {
  const merges = curves.value.map((curve) =>
    mergePoints(curve, waiting.get(curve.runId) ?? [], toValue(view)),
  );
  const isChanged = merges.some(({ curve }, index) => curve !== curves.value[index]);
  if (isChanged) curves.value = merges.map(({ curve }) => curve);
  return merges.every(({ curve, isStale }) => !isStale && curve.appended <= refreshAfter);
}

/** Timers by key; a key that is already running is not started again. */
function createTimers() {
  const running = new Map<string, ReturnType<typeof setTimeout>>();
  let isOver = false;
  return {
    later(key: string, milliseconds: number, act: () => unknown) {
      if (isOver || running.has(key)) return;
      const run = () => {
        running.delete(key);
        void act();
      };
      running.set(key, setTimeout(run, milliseconds));
    },
    clear() {
      isOver = true;
      for (const timer of running.values()) clearTimeout(timer);
      running.clear();
    },
  };
}
