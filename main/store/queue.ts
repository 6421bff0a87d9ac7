/** Rows of the table `queue`: jobs that wait for the compute lane; they survive a restart. */

import type { LaneJob } from '../../shared/queue.ts';
import type { LabDatabase } from './database/database.ts';

export interface QueuedJob {
  readonly runId: string;
  readonly kind: LaneJob['kind'];
  /** What the lane needs to start the job; plain data. */
  readonly request: unknown;
}

/** Returns the queued jobs in the order in which they will run. */
export function readQueue(db: LabDatabase): QueuedJob[] {
  return db
    .prepare<[], { run_id: string; kind: LaneJob['kind']; request: string }>(
      `SELECT run_id, kind, request FROM queue JOIN runs ON runs.id = run_id AND deleted_at IS NULL ORDER BY place`,
    )
    .all()
    .map(({ run_id, kind, request }) => ({ runId: run_id, kind, request: JSON.parse(request) as unknown }));
}

/** Replaces the queue by these jobs. */
export function writeQueue(db: LabDatabase, jobs: readonly QueuedJob[]): void {
  const insert = db.prepare('INSERT INTO queue SELECT id, ?, ?, ? FROM runs WHERE id = ?');
  db.transaction(() => {
    db.prepare('DELETE FROM queue').run();
    jobs.forEach(({ runId, kind, request }, place) =>
      insert.run(kind, place, JSON.stringify(request), runId),
    );
  }).immediate();
}
