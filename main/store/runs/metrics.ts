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

/** Writes all points or none; a point that is there already is replaced, so steps may be replayed. */
export function insertMetrics(db: LabDatabase, runId: string, points: readonly MetricPoint[]): void {
  const insert = db.prepare('INSERT OR REPLACE INTO metrics VALUES (?, ?, ?, ?, ?, ?)');
  db.transaction(() => {
    for (const { step, name, value, processSeconds, wallTime } of points) {
      insert.run(runId, name, step, value, processSeconds, wallTime);
    }
    if (points.some(({ name }) => name === 'evaluation/ssim')) updateBestSsim(db, runId);
  })();
}

/** Keeps `runs.best_ssim` what the metrics say of the images the run has now: scores of replaced ones do not count. */
export function updateBestSsim(db: LabDatabase, runId: string): void {
  db.prepare(
    `UPDATE runs SET best_ssim = (
       SELECT max(value) FROM metrics WHERE run_id = runs.id AND name = 'evaluation/ssim'
         AND step > coalesce((SELECT max(value ->> '$.step') FROM json_each(runs.dataset, '$.changes')), -1))
     WHERE id = ?`,
  ).run(runId);
}

/** Points that are in memory at once of each name: many, for few queries, and little memory however long the run is. */
const pointsAtOnce = 2000;

/** In the order of steps, then names, with only a few of them in memory at a time. */
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

/** One name's rows, page by page. */
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

/** All of them at once: only for what is known to be short. In the order of steps, then names. */
export function readMetrics(db: LabDatabase, runId: string, filter: MetricFilter = {}): MetricPoint[] {
  return [...iterateMetrics(db, runId, filter)];
}

/** The newest step with a number; 0 before the first. A seek for each name, however long the run is. */
export function newestLoggedStep(db: LabDatabase, runId: string): number {
  const query = `SELECT max((SELECT max(step) FROM metrics WHERE run_id = ? AND name = wanted.value))
    FROM json_each(?) AS wanted`;
  const step = db
    .prepare<[string, string], number | null>(query)
    .pluck()
    .get(runId, JSON.stringify(allNames));
  return step ?? 0;
}

/** Removes what was logged after `step`. Returns how many points that were. */
export function deleteMetricsAfter(db: LabDatabase, runId: string, step: number): number {
  const { changes } = db.prepare('DELETE FROM metrics WHERE run_id = ? AND step > ?').run(runId, step);
  if (changes > 0) updateBestSsim(db, runId);
  return changes;
}
