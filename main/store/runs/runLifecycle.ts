/** Operations on a whole run, row and folder together: create, rename, change the configuration, delete, restore, purge. */

import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import type { RunConfig } from '../../../shared/config/config.ts';
import type { RunRecord } from '../../../shared/run.ts';
import type { SweepLink } from '../../../shared/runList.ts';
import { runFolder, trashFolder, createShortId } from '../dataFolder.ts';
import type { LabDatabase, StoreHandle } from '../database/database.ts';
import { attempt } from '../files/fileSystem.ts';
import { findLease, isLeaseLive } from './leases.ts';
import { hasRunFile, readRunFile, writeRunFile } from './runFile.ts';
import { recordSweep } from './runMarks.ts';
import { getRun, insertRunRow, unknownRun } from './runs.ts';

export interface NewRun {
  /** Up to 120 visible characters; a number is appended when the name is taken. */
  readonly name: string;
  /** Complete, i.e. parsed by `runConfigSchema`. */
  readonly config: RunConfig;
  /** null or absent: unknown. */
  readonly totalSteps?: number | null;
  /** The sweep that it belongs to. */
  readonly sweep?: SweepLink;
}

const longestName = 120;
/** Name with a special meaning in `findRun`. */
const reservedName = 'latest';

/**
 * Creates a run with status `queued`: its folder with `run.json`, and its row.
 * @throws Error when the name is empty, too long, reserved or contains control characters.
 */
export function insertRun(store: StoreHandle, run: NewRun): RunRecord {
  const wanted = checkName(run.name);
  const insert = store.db.transaction(() => {
    const id = createRunId(store);
    const name = findFreeName(store.db, wanted);
    const createdAt = new Date().toISOString();
    const row = { id, name, preset: run.config.preset, config: run.config, createdAt };
    const folder = runFolder(store.dataFolder, id);
    mkdirSync(folder, { recursive: true });
    try {
      writeRunFile(folder, row);
      insertRunRow(store.db, { ...row, status: 'queued', totalSteps: run.totalSteps });
      if (run.sweep) recordSweep(store, id, run.sweep);
      return getRun(store.db, id);
    } catch (error) {
      // A disk that is full leaves neither a row nor a folder.
      attempt(() => rmSync(folder, { recursive: true, force: true }));
      throw error;
    }
  });
  return insert.immediate();
}

/** Renames a run; a number is appended when the name is taken. @returns the new name. */
export function renameRun(store: StoreHandle, id: string, name: string): string {
  const wanted = checkName(name);
  const rename = store.db.transaction(() => {
    const free = findFreeName(store.db, wanted, id);
    const changed = store.db
      .prepare('UPDATE runs SET name = ? WHERE id = ? AND deleted_at IS NULL')
      .run(free, id);
    if (changed.changes === 0) throw unknownRun(id);
    const folder = runFolder(store.dataFolder, id);
    if (hasRunFile(folder)) writeRunFile(folder, { ...readRunFile(folder), name: free });
    return free;
  });
  return rename.immediate();
}

/** Moves a run to the trash. @throws Error when a process is computing it, or there is no such run. */
export function softDeleteRun(store: StoreHandle, id: string): void {
  const remove = store.db.transaction(() => {
    const lease = findLease(store.db, id);
    if (lease && isLeaseLive(lease)) {
      throw new Error(
        `Run ${id} is being computed by process ${lease.pid}; only a stopped run can be deleted. Stop it first.`,
      );
    }
    const now = new Date().toISOString();
    const query = 'UPDATE runs SET deleted_at = ? WHERE id = ? AND deleted_at IS NULL';
    if (store.db.prepare(query).run(now, id).changes === 0) throw unknownRun(id);
    moveFolder(runFolder(store.dataFolder, id), trashFolder(store.dataFolder, id));
  });
  remove.immediate();
}

/** Restores a run from the trash. @returns its name, with a number appended when the old one is taken. */
export function restoreRun(store: StoreHandle, id: string): string {
  const restore = store.db.transaction(() => {
    const name = findFreeName(store.db, trashedName(store.db, id));
    store.db.prepare('UPDATE runs SET deleted_at = NULL, name = ? WHERE id = ?').run(name, id);
    moveFolder(trashFolder(store.dataFolder, id), runFolder(store.dataFolder, id));
    return name;
  });
  return restore.immediate();
}

/** Permanently deletes a run in the trash with its files. @throws Error when it is not in the trash. */
export function purgeRun(store: StoreHandle, id: string): void {
  const purge = store.db.transaction(() => {
    trashedName(store.db, id);
    store.db.prepare('DELETE FROM runs WHERE id = ?').run(id);
    rmSync(trashFolder(store.dataFolder, id), { recursive: true, force: true });
  });
  purge.immediate();
}

/** Returns `wanted`, or `wanted 2`, `wanted 3`, … when another run outside the trash (not `ownId`) has the name. */
export function findFreeName(db: LabDatabase, wanted: string, ownId = ''): string {
  const isTaken = db.prepare('SELECT 1 FROM runs WHERE name = ? AND id <> ? AND deleted_at IS NULL');
  for (let number = 1; ; number++) {
    const name = number === 1 ? wanted : `${wanted} ${number}`;
    if (!isTaken.get(name, ownId)) return name;
  }
}

function checkName(name: string): string {
  const trimmed = name.trim();
  const isVisible = trimmed.length > 0 && trimmed.length <= longestName && !/\p{Cc}/u.test(trimmed);
  if (isVisible && trimmed !== reservedName) return trimmed;
  throw new Error(
    `Run name ${JSON.stringify(name)} found, 1 to ${longestName} visible characters other than "${reservedName}" expected. Choose another name.`,
  );
}

/** Returns an unused run id. */
export function createRunId(store: StoreHandle): string {
  return createShortId((id) => isRunIdTaken(store, id));
}

/** Returns whether a run or a run folder has this id. */
export function isRunIdTaken({ db, dataFolder }: StoreHandle, id: string): boolean {
  const isKnown = db.prepare('SELECT 1 FROM runs WHERE id = ?').get(id) !== undefined;
  return isKnown || [runFolder(dataFolder, id), trashFolder(dataFolder, id)].some((path) => existsSync(path));
}

/** Moves a run's folder; does nothing if the folder is missing, so that only the row changes. */
function moveFolder(from: string, to: string): void {
  if (existsSync(from)) renameSync(from, to);
}

function trashedName(db: LabDatabase, id: string): string {
  const query = 'SELECT name FROM runs WHERE id = ? AND deleted_at IS NOT NULL';
  const row = db.prepare<[string], { name: string }>(query).get(id);
  if (!row)
    throw new Error(`Run "${id}" is not in the trash; a deleted run expected. See "lab runs --trash".`);
  return row.name;
}

/** @throws Error when there is no such run or its folder cannot be written. */
export function changeRunConfig(store: StoreHandle, id: string, config: RunConfig): void {
  const change = store.db.transaction(() => {
    store.db
      .prepare('UPDATE runs SET config = ?, path = ?, field = ?, source = ? WHERE id = ?')
      .run(JSON.stringify(config), config.path.kind, config.field.kind, config.data.source, id);
    const { name, preset, createdAt } = getRun(store.db, id);
    writeRunFile(runFolder(store.dataFolder, id), { id, name, preset, config, createdAt });
  });
  change.immediate();
}
