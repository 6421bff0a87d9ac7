/** Rows of the table `queue`: jobs that wait for the compute lane, also over a restart. */

import type { LaneJob } from '../../shared/queue.ts';
import type { LabDatabase } from './database/database.ts';

export interface QueuedJob {
  readonly runId: string;
  readonly kind: LaneJob['kind'];
  /** What the lane needs to know to start it; plain data. */
  readonly request: unknown;
}

/** In the order they will run. */
export function readQueue(db: LabDatabase): QueuedJob[] {
  return db
    .prepare<[], { run_id: string; kind: LaneJob['kind']; request: string }>(
      `SELECT run_id, kind, request FROM queue JOIN runs ON runs.id = run_id AND deleted_at IS NULL ORDER BY place`,
    )
    .all()
    .map(({ run_id, kind, request }) => ({ runId: run_id, kind, request: JSON.parse(request) as unknown }));
}

/** Makes the table hold these jobs in this order. */
export function writeQueue(db: LabDatabase, jobs: readonly QueuedJob[]): void {
  const insert = db.prepare('INSERT INTO queue SELECT id, ?, ?, ? FROM runs WHERE id = ?');
  db.transaction(() => {
    db.prepare('DELETE FROM queue').run();
    jobs.forEach(({ runId, kind, request }, place) =>
      insert.run(kind, place, JSON.stringify(request), runId),
    );
  }).immediate();
}
