/** What users write on runs: tags, a note, the archive, and where a run was branched from. */

import type { LabDatabase } from './database.ts';
import { unknownRun } from './runs.ts';

/** A place in another run's life. */
export interface BranchPoint {
  readonly runId: string;
  readonly step: number;
}

export interface RunMarks {
  readonly note: string;
  readonly branchedFrom: BranchPoint | null;
}

/** Adds and removes tags of several runs, all or nothing; ids that are not there are passed over. */
export function changeTags(
  db: LabDatabase,
  ids: readonly string[],
  change: { readonly add: readonly string[]; readonly remove: readonly string[] },
): void {
  const insert = db.prepare('INSERT OR IGNORE INTO tags SELECT id, ? FROM runs WHERE id = ?');
  const remove = db.prepare('DELETE FROM tags WHERE name = ? AND run_id = ?');
  db.transaction(() => {
    for (const id of ids) {
      for (const name of change.remove) remove.run(name, id);
      for (const name of change.add) insert.run(name, id);
    }
  }).immediate();
}

/** @throws Error when there is no such run. */
export function writeNote(db: LabDatabase, id: string, text: string): void {
  if (db.prepare('UPDATE runs SET note = ? WHERE id = ?').run(text, id).changes === 0) throw unknownRun(id);
}

/** Takes runs off the list of active ones, or puts them back. */
export function archiveRuns(db: LabDatabase, ids: readonly string[], archived: boolean): void {
  const archive = db.prepare(
    'UPDATE runs SET archived_at = ? WHERE id = ? AND (archived_at IS NOT NULL) <> ?',
  );
  const time = archived ? new Date().toISOString() : null;
  db.transaction(() => ids.forEach((id) => archive.run(time, id, archived ? 1 : 0))).immediate();
}

export function recordBranch(db: LabDatabase, id: string, { runId, step }: BranchPoint): void {
  db.prepare('UPDATE runs SET branched_run = ?, branched_step = ? WHERE id = ?').run(runId, step, id);
}

/** @throws Error when there is no such run. */
export function readMarks(db: LabDatabase, id: string): RunMarks {
  const row = db
    .prepare<[string], { note: string; branched_run: string | null; branched_step: number | null }>(
      'SELECT note, branched_run, branched_step FROM runs WHERE id = ?',
    )
    .get(id);
  if (!row) throw unknownRun(id);
  const { note, branched_run: runId, branched_step: step } = row;
  return { note, branchedFrom: runId === null || step === null ? null : { runId, step } };
}
