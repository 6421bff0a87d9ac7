/**
 * What is attached to runs: tags, a note, the archive state, the branch point and the sweep; in the rows, and as a copy in `marks.json`
 * in the run's folder, from which a rebuilt database restores them. The copy is written without fsync.
 */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BranchPoint, type RunMarks, runMarksSchema, type SweepLink } from '../../../shared/runList.ts';
import { runFolder, trashFolder } from '../dataFolder.ts';
import type { LabDatabase, StoreHandle } from '../database/database.ts';
import { writeFileAtomically } from '../files/atomicFile.ts';
import { attempt, type FileSystem, nodeFileSystem } from '../files/fileSystem.ts';
import { unknownRun } from './runs.ts';

interface MarksRow {
  readonly note: string;
  readonly archived_at: string | null;
  readonly branched_run: string | null;
  readonly branched_step: number | null;
  readonly sweep_id: string | null;
  readonly sweep_member: number | null;
  readonly tags: string;
  readonly trashed: number;
}

const marksQuery = `SELECT note, archived_at, branched_run, branched_step, sweep_id, sweep_member,
  deleted_at IS NOT NULL AS trashed,
  (SELECT json_group_array(name ORDER BY name) FROM tags WHERE run_id = runs.id) AS tags FROM runs`;

/** Adds and removes tags of several runs, all or nothing; unknown ids are ignored. */
export function changeTags(
  store: StoreHandle,
  ids: readonly string[],
  change: { readonly add: readonly string[]; readonly remove: readonly string[] },
): void {
  const insert = store.db.prepare('INSERT OR IGNORE INTO tags SELECT id, ? FROM runs WHERE id = ?');
  const remove = store.db.prepare('DELETE FROM tags WHERE name = ? AND run_id = ?');
  const changeAll = store.db.transaction(() => {
    for (const id of ids) {
      for (const name of change.remove) remove.run(name, id);
      for (const name of change.add) insert.run(name, id);
    }
  });
  changeAll.immediate();
  copyMarks(store, ids);
}

/** Sets the note of a run. @throws Error when there is no such run. */
export function writeNote(store: StoreHandle, id: string, text: string): void {
  const { changes } = store.db.prepare('UPDATE runs SET note = ? WHERE id = ?').run(text, id);
  if (changes === 0) throw unknownRun(id);
  copyMarks(store, [id]);
}

/** Moves runs to the archive, or back to the active list. */
export function archiveRuns(store: StoreHandle, ids: readonly string[], archived: boolean): void {
  const archive = store.db.prepare(
    'UPDATE runs SET archived_at = ? WHERE id = ? AND (archived_at IS NOT NULL) <> ?',
  );
  const time = archived ? new Date().toISOString() : null;
  store.db.transaction(() => ids.forEach((id) => archive.run(time, id, archived ? 1 : 0))).immediate();
  copyMarks(store, ids);
}

export function recordBranch(store: StoreHandle, id: string, { runId, step }: BranchPoint): void {
  const update = store.db.prepare('UPDATE runs SET branched_run = ?, branched_step = ? WHERE id = ?');
  update.run(runId, step, id);
  copyMarks(store, [id]);
}

/** Records the sweep of a run; null: none any more. */
export function recordSweep(store: StoreHandle, id: string, link: SweepLink | null): void {
  const update = store.db.prepare('UPDATE runs SET sweep_id = ?, sweep_member = ? WHERE id = ?');
  update.run(link?.sweepId ?? null, link?.member ?? null, id);
  copyMarks(store, [id]);
}

/** @throws Error when there is no such run. */
export function readMarks(db: LabDatabase, id: string): RunMarks {
  const row = db.prepare<[string], MarksRow>(`${marksQuery} WHERE id = ?`).get(id);
  if (!row) throw unknownRun(id);
  return toMarks(row);
}

/** Writes the marks read from a run's folder to its row. */
export function restoreMarks(db: LabDatabase, id: string, marks: RunMarks): void {
  const { note, archivedAt, branchedFrom, sweep, tags } = marks;
  db.prepare(
    `UPDATE runs SET note = ?, archived_at = ?, branched_run = ?, branched_step = ?, sweep_id = ?, sweep_member = ?
     WHERE id = ?`,
  ).run(
    note,
    archivedAt,
    branchedFrom?.runId ?? null,
    branchedFrom?.step ?? null,
    sweep?.sweepId ?? null,
    sweep?.member ?? null,
    id,
  );
  const insert = db.prepare('INSERT OR IGNORE INTO tags VALUES (?, ?)');
  for (const name of tags) insert.run(id, name);
}

/** Writes the missing `marks.json` of runs that have marks. */
export function copyMissingMarks(store: StoreHandle): void {
  const query = `SELECT id FROM runs WHERE note <> '' OR archived_at IS NOT NULL OR branched_run IS NOT NULL
    OR sweep_id IS NOT NULL OR EXISTS (SELECT 1 FROM tags WHERE run_id = runs.id)`;
  const marked = store.db.prepare<[], string>(query).pluck().all();
  copyMarks(store, marked, (folder) => !hasMarksFile(folder));
}

function copyMarks(
  { db, dataFolder }: StoreHandle,
  ids: readonly string[],
  isWanted: (folder: string) => boolean = () => true,
): void {
  const find = db.prepare<[string], MarksRow>(`${marksQuery} WHERE id = ?`);
  for (const id of ids) {
    const row = find.get(id);
    if (!row) continue;
    const folder = row.trashed ? trashFolder(dataFolder, id) : runFolder(dataFolder, id);
    if (existsSync(folder) && isWanted(folder)) writeMarksFile(folder, toMarks(row));
  }
}

function toMarks(row: MarksRow): RunMarks {
  const { note, archived_at: archivedAt, branched_run: runId, branched_step: step, tags } = row;
  const branchedFrom = runId === null || step === null ? null : { runId, step };
  const { sweep_id: sweepId, sweep_member: member } = row;
  return {
    tags: JSON.parse(tags) as string[],
    note,
    archivedAt,
    branchedFrom,
    ...(sweepId !== null && member !== null && { sweep: { sweepId, member } }),
  };
}

const fileName = 'marks.json';
const withoutWaiting: FileSystem = { ...nodeFileSystem, sync: () => undefined, syncFolder: () => undefined };

/** Writes `marks.json`. If that fails the outdated file is removed, so that the next start writes it again. */
export function writeMarksFile(
  folder: string,
  marks: RunMarks,
  fileSystem: FileSystem = withoutWaiting,
): void {
  const bytes = new TextEncoder().encode(`${JSON.stringify(marks, null, 2)}\n`);
  try {
    writeFileAtomically({ folder, name: fileName, bytes }, fileSystem);
  } catch {
    attempt(() => fileSystem.remove(join(folder, fileName)));
  }
}

/** Returns whether any mark is set. */
export function hasMarks({ tags, note, archivedAt, branchedFrom, sweep }: RunMarks): boolean {
  return (
    tags.length > 0 || note !== '' || archivedAt !== null || branchedFrom !== null || sweep !== undefined
  );
}

function hasMarksFile(folder: string): boolean {
  return existsSync(join(folder, fileName));
}

/** Reads `marks.json`; null if there is none. @throws Error naming the file when it is not readable. */
export function readMarksFile(folder: string): RunMarks | null {
  if (!hasMarksFile(folder)) return null;
  const path = join(folder, fileName);
  try {
    return runMarksSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (error) {
    throw new Error(`${path} is not readable: tags, note, archive, branch and sweep of a run expected.`, {
      cause: error,
    });
  }
}
