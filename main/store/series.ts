/** One metric of one run as columns of numbers: what charts are made of. */

import type { MetricName } from '../../shared/metric.ts';
import type { LabDatabase } from './database.ts';

/** Equally long, in the order of steps; points that are not finite are left out. */
export interface MetricColumns {
  readonly steps: readonly number[];
  readonly values: readonly number[];
  readonly processSeconds: readonly number[];
  /** Milliseconds since 1970. */
  readonly wallTimes: readonly number[];
}

export function readColumns(db: LabDatabase, runId: string, name: MetricName): MetricColumns {
  const rows = db
    .prepare<[string, string], [number, number, number, number]>(
      `SELECT step, value, process_seconds, wall_milliseconds FROM metrics
       WHERE run_id = ? AND name = ? AND value IS NOT NULL ORDER BY step`,
    )
    .raw()
    .iterate(runId, name);
  const columns = {
    steps: [] as number[],
    values: [] as number[],
    processSeconds: [] as number[],
    wallTimes: [] as number[],
  };
  for (const [step, value, seconds, time] of rows) {
    columns.steps.push(step);
    columns.values.push(value);
    columns.processSeconds.push(seconds);
    columns.wallTimes.push(time);
  }
  return columns;
}
