/** Where a run goes on: at its newest good checkpoint whose metrics are stored too. */

import { join } from 'node:path';
import type { RunRecord } from '../../shared/run.ts';
import { insertCheckpoint, listCheckpointRows } from '../store/checkpoints.ts';
import { verifyCheckpoint, type VerifiedCheckpoint } from '../store/files/checkpointFile.ts';
import {
  findNewestVerified,
  listCheckpoints,
  type NewestCheckpoint,
} from '../store/files/checkpointFolder.ts';
import { formatCheckpointName } from '../store/files/checkpointName.ts';
import { readMetrics } from '../store/metrics.ts';
import { listSegments } from '../store/segments.ts';
import type { Store } from '../store/store.ts';

/**
 * The newest checkpoint that verifies. A process that died between writing one and reporting it left a gap in the
 * metrics before it: then the checkpoint before (or the beginning) is taken, and the same steps fill the gap.
 */
export function findResumePoint(store: Store, run: RunRecord): NewestCheckpoint {
  const folder = store.runFolder(run.id);
  const newest = findNewestVerified(folder);
  const { checkpoint } = newest;
  if (!checkpoint) return newest;
  if (!hasMetricsUpTo(store, run, checkpoint.step)) {
    const older = findOlder(folder, checkpoint.step);
    if (older && hasMetricsUpTo(store, run, older.step)) return { ...newest, checkpoint: older };
    const isFirst = !older && checkpoint.step <= run.config.train.checkpointEverySteps;
    // A database that was made anew knows no metrics at all: they are no reason to train again.
    if (isFirst && listSegments(store.db, run.id).length > 0) return { ...newest, checkpoint: null };
  }
  listIfMissing(store, run.id, checkpoint);
  return newest;
}

/** Metrics are stored in the order of their steps: where the last ones are, all are. */
function hasMetricsUpTo(store: Store, { id, config }: RunRecord, step: number): boolean {
  const { logEverySteps, evaluateEverySteps } = config.train;
  const logged = lastMultiple(step, logEverySteps) || Math.min(step, 1);
  const evaluated = lastMultiple(step, evaluateEverySteps);
  const has = (name: 'learningRate' | 'evaluation/mse', at: number) =>
    at === 0 || readMetrics(store.db, id, { names: [name], fromStep: at }).some((point) => point.step === at);
  return has('learningRate', logged) && has('evaluation/mse', evaluated);
}

function lastMultiple(step: number, every: number): number {
  return every === 0 ? 0 : step - (step % every);
}

function findOlder(folder: string, step: number): VerifiedCheckpoint | null {
  for (const candidate of listCheckpoints(folder).filter((other) => other < step)) {
    try {
      return verifyCheckpoint(join(folder, formatCheckpointName(candidate)));
    } catch {
      // A damaged one is no place to go back to.
    }
  }
  return null;
}

/** A file whose writer died before it could report it. */
function listIfMissing(store: Store, runId: string, checkpoint: VerifiedCheckpoint): void {
  const { step, file, bytes, sha256 } = checkpoint;
  if (listCheckpointRows(store.db, runId).some((row) => row.step === step)) return;
  insertCheckpoint(store.db, { runId, step, file, bytes, sha256, isBest: false });
}
