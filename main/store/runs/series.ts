/** One metric of one run as columns of numbers, for charts. */

import type { MetricName } from '../../../shared/metric.ts';
import { decimate, smooth } from '../../../shared/numbers/curves.ts';
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

/** The points of a long curve that are shown: columns of equal length, and how many points were logged. */
export interface ThinnedColumns extends MetricColumns {
  /** Running mean over all logged points. */
  readonly smoothed: readonly number[];
  readonly logged: number;
}

/** Rows of a page from which single rows are looked up. */
const rowsOfPage = 1000;

/**
 * Reads the points of a whole metric that `decimate` keeps, with its running mean; null if it has at most `points`, and nothing is to
 * be thinned. Only the values of all rows are read, and whole rows of the points that are kept, which takes a third of the
 * time and a tenth of the memory of `readColumns`.
 */
export async function readThinned(
  db: LabDatabase,
  { runId, name }: { readonly runId: string; readonly name: MetricName },
  { smoothing, points }: { readonly smoothing: number; readonly points: number },
): Promise<ThinnedColumns | null> {
  const rows = `FROM metrics WHERE run_id = ? AND name = ? AND step > ? AND abs(value) < 9e999`;
  const lastOfPage = db
    .prepare<[string, string, number], number>(
      `SELECT step ${rows} ORDER BY step LIMIT 1 OFFSET ${rowsOfPage - 1}`,
    )
    .pluck();
  const valuesOfPage = db
    .prepare<[string, string, number, number], number>(`SELECT value ${rows} AND step <= ? ORDER BY step`)
    .pluck();
  const values: number[] = [];
  /** The step before each page. */
  const starts = [-1];
  for (let end: number | undefined = -1; end !== undefined;) {
    const start = end;
    end = lastOfPage.get(runId, name, start);
    values.push(...valuesOfPage.all(runId, name, start, end ?? Number.MAX_SAFE_INTEGER));
    if (end !== undefined) starts.push(end);
    await new Promise((resolve) => setImmediate(resolve));
  }
  if (values.length <= points) return null;
  const rowOfPage = db
    .prepare<[string, string, number, number], Row>(
      `SELECT step, value, process_seconds, wall_milliseconds ${rows} ORDER BY step LIMIT 1 OFFSET ?`,
    )
    .raw();
  const smoothed = smooth(values, smoothing);
  const found = decimate(values, points).flatMap((index) => {
    const start = starts[Math.floor(index / rowsOfPage)];
    const row = rowOfPage.get(runId, name, start, index % rowsOfPage);
    // Rows are missing if the run has been rewound meanwhile.
    return row ? [{ row, mean: smoothed[index] }] : [];
  });
  return {
    steps: found.map(({ row: [step] }) => step),
    values: found.map(({ row: [, value] }) => value),
    processSeconds: found.map(({ row: [, , seconds] }) => seconds),
    wallTimes: found.map(({ row: [, , , time] }) => time),
    smoothed: found.map(({ mean }) => mean),
    logged: values.length,
  };
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
