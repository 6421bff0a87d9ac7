/** Run folders decide which runs exist: rows that are missing or disagree about the trash are corrected. */

import { mkdirSync, readdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { describeError } from '../../../shared/text/describeError.ts';
import type { LabDatabase } from '../database/database.ts';
import { isRunId } from '../dataFolder.ts';
import type { Finding } from './finding.ts';
import { hasRunFile, readRunFile } from '../runs/runFile.ts';
import type { RunFile } from '../runs/runFile.ts';
import { readMarksFile, restoreMarks } from '../runs/runMarks.ts';
import { findFreeName } from '../runs/runLifecycle.ts';
import { insertRunRow } from '../runs/runs.ts';

/** A run folder whose row is missing or disagrees about the trash. */
interface Stranger {
  readonly id: string;
  readonly folder: string;
  readonly isTrashed: boolean;
  readonly hasRow: boolean;
}

interface Orphan extends Pick<Stranger, 'folder' | 'isTrashed'> {
  readonly run: RunFile;
}

/** Adds rows for run folders without one, oldest first, and corrects rows whose folder moved to or from the trash. */
export function adoptRuns(dataFolder: string, db: LabDatabase): Finding[] {
  if (findStrangers(dataFolder, db).length === 0) return [];
  // Search again under the lock: another process may have been creating or deleting a run.
  const adoptAll = db.transaction(() => {
    const strangers = findStrangers(dataFolder, db);
    const moved = strangers.filter(({ hasRow }) => hasRow).map((stranger) => moveRow(db, stranger));
    const read = strangers.filter(({ hasRow }) => !hasRow).map((stranger) => readOrphan(stranger));
    const orphans = read.flatMap((result) => ('run' in result ? [result] : []));
    orphans.sort((a, b) => (a.run.createdAt < b.run.createdAt ? -1 : 1));
    const adopted = orphans.flatMap((orphan) => adopt(db, orphan));
    return [...moved, ...adopted, ...read.flatMap((result) => ('findings' in result ? result.findings : []))];
  });
  return adoptAll.immediate();
}

function findStrangers(dataFolder: string, db: LabDatabase): Stranger[] {
  const query = 'SELECT id, deleted_at IS NOT NULL AS trashed FROM runs';
  const rows = db.prepare<[], { id: string; trashed: number }>(query).all();
  const places = new Map(rows.map(({ id, trashed }) => [id, trashed === 1]));
  return [false, true].flatMap((isTrashed) => {
    const parent = join(dataFolder, isTrashed ? 'trash' : 'runs');
    mkdirSync(parent, { recursive: true });
    return readdirSync(parent, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && isRunId(entry.name) && places.get(entry.name) !== isTrashed)
      .map(({ name: id }) => ({ id, folder: join(parent, id), isTrashed, hasRow: places.has(id) }));
  });
}

function moveRow(db: LabDatabase, { id, isTrashed }: Stranger): Finding {
  const row = db.prepare<[string], { name: string }>('SELECT name FROM runs WHERE id = ?').get(id);
  const name = isTrashed ? row?.name : findFreeName(db, row?.name ?? id, id);
  const deletedAt = isTrashed ? new Date().toISOString() : null;
  db.prepare('UPDATE runs SET deleted_at = ?, name = ? WHERE id = ?').run(deletedAt, name, id);
  const message = `The folder of run ${id} was found ${isTrashed ? 'in' : 'outside'} the trash; the run is listed there now.`;
  return { kind: 'run moved', runId: id, message };
}

function readOrphan({ id, folder, isTrashed }: Stranger): Orphan | { findings: Finding[] } {
  try {
    if (!hasRunFile(folder)) return { findings: removeIfEmpty(id, folder) };
    const run = readRunFile(folder);
    if (run.id === id) return { run, folder, isTrashed };
    return {
      findings: [unreadable(id, `${folder} holds the run.json of run ${run.id}; give the folder that name.`)],
    };
  } catch (error) {
    return { findings: [unreadable(id, describeError(error))] };
  }
}

/** Removes an empty folder, which an interrupted creation of a run leaves; others are kept and reported. */
function removeIfEmpty(id: string, folder: string): Finding[] {
  try {
    rmdirSync(folder);
    return [];
  } catch {
    return [
      unreadable(id, `${folder} holds files but no run.json; put run.json back or move the folder away.`),
    ];
  }
}

function unreadable(runId: string, message: string): Finding {
  return { kind: 'folder not readable', runId, message };
}

function adopt(db: LabDatabase, { run, folder, isTrashed }: Orphan): Finding[] {
  const deletedAt = isTrashed ? new Date().toISOString() : null;
  const name = isTrashed ? run.name : findFreeName(db, run.name);
  insertRunRow(db, { ...run, name, status: 'interrupted', deletedAt });
  const message = `Run ${run.id} "${name}" was put back from its folder.`;
  return [{ kind: 'run adopted', runId: run.id, message }, ...adoptMarks(db, run.id, folder)];
}

/** Restores the marks; if they are not readable the run is adopted without them. */
function adoptMarks(db: LabDatabase, id: string, folder: string): Finding[] {
  try {
    const marks = readMarksFile(folder);
    if (marks) restoreMarks(db, id, marks);
    return [];
  } catch (error) {
    return [unreadable(id, describeError(error))];
  }
}
