/** Rows of the table `metrics`: one number per run, step and name. */

import type { MetricName, MetricPoint } from '../../shared/metric.ts';
import type { LabDatabase } from './database.ts';

export interface MetricFilter {
  /** Default: all. */
  readonly names?: readonly MetricName[];
  /** First step wanted. */
  readonly fromStep?: number;
}

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
      insert.run(runId, step, name, value, processSeconds, wallTime);
    }
    if (points.some(({ name }) => name === 'evaluation/ssim')) updateBestSsim(db, runId);
  })();
}

/** Keeps `runs.best_ssim` what the metrics say. */
function updateBestSsim(db: LabDatabase, runId: string): void {
  db.prepare(
    `UPDATE runs SET best_ssim = (SELECT max(value) FROM metrics WHERE run_id = runs.id AND name = 'evaluation/ssim')
     WHERE id = ?`,
  ).run(runId);
}

/** In the order of steps, then names. */
export function readMetrics(db: LabDatabase, runId: string, filter: MetricFilter = {}): MetricPoint[] {
  const names = filter.names === undefined ? null : JSON.stringify(filter.names);
  return db
    .prepare<[Record<string, string | number | null>], MetricRow>(
      `SELECT step, name, value, process_seconds, wall_milliseconds FROM metrics
       WHERE run_id = @runId AND step >= @fromStep
         AND (@names IS NULL OR name IN (SELECT value FROM json_each(@names)))
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

/** Removes what was logged after `step`. Returns how many points that were. */
export function deleteMetricsAfter(db: LabDatabase, runId: string, step: number): number {
  const { changes } = db.prepare('DELETE FROM metrics WHERE run_id = ? AND step > ?').run(runId, step);
  if (changes > 0) updateBestSsim(db, runId);
  return changes;
}
