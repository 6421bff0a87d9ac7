/** Rows of the table `metrics`: one number per run, step and name. */

import { loggedMetrics, type MetricName, type MetricPoint } from '../../../shared/metric.ts';
import type { LabDatabase } from '../database/database.ts';

export interface MetricFilter {
  /** Default: all. */
  readonly names?: readonly MetricName[];
  /** First step wanted. */
  readonly fromStep?: number;
}

const allNames = Object.keys(loggedMetrics) as MetricName[];

interface MetricRow {
  readonly step: number;
  readonly name: MetricName;
  readonly value: number | null;
  readonly process_seconds: number;
  readonly wall_milliseconds: number;
}

/** Writes all points or none; existing points are replaced, so steps may be replayed. */
export function insertMetrics(db: LabDatabase, runId: string, points: readonly MetricPoint[]): void {
  const insert = db.prepare('INSERT OR REPLACE INTO metrics VALUES (?, ?, ?, ?, ?, ?)');
  db.transaction(() => {
    for (const { step, name, value, processSeconds, wallTime } of points) {
      insert.run(runId, name, step, value, processSeconds, wallTime);
    }
    if (points.some(({ name }) => name === 'evaluation/ssim')) updateBestSsim(db, runId);
  })();
}

/** Updates `runs.best_ssim` from the metrics; scores from before the last change of the images do not count. */
export function updateBestSsim(db: LabDatabase, runId: string): void {
  db.prepare(
    `UPDATE runs SET best_ssim = (
       SELECT max(value) FROM metrics WHERE run_id = runs.id AND name = 'evaluation/ssim'
         AND step > coalesce((SELECT max(value ->> '$.step') FROM json_each(runs.dataset, '$.changes')), -1))
     WHERE id = ?`,
  ).run(runId);
}

/** Points of each name in memory at once: many enough for few queries, few enough for little memory. */
const pointsAtOnce = 2000;

/** Yields points in the order of steps, then names, with a bounded number in memory. */
export function* iterateMetrics(
  db: LabDatabase,
  runId: string,
  { names = allNames, fromStep = 0 }: MetricFilter = {},
): Generator<MetricPoint> {
  const query = db.prepare<[string, string, number], MetricRow>(
    `SELECT step, name, value, process_seconds, wall_milliseconds FROM metrics
     WHERE run_id = ? AND name = ? AND step >= ? ORDER BY step LIMIT ${pointsAtOnce}`,
  );
  const curves = [...names].sort().map((name) => readCurve((step) => query.all(runId, name, step), fromStep));
  const next = curves.map((curve) => curve.next());
  for (;;) {
    let earliest = -1;
    next.forEach(({ done, value }, index) => {
      if (!done && (earliest < 0 || value.step < (next[earliest].value as MetricRow).step)) earliest = index;
    });
    if (earliest < 0) return;
    yield toPoint(next[earliest].value as MetricRow);
    next[earliest] = curves[earliest].next();
  }
}

/** Yields the rows of one name, read page by page. */
function* readCurve(
  readFrom: (step: number) => MetricRow[],
  fromStep: number,
): Generator<MetricRow, undefined> {
  let rows: MetricRow[];
  let from = fromStep;
  do {
    rows = readFrom(from);
    yield* rows;
    from = (rows.at(-1)?.step ?? from) + 1;
  } while (rows.length === pointsAtOnce);
}

function toPoint(row: MetricRow): MetricPoint {
  return {
    step: row.step,
    name: row.name,
    value: row.value ?? NaN,
    processSeconds: row.process_seconds,
    wallTime: row.wall_milliseconds,
  };
}

/** Returns the points in the order of steps, then names; only for runs that are known to be short. */
export function readMetrics(db: LabDatabase, runId: string, filter: MetricFilter = {}): MetricPoint[] {
  return [...iterateMetrics(db, runId, filter)];
}

/** Returns the newest logged step, 0 before the first, with one index seek per name. */
export function newestLoggedStep(db: LabDatabase, runId: string): number {
  const query = `SELECT max((SELECT max(step) FROM metrics WHERE run_id = ? AND name = wanted.value))
    FROM json_each(?) AS wanted`;
  const step = db
    .prepare<[string, string], number | null>(query)
    .pluck()
    .get(runId, JSON.stringify(allNames));
  return step ?? 0;
}

/** Deletes the points after `step` and returns their number. */
export function deleteMetricsAfter(db: LabDatabase, runId: string, step: number): number {
  const { changes } = db.prepare('DELETE FROM metrics WHERE run_id = ? AND step > ?').run(runId, step);
  if (changes > 0) updateBestSsim(db, runId);
  return changes;
}
