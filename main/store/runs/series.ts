/** One metric of one run as columns of numbers, for charts. */

import type { MetricName } from '../../../shared/metric.ts';
import type { LossCurve } from '../../../shared/runList.ts';
import type { LabDatabase } from '../database/database.ts';

/** Columns of equal length in the order of steps; points that are not finite are left out. */
export interface MetricColumns {
  readonly steps: readonly number[];
  readonly values: readonly number[];
  readonly processSeconds: readonly number[];
  /** Milliseconds since 1970. */
  readonly wallTimes: readonly number[];
}

/** Rows read at a time: faster than one by one, and only a few milliseconds of work. */
const rowsAtOnce = 5000;

/** Reads a metric; yields to the event loop between pages of rows. */
export async function readColumns(db: LabDatabase, runId: string, name: MetricName): Promise<MetricColumns> {
  const columns = {
    steps: [] as number[],
    values: [] as number[],
    processSeconds: [] as number[],
    wallTimes: [] as number[],
  };
  for (const rows of readPages(db, runId, name)) {
    for (const [step, value, seconds, time] of rows) {
      columns.steps.push(step);
      columns.values.push(value);
      columns.processSeconds.push(seconds);
      columns.wallTimes.push(time);
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
  return columns;
}

type Row = readonly [step: number, value: number, processSeconds: number, wallTime: number];

function* readPages(db: LabDatabase, runId: string, name: MetricName): Generator<readonly Row[]> {
  const query = db
    .prepare<[string, string, number], Row>(
      `SELECT step, value, process_seconds, wall_milliseconds FROM metrics
       WHERE run_id = ? AND name = ? AND step > ? AND abs(value) < 9e999 ORDER BY step LIMIT ${rowsAtOnce}`,
    )
    .raw();
  let rows: readonly Row[];
  let newest = -1;
  do {
    rows = query.all(runId, name, newest);
    yield rows;
    newest = rows.at(-1)?.[0] ?? newest;
  } while (rows.length === rowsAtOnce);
}

/** Largest number of points in a sparkline. */
export const lossCurvePoints = 32;
/** Logged values averaged per point: enough to smooth the line, few enough to be cheap. */
const valuesOfPoint = 8;

/** Reads the loss of each run in a few points, for sparklines. It seeks instead of scanning, so long runs are not slower. */
export function readLossCurves(db: LabDatabase, ids: readonly string[]): LossCurve[] {
  const range = db
    .prepare<[string, string], [number | null, number | null]>(
      `SELECT (SELECT min(step) FROM metrics WHERE run_id = ? AND name = 'loss'),
              (SELECT max(step) FROM metrics WHERE run_id = ? AND name = 'loss')`,
    )
    .raw();
  const mean = db
    .prepare<[string, number, number], number | null>(
      `SELECT avg(value) FROM (SELECT value FROM metrics WHERE run_id = ? AND name = 'loss' AND step >= ? AND step < ?
           AND abs(value) < 9e999
         ORDER BY step LIMIT ${valuesOfPoint})`,
    )
    .pluck();
  return ids.map((id) => {
    const [first, last] = range.get(id, id) ?? [null, null];
    if (first === null || last === null) return { id, values: [] };
    const length = Math.max(1, (last - first + 1) / lossCurvePoints);
    const points = Math.min(lossCurvePoints, last - first + 1);
    const values = Array.from({ length: points }, (_, index) => {
      const from = Math.floor(first + index * length);
      return mean.get(id, from, Math.floor(first + (index + 1) * length));
    });
    return { id, values: values.filter((value) => typeof value === 'number') };
  });
}
