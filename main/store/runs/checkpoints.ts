/** Rows of the table `checkpoints`: the committed ones. The files are read and written in `files/`. */

import type { CheckpointRecord } from '../../../shared/run.ts';
import type { LabDatabase } from '../database/database.ts';

interface CheckpointRow {
  readonly run_id: string;
  readonly step: number;
  readonly file: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly is_best: number;
  readonly created_at: string;
}

/** Inserts or replaces the row of a step; a new best replaces the old one. `createdAt` defaults to now. */
export function insertCheckpoint(
  db: LabDatabase,
  checkpoint: Omit<CheckpointRecord, 'createdAt'> & Partial<Pick<CheckpointRecord, 'createdAt'>>,
): void {
  const { runId, step, file, bytes, sha256, isBest, createdAt } = checkpoint;
  db.transaction(() => {
    if (isBest) db.prepare('UPDATE checkpoints SET is_best = 0 WHERE run_id = ?').run(runId);
    db.prepare('INSERT OR REPLACE INTO checkpoints VALUES (?, ?, ?, ?, ?, ?, ?)').run(
      runId,
      step,
      file,
      bytes,
      sha256,
      isBest ? 1 : 0,
      createdAt ?? new Date().toISOString(),
    );
  })();
}

/** Newest first. */
export function listCheckpointRows(db: LabDatabase, runId: string): CheckpointRecord[] {
  return db
    .prepare<[string], CheckpointRow>('SELECT * FROM checkpoints WHERE run_id = ? ORDER BY step DESC')
    .all(runId)
    .map(toRecord);
}

/** Returns the best checkpoint, or the newest if none is marked; undefined before the first. */
export function findBestCheckpoint(db: LabDatabase, runId: string): CheckpointRecord | undefined {
  const query = 'SELECT * FROM checkpoints WHERE run_id = ? ORDER BY is_best DESC, step DESC LIMIT 1';
  const row = db.prepare<[string], CheckpointRow>(query).get(runId);
  return row && toRecord(row);
}

/** Deletes one row, e.g. after its file was pruned. */
export function deleteCheckpoint(db: LabDatabase, runId: string, step: number): void {
  db.prepare('DELETE FROM checkpoints WHERE run_id = ? AND step = ?').run(runId, step);
}

function toRecord(row: CheckpointRow): CheckpointRecord {
  return {
    runId: row.run_id,
    step: row.step,
    file: row.file,
    bytes: row.bytes,
    sha256: row.sha256,
    isBest: row.is_best === 1,
    createdAt: row.created_at,
  };
}
