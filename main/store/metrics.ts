/** Rows of the table `metrics`: one number per run, step and name. */

import { metricUnits, type MetricName, type MetricPoint } from '../../shared/metric.ts';
import type { LabDatabase } from './database.ts';

export interface MetricFilter {
  /** Default: all. */
  readonly names?: readonly MetricName[];
  /** First step wanted. */
  readonly fromStep?: number;
}

const allNames = Object.keys(metricUnits);

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

/** Keeps `runs.best_ssim` what the metrics say. */
export function updateBestSsim(db: LabDatabase, runId: string): void {
  db.prepare(
    `UPDATE runs SET best_ssim = (SELECT max(value) FROM metrics WHERE run_id = runs.id AND name = 'evaluation/ssim')
     WHERE id = ?`,
  ).run(runId);
}

/** In the order of steps, then names. */
export function readMetrics(db: LabDatabase, runId: string, filter: MetricFilter = {}): MetricPoint[] {
  const names = JSON.stringify(filter.names ?? allNames);
  return db
    .prepare<[Record<string, string | number>], MetricRow>(
      `SELECT step, name, metrics.value, process_seconds, wall_milliseconds
       FROM json_each(@names) AS wanted CROSS JOIN metrics
       WHERE run_id = @runId AND name = wanted.value AND step >= @fromStep
       ORDER BY step, name`,
    )
    .all({ runId, names, fromStep: filter.fromStep ?? 0 })
    .map((row) => ({
      step: row.step,
      name: row.name,
      value: row.value ?? NaN,
      processSeconds: row.process_seconds,
      wallTime: row.wall_milliseconds,
    }));
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
