/** Opens the database with its safety settings; a file that cannot be trusted is set aside, never deleted. */

import Database from 'better-sqlite3';
import { existsSync, renameSync, statSync } from 'node:fs';
import { isCheckDue, recordCheck, recordClose } from './databaseCheck.ts';
import { migrate, migrations } from './migrate.ts';
import type { Migration } from './migrate.ts';

export type LabDatabase = Database.Database;

/** A data folder (absolute path) and the open database in it. */
export interface StoreHandle {
  readonly dataFolder: string;
  readonly db: LabDatabase;
}

export interface OpenedDatabase {
  readonly db: LabDatabase;
  /** Path that a damaged file was moved to; null when it was intact. */
  readonly setAside: string | null;
  /** The copy made before a migration; null when none was needed. */
  readonly backup: string | null;
}

export interface OpenOptions {
  /** How long a statement waits for another process's transaction, in milliseconds. */
  readonly busyTimeout?: number;
  readonly steps?: readonly Migration[];
}

/**
 * Opens or creates the database at `file` in write-ahead mode with full synchronisation, checks it when that is due (see
 * databaseCheck.ts) and migrates it. A file that is no database, is corrupt, or is empty next to a write-ahead log is
 * renamed to `<file>.corrupt-<time>`, with its log, and a new database is created.
 * @throws Error when it is locked (see `isDatabaseBusy`), not readable, or written by a newer version.
 */
export function openDatabase(file: string, options: OpenOptions = {}): OpenedDatabase {
  let setAside = isForeignLogBesideNothing(file) ? setDatabaseAside(file) : null;
  const before = fileIdentity(file);
  try {
    return { ...openExplained(file, options), setAside };
  } catch (error) {
    if (!isCorrupt(error)) throw error;
    // Another process that found the same damage may have created a new file already.
    if (before === fileIdentity(file)) setAside = setDatabaseAside(file);
  }
  return { ...openExplained(file, options), setAside };
}

/** Returns whether an error only means that another process has locked the database, so that a later attempt may succeed. */
export function isDatabaseBusy(error: unknown): boolean {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  return cause instanceof Database.SqliteError && /^SQLITE_(BUSY|LOCKED)/.test(cause.code);
}

function openChecked(file: string, options: OpenOptions): { db: LabDatabase; backup: string | null } {
  const isDue = isCheckDue(file);
  const db = new Database(file, { timeout: options.busyTimeout ?? 5000 });
  try {
    if (isDue) check(db, file);
    db.pragma('journal_mode = WAL');
    db.pragma('synchronous = FULL');
    db.pragma('foreign_keys = ON');
    db.pragma('trusted_schema = OFF');
    return { db, backup: migrate(db, options.steps ?? migrations) };
  } catch (error) {
    db.close();
    throw error;
  }
}

function check(db: LabDatabase, file: string): void {
  const fault = db.pragma('quick_check(1)', { simple: true });
  if (fault !== 'ok') throw new Database.SqliteError(String(fault), 'SQLITE_CORRUPT');
  recordCheck(file);
}

/** Closes a database of `openDatabase`. */
export function closeDatabase(db: LabDatabase): void {
  const { name } = db;
  db.close();
  recordClose(name);
}

function openExplained(file: string, options: OpenOptions): { db: LabDatabase; backup: string | null } {
  try {
    return openChecked(file, options);
  } catch (error) {
    throw isCorrupt(error) ? error : explain(file, error, options);
  }
}

function isCorrupt(error: unknown): boolean {
  return error instanceof Database.SqliteError && /^SQLITE_(NOTADB|CORRUPT)/.test(error.code);
}

function explain(file: string, error: unknown, options: OpenOptions): unknown {
  if (isDatabaseBusy(error)) {
    return new Error(
      `${file} is locked by another process; it was expected to be free within ${options.busyTimeout ?? 5000} ms. Wait for that process or end it, then try again.`,
      { cause: error },
    );
  }
  if (!(error instanceof Database.SqliteError) && !(error instanceof TypeError)) return error;
  return new Error(
    `${file} cannot be opened (${error.message}); a database in a folder that you may write, with space left, is expected. Check both, or give another with --data-dir.`,
    { cause: error },
  );
}

/** Returns whether an empty file has a log: SQLite would take the file for a new database and discard the log. */
function isForeignLogBesideNothing(file: string): boolean {
  return fileSize(file) === 0 && fileSize(`${file}-wal`) > 0;
}

function setDatabaseAside(file: string): string {
  const aside = `${file}.corrupt-${new Date().toISOString().replace(/[:.]/g, '-')}`;
  // The file itself goes last: a crash in between must not leave its log next to a new database.
  for (const suffix of ['-wal', '-shm', '']) {
    if (existsSync(file + suffix)) renameSync(file + suffix, aside + suffix);
  }
  return aside;
}

function fileIdentity(file: string): number | undefined {
  return statSync(file, { throwIfNoEntry: false })?.ino;
}

function fileSize(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
