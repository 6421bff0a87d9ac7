/** Rows of the table `previews`: the preview images of a run. */

import type { RunPreviews } from '../../../shared/comparison/comparison.ts';
import type { PreviewRecord } from '../../../shared/run.ts';
import type { LabDatabase } from '../database/database.ts';
import { getRun } from './runs.ts';

/** Inserts or replaces the row of a step. `createdAt` defaults to now. */
export function insertPreview(
  db: LabDatabase,
  preview: Omit<PreviewRecord, 'createdAt'> & Partial<Pick<PreviewRecord, 'createdAt'>>,
): void {
  db.prepare('INSERT OR REPLACE INTO previews VALUES (?, ?, ?, ?)').run(
    preview.runId,
    preview.step,
    preview.file,
    preview.createdAt ?? new Date().toISOString(),
  );
}

/** In the order of steps. */
export function listPreviews(db: LabDatabase, runId: string): PreviewRecord[] {
  const query =
    'SELECT run_id AS runId, step, file, created_at AS createdAt FROM previews WHERE run_id = ? ORDER BY step';
  return db.prepare<[string], PreviewRecord>(query).all(runId);
}

/** Returns the steps that have a preview. @throws UnknownRunError. */
export function readPreviewSteps(db: LabDatabase, runId: string): RunPreviews {
  getRun(db, runId);
  return { runId, steps: listPreviews(db, runId).map(({ step }) => step) };
}

/** Deletes one row, e.g. when its file is missing. */
export function deletePreview(db: LabDatabase, runId: string, step: number): void {
  db.prepare('DELETE FROM previews WHERE run_id = ? AND step = ?').run(runId, step);
}
