/** Commits of a running training: several tables in one transaction, so that a step is never half recorded. */

import type { MetricPoint } from '../../../shared/metric.ts';
import type { CheckpointRecord, RunRecord } from '../../../shared/run.ts';
import { insertCheckpoint } from './checkpoints.ts';
import type { LabDatabase, StoreHandle } from '../database/database.ts';
import { deleteMetricsAfter, insertMetrics, updateBestSsim } from './metrics.ts';
import { updateRun } from './runs.ts';

/** A written checkpoint file, and the metrics up to it. */
export interface CheckpointCommit
  extends
    Omit<CheckpointRecord, 'createdAt'>,
    Partial<Pick<RunRecord, 'epoch' | 'processSeconds' | 'loss' | 'bestPsnr'>> {
  /** Points that are not stored yet; stored ones may be repeated. */
  readonly metrics: readonly MetricPoint[];
}

/**
 * Writes the checkpoint row, the metrics and the run's step, all or nothing.
 * @throws Error when a metric is later than the checkpoint, or there is no such run.
 */
export function commitCheckpoint(store: Pick<StoreHandle, 'db'>, commit: CheckpointCommit): void {
  const { runId, step, file, bytes, sha256, isBest, metrics, epoch, processSeconds, loss, bestPsnr } = commit;
  const later = metrics.find((point) => point.step > step);
  if (later) {
    throw new Error(
      `Metric "${later.name}" of step ${later.step} found, steps up to ${step} expected with this checkpoint. Commit it with the next one.`,
    );
  }
  const write = store.db.transaction(() => {
    updateRun(store.db, runId, { step, epoch, processSeconds, loss, bestPsnr });
    insertCheckpoint(store.db, { runId, step, file, bytes, sha256, isBest });
    insertMetrics(store.db, runId, metrics);
  });
  write.immediate();
}

/**
 * Rewinds a run to `step`, where it will resume: later metrics, checkpoints, previews and evaluations are deleted from the
 * database; files stay, because the same steps write them again. @throws Error when there is no such run.
 */
export function rewindRun(store: Pick<StoreHandle, 'db'>, runId: string, step: number): void {
  const rewind = store.db.transaction(() => {
    updateRun(store.db, runId, { step });
    deleteMetricsAfter(store.db, runId, step);
    for (const table of ['checkpoints', 'previews', 'evaluations']) {
      store.db.prepare(`DELETE FROM ${table} WHERE run_id = ? AND step > ?`).run(runId, step);
    }
  });
  rewind.immediate();
}

/** Resets the best score and the best checkpoint of a run; the next evaluation is the first that counts. */
export function forgetBest(db: LabDatabase, runId: string): void {
  updateRun(db, runId, { bestPsnr: null });
  db.prepare('UPDATE checkpoints SET is_best = 0 WHERE run_id = ?').run(runId);
  updateBestSsim(db, runId);
}
