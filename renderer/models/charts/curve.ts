/** The curves of charts: the series that were read, in combined requests, and the live points since then. */

import type { MetricName, MetricPoint } from '../../../shared/metric.ts';
import { createRunningMean } from '../../../shared/numbers/curves.ts';
import { type ChartAxis, positionOnAxis, type Series, type SeriesRequest } from '../../../shared/series.ts';

export interface Curve extends Series {
  /** Number of live points since the series was read; when there are many, it is read and thinned again. */
  readonly appended: number;
}

export interface CurveView {
  readonly axis: ChartAxis;
  /** Weight of the past in the debiased running mean. */
  readonly smoothing: number;
}

export interface Merge {
  readonly curve: Curve;
  /** Whether the points contradict the curve, as after a resumed run; the series must be read again. */
  readonly isStale: boolean;
}

/**
 * Adds live points to the curve. Each step occurs once, even if it is delivered twice: a known point with the same
 * value changes nothing; a different value for an older step cuts the curve off there and continues from it.
 */
export function mergePoints(curve: Curve, points: readonly MetricPoint[], view: CurveView): Merge {
  const added = points.filter((point) => !holds(curve, point));
  if (added.length === 0) return { curve, isStale: false };
  // The number of steps per epoch or images per step is not known yet.
  if ((view.axis === 'epoch' || view.axis === 'imagesSeen') && curve.steps.length === 0)
    return { curve, isStale: true };
  const first = Math.min(...added.map(({ step }) => step));
  const known = lowerBound(curve.steps, first);
  const isRewound = known < curve.steps.length;
  const kept = isRewound ? cut(curve, known) : curve;
  return { curve: append(kept, sortByStep(added), view), isStale: isRewound };
}

/** Returns the curve of a run that has not logged anything yet. */
export function emptyCurve(runId: string, name: MetricName): Curve {
  return fromSeries({
    runId,
    name,
    x: [],
    values: [],
    smoothed: [],
    steps: [],
    processSeconds: [],
    wallTimes: [],
    logged: 0,
  });
}

export function fromSeries(series: Series): Curve {
  return { ...series, appended: 0 };
}

function holds(curve: Curve, point: MetricPoint): boolean {
  const index = lowerBound(curve.steps, point.step);
  if (index === curve.steps.length) return false;
  if (curve.steps[index] === point.step) return curve.values[index] === point.value;
  // A step between those of a thinned curve was dropped by the thinning.
  return index > 0 && curve.logged > curve.steps.length;
}

function cut(curve: Curve, length: number): Curve {
  return {
    ...curve,
    x: curve.x.slice(0, length),
    values: curve.values.slice(0, length),
    smoothed: curve.smoothed.slice(0, length),
    steps: curve.steps.slice(0, length),
    processSeconds: curve.processSeconds.slice(0, length),
    wallTimes: curve.wallTimes.slice(0, length),
    logged: Math.max(length, curve.logged - (curve.steps.length - length)),
  };
}

function append(curve: Curve, points: readonly MetricPoint[], { axis, smoothing }: CurveView): Curve {
  return {
    ...curve,
    x: [...curve.x, ...points.map((point) => position(point, axis, curve))],
    values: [...curve.values, ...points.map(({ value }) => value)],
    smoothed: [...curve.smoothed, ...continueMean(curve, points, smoothing)],
    steps: [...curve.steps, ...points.map(({ step }) => step)],
    processSeconds: [...curve.processSeconds, ...points.map((point) => point.processSeconds)],
    wallTimes: [...curve.wallTimes, ...points.map(({ wallTime }) => wallTime)],
    logged: curve.logged + points.length,
    appended: curve.appended + points.length,
  };
}

/** The rate of epochs or images per step follows from the newest point of the curve. */
function position(point: MetricPoint, axis: ChartAxis, { x, steps }: Curve): number {
  const last = steps.length - 1;
  const convert = (step: number) => (last >= 0 && steps[last] > 0 ? (step * x[last]) / steps[last] : 0);
  return positionOnAxis(axis, point, { convert, latest: x[last] ?? 0 });
}

/** Continues the running mean of the curve from its newest value. */
function continueMean(curve: Curve, points: readonly MetricPoint[], smoothing: number): number[] {
  const mean = createRunningMean(smoothing, { mean: curve.smoothed.at(-1) ?? 0, count: curve.logged });
  return points.map(({ value }) => mean.add(value));
}

function sortByStep(points: readonly MetricPoint[]): MetricPoint[] {
  const byStep = new Map(points.map((point) => [point.step, point]));
  return [...byStep.values()].sort((one, other) => one.step - other.step);
}

/** Returns the index of the first of ascending `values` that is not below `wanted`. */
export function lowerBound(values: readonly number[], wanted: number): number {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle] < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}

export interface LiveTail {
  remember(runId: string, points: readonly MetricPoint[]): void;
  /** Ascending by step. */
  of(runId: string, name: MetricName): readonly MetricPoint[];
}

/** Points kept per curve. The store writes at least every second, and this many points are many seconds. */
const capacity = 400;

/**
 * Keeps the newest live points of some runs until a series that was read surely contains them. A point that is not
 * newer than the last one replaces it and all after it: the run was resumed.
 */
export function createLiveTail(): LiveTail {
  const tails = new Map<string, MetricPoint[]>();
  return {
    remember(runId, points) {
      for (const point of points) {
        const key = `${runId} ${point.name}`;
        const tail = tails.get(key) ?? [];
        while (tail.length > 0 && tail[tail.length - 1].step >= point.step) tail.pop();
        tail.push(point);
        if (tail.length > 2 * capacity) tail.splice(0, capacity);
        tails.set(key, tail);
      }
    },
    of: (runId, name) => tails.get(`${runId} ${name}`) ?? [],
  };
}

/** The request of one chart. */
export interface CurveRequest extends Omit<SeriesRequest, 'names'> {
  readonly name: MetricName;
}

/** Returns one series per run. Rejects for every chart of a combined request if that request fails. */
export type ReadCurves = (request: CurveRequest) => Promise<readonly Series[]>;

interface Batch {
  readonly names: Set<MetricName>;
  readonly answer: Promise<readonly Series[]>;
}

/** Combines requests that are made in the same tick. */
export function createSeriesReader(
  readSeries: (request: SeriesRequest) => Promise<readonly Series[]>,
): ReadCurves {
  const waiting = new Map<string, Batch>();
  return async ({ name, ...common }) => {
    const key = JSON.stringify(common);
    const batch = waiting.get(key) ?? begin(key, common);
    batch.names.add(name);
    return (await batch.answer).filter((series) => series.name === name);
  };

  function begin(key: string, common: Omit<CurveRequest, 'name'>): Batch {
    const names = new Set<MetricName>();
    const answer = Promise.resolve().then(() => {
      waiting.delete(key);
      return readSeries({ ...common, ids: [...common.ids], names: [...names] });
    });
    const batch = { names, answer };
    waiting.set(key, batch);
    return batch;
  }
}

/** A curve of a run, thinned for the screen. */
export interface RunCurve {
  readonly runId: string;
  readonly x: readonly number[];
  readonly values: readonly number[];
}
