/** Which checkpoint of a run is used: its newest good one, or the one from which training can resume without a gap. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { RunRecord } from '../../shared/run.ts';
import { insertCheckpoint, listCheckpointRows } from '../store/runs/checkpoints.ts';
import {
  checkpointPath,
  type VerifiedCheckpoint,
  verifyCheckpoint,
  formatCheckpointName,
} from '../store/files/checkpointFile.ts';
import {
  findNewestVerified,
  listCheckpoints,
  type NewestCheckpoint,
} from '../store/files/checkpointFolder.ts';
import { readMetrics } from '../store/runs/metrics.ts';
import { listSegments } from '../store/runs/segments.ts';
import type { Store } from '../store/store.ts';

export interface RunCheckpoint extends VerifiedCheckpoint {
  /** Absolute. */
  readonly path: string;
}

/**
 * Returns the newest good checkpoint. `use`: what needs it, with its article, such as `an evaluation`.
 * @throws Error if the run has none, or is in the trash.
 */
export function requireCheckpoint(store: Store, run: RunRecord, use: string): RunCheckpoint {
  const folder = store.runFolder(run.id);
  if (!existsSync(folder)) {
    throw new Error(
      `The folder of run ${run.id} "${run.name}" is not there, and ${use} needs its checkpoint. Restore the run.`,
    );
  }
  const { checkpoint } = findNewestVerified(folder);
  if (checkpoint) return { ...checkpoint, path: checkpointPath(folder, checkpoint.step) };
  throw new Error(
    `Run ${run.id} "${run.name}" has no checkpoint yet, and ${use} needs one. Train it until its first checkpoint.`,
  );
}

/** Number of checkpoints to go back at most in order to fill a gap in the metrics. */
const farthestBack = 3;

/**
 * Returns the checkpoint to resume from: the newest one that verifies. A process that died between writing checkpoints and
 * recording them left a gap in the metrics before them; then the newest one before the gap, or the beginning, is returned,
 * and the same steps fill the gap.
 * @throws Error if the run had checkpoints and none can be read, because starting again would overwrite the run.
 */
export function findResumePoint(store: Store, run: RunRecord): NewestCheckpoint {
  const folder = store.runFolder(run.id);
  const newest = findNewestVerified(folder);
  const { checkpoint, damaged } = newest;
  if (!checkpoint && (damaged.length > 0 || hadCheckpoint(store, run))) {
    const found = damaged.map(({ file, reason }) => `${file}: ${reason}`).join('; ') || 'the files are gone';
    throw new Error(
      `Run ${run.id} "${run.name}" has no checkpoint that can be read (${found}). Restore ${folder} from a copy, or start a new run.`,
    );
  }
  if (!checkpoint) return newest;
  const beforeGap = findBeforeGap(store, run, checkpoint);
  if (beforeGap !== checkpoint) return { ...newest, checkpoint: beforeGap };
  listIfMissing(store, run.id, checkpoint);
  return newest;
}

/** Whether a segment of training ended at a checkpoint. */
function hadCheckpoint(store: Store, run: RunRecord): boolean {
  return listSegments(store.db, run.id).some(({ toStep }) => toStep !== null && toStep > 0);
}

/** Returns `newest` if there is no gap, or none worth going back for; null for the beginning. */
function findBeforeGap(store: Store, run: RunRecord, newest: VerifiedCheckpoint): VerifiedCheckpoint | null {
  const folder = store.runFolder(run.id);
  const lowest = newest.step - farthestBack * run.config.train.checkpointEverySteps;
  for (const step of listCheckpoints(folder).filter((other) => other <= newest.step && other >= lowest)) {
    if (!hasMetricsUpTo(store, run, step)) continue;
    const found = step === newest.step ? newest : tryVerify(folder, step);
    if (found) return found;
  }
  // A database that was rebuilt lacks the metrics of the first steps; that is no reason to train them again.
  const knowsBeginning = listSegments(store.db, run.id)[0]?.fromStep === 0;
  return lowest <= 0 && knowsBeginning ? null : newest;
}

/** Metrics are stored in the order of their steps: if the last ones are there, all are. */
function hasMetricsUpTo(store: Store, { id, config }: RunRecord, step: number): boolean {
  const { logEverySteps, evaluateEverySteps, timesPerRun } = config.train;
  const logged = lastMultiple(step, logEverySteps) || Math.min(step, 1);
  const evaluated = timesPerRun === null ? lastMultiple(step, evaluateEverySteps) : 0;
  const has = (name: 'learningRate' | 'evaluation/mse', at: number) =>
    at === 0 || readMetrics(store.db, id, { names: [name], fromStep: at }).some((point) => point.step === at);
  return has('learningRate', logged) && has('evaluation/mse', evaluated);
}

function lastMultiple(step: number, every: number): number {
  return every === 0 ? 0 : step - (step % every);
}

/** Returns null for a damaged checkpoint. */
function tryVerify(folder: string, step: number): VerifiedCheckpoint | null {
  try {
    return verifyCheckpoint(join(folder, formatCheckpointName(step)));
  } catch {
    return null;
  }
}

/** Adds the row of a checkpoint whose process died before it could report it. */
function listIfMissing(store: Store, runId: string, checkpoint: VerifiedCheckpoint): void {
  const { step, file, bytes, sha256 } = checkpoint;
  if (listCheckpointRows(store.db, runId).some((row) => row.step === step)) return;
  insertCheckpoint(store.db, { runId, step, file, bytes, sha256, isBest: false });
}
