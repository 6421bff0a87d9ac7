/** Curves for a chart: smoothed over all logged points, cut to the range asked for, then thinned. */

import { setImmediate } from 'node:timers/promises';
import { decimate, smooth } from '../../../shared/numbers/curves.ts';
import { countEpochSteps } from '../../../shared/config/longerBudget.ts';
import type { RunRecord } from '../../../shared/run.ts';
import { type ChartAxis, positionOnAxis, type Series, type SeriesRequest } from '../../../shared/series.ts';
import { getRun } from '../../store/runs/runs.ts';
import { type MetricColumns, readColumns } from '../../store/runs/series.ts';
import type { Store } from '../../store/store.ts';

/** Returns one series for each run and name, in that order; other work runs in between. */
export async function readSeries(store: Store, request: SeriesRequest): Promise<Series[]> {
  const series: Series[] = [];
  for (const runId of request.ids) {
    const run = getRun(store.db, runId);
    for (const name of request.names) {
      const columns = await readColumns(store.db, runId, name);
      series.push({ runId, name, ...thin(columns, axisOf(columns, run, request.axis), request) });
      await setImmediate();
    }
  }
  return series;
}

function axisOf(columns: MetricColumns, run: RunRecord, axis: ChartAxis): readonly number[] {
  const perEpoch = stepsPerEpoch(run);
  const convert = (step: number) => (axis === 'epoch' ? step / perEpoch : step * run.config.train.batchSize);
  let latest = -Infinity;
  return columns.steps.map((step, index) => {
    const place = { step, processSeconds: columns.processSeconds[index], wallTime: columns.wallTimes[index] };
    latest = positionOnAxis(axis, place, { convert, latest });
    return latest;
  });
}

/** Returns the steps per epoch; 1 for a run whose data have never been read. */
function stepsPerEpoch({ config, dataset }: RunRecord): number {
  return dataset ? countEpochSteps(config, dataset.count, dataset.splits?.validation !== undefined) : 1;
}

function thin(
  columns: MetricColumns,
  x: readonly number[],
  { smoothing, from, to, points }: SeriesRequest,
): Omit<Series, 'runId' | 'name'> {
  const smoothed = smooth(columns.values, smoothing);
  const start = from === null ? 0 : x.findIndex((value) => value >= from);
  const last = to === null ? x.length : x.findLastIndex((value) => value <= to) + 1;
  const first = start < 0 ? x.length : start;
  const kept = decimate(columns.values.slice(first, last), points).map((index) => first + index);
  const pick = (values: ArrayLike<number>) => kept.map((index) => values[index]);
  return {
    x: pick(x),
    values: pick(columns.values),
    smoothed: pick(smoothed),
    steps: pick(columns.steps),
    processSeconds: pick(columns.processSeconds),
    wallTimes: pick(columns.wallTimes),
    logged: Math.max(0, last - first),
  };
}
