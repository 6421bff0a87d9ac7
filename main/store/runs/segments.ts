/** Rows of the table `segments`: the uninterrupted periods in which a run was computed. */

import type { BackendInfo, SegmentRecord } from '../../../shared/run.ts';
import type { LabDatabase } from '../database/database.ts';

interface SegmentRow {
  readonly from_step: number;
  readonly to_step: number | null;
  readonly started_at: string;
  readonly ended_at: string | null;
  readonly backend: string;
}

/** Opens a segment and closes one that a dead process left open. Returns its key for `endSegment`. */
export function startSegment(
  db: LabDatabase,
  segment: { readonly runId: string; readonly fromStep: number; readonly backend: BackendInfo },
): number {
  const { runId, fromStep, backend } = segment;
  return db.transaction(() => {
    closeOpenSegments(db, runId, fromStep);
    const insert = db.prepare(
      'INSERT INTO segments (run_id, from_step, started_at, backend) VALUES (?, ?, ?, ?)',
    );
    return Number(
      insert.run(runId, fromStep, new Date().toISOString(), JSON.stringify(backend)).lastInsertRowid,
    );
  })();
}

/** Inserts a segment of an imported run, which may not have ended. */
export function insertSegment(db: LabDatabase, { runId, ...segment }: SegmentRecord): void {
  const { fromStep, toStep, startedAt, endedAt, backend } = segment;
  db.prepare(
    'INSERT INTO segments (run_id, from_step, to_step, started_at, ended_at, backend) VALUES (?, ?, ?, ?, ?, ?)',
  ).run(runId, fromStep, toStep, startedAt, endedAt, JSON.stringify(backend));
}

/** Closes the segments that a dead process left open, at `toStep` and at the time of the run's last update. */
export function closeOpenSegments(db: LabDatabase, runId: string, toStep: number): void {
  db.prepare(
    `UPDATE segments SET to_step = max(from_step, ?), ended_at = (SELECT updated_at FROM runs WHERE id = run_id)
     WHERE run_id = ? AND ended_at IS NULL`,
  ).run(toStep, runId);
}

/** Closes the segment with this key of `startSegment`. */
export function endSegment(db: LabDatabase, key: number, toStep: number): void {
  db.prepare('UPDATE segments SET to_step = ?, ended_at = ? WHERE id = ?').run(
    toStep,
    new Date().toISOString(),
    key,
  );
}

/** In the order they were started. */
export function listSegments(db: LabDatabase, runId: string): SegmentRecord[] {
  return db
    .prepare<[string], SegmentRow>('SELECT * FROM segments WHERE run_id = ? ORDER BY id')
    .all(runId)
    .map((row) => ({
      runId,
      fromStep: row.from_step,
      toStep: row.to_step,
      startedAt: row.started_at,
      endedAt: row.ended_at,
      backend: JSON.parse(row.backend) as BackendInfo,
    }));
}
