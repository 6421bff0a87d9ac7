/**
 * Decides when a database has to be checked. A check reads the whole file, which takes seconds for long runs, so it is done
 * once a day, after an unclean shutdown, and when something else changed the file. `<database>.checked`, next to the
 * database, records the time of the last check and the state of the file when it was last closed.
 */

import Database from 'better-sqlite3';
import { readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';

/** Milliseconds after which a database is checked again. */
const checkInterval = 24 * 60 * 60 * 1000;

/** State of a database file as the file system reports it. */
interface Appearance {
  readonly inode: number;
  readonly size: number;
  readonly modifiedAt: number;
}

interface CheckRecord extends Appearance {
  /** Milliseconds since 1970. */
  readonly checkedAt: number;
}

/** Returns the path of the record. */
export function checkRecordFile(file: string): string {
  return `${file}.checked`;
}

/** Returns whether the database has to be checked before it is used. */
export function isCheckDue(file: string, now = Date.now()): boolean {
  const found = look(file);
  if (found === null) return false;
  const record = readRecord(file);
  const age = record === null ? Infinity : now - record.checkedAt;
  // A check time in the future was recorded before the clock was set back.
  if (record === null || record.inode !== found.inode || age < 0 || age > checkInterval) return true;
  // The last connection to close removes the log: a remaining one belongs to a live process or to one that was killed.
  if ((look(`${file}-wal`)?.size ?? 0) > 0) return !hasOtherConnection(file);
  return record.size !== found.size || record.modifiedAt !== found.modifiedAt;
}

/** Records a check that found no damage. */
export function recordCheck(file: string): void {
  write(file, Date.now());
}

/** Records the state of the file after the database was closed, so that the next start recognises it. */
export function recordClose(file: string): void {
  const [record, found] = [readRecord(file), look(file)];
  if (record === null || found === null || look(`${file}-wal`) !== null) return;
  if (record.size === found.size && record.modifiedAt === found.modifiedAt) return;
  if (record.inode === found.inode) write(file, record.checkedAt);
}

/** Writes the record. A failure is ignored: it only costs one more check. */
function write(file: string, checkedAt: number): void {
  const found = look(file);
  if (found === null) return;
  try {
    const record: CheckRecord = { checkedAt, ...found };
    const partial = `${checkRecordFile(file)}.${process.pid}`;
    writeFileSync(partial, JSON.stringify(record));
    renameSync(partial, checkRecordFile(file));
  } catch {
    return;
  }
}

function readRecord(file: string): CheckRecord | null {
  try {
    return JSON.parse(readFileSync(checkRecordFile(file), 'utf8')) as CheckRecord | null;
  } catch {
    return null;
  }
}

function look(file: string): Appearance | null {
  const found = statSync(file, { throwIfNoEntry: false });
  return found ? { inode: found.ino, size: found.size, modifiedAt: found.mtimeMs } : null;
}

/** Returns whether another connection, of any process, has the database open. @throws SqliteError when it is damaged. */
function hasOtherConnection(file: string): boolean {
  const probe = new Database(file, { timeout: 0 });
  try {
    probe.pragma('locking_mode = EXCLUSIVE');
    probe.pragma('schema_version');
    return false;
  } catch (error) {
    if (error instanceof Database.SqliteError && /^SQLITE_(BUSY|LOCKED)/.test(error.code)) return true;
    throw error;
  } finally {
    probe.close();
  }
}
