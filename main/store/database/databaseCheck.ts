/**
 * When a database was last checked. A check reads the whole file, which takes seconds where runs are long; so it is done
 * once a day, after an unclean end, and when anything else has changed the file. `<database>.checked`, a file of its own
 * next to the database, holds when that was and how the file looked when it was last closed.
 */

import Database from 'better-sqlite3';
import { readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';

/** Milliseconds after which a database is checked again. */
const checkInterval = 24 * 60 * 60 * 1000;

/** How a database file looks from outside. */
interface Appearance {
  readonly inode: number;
  readonly size: number;
  readonly modifiedAt: number;
}

interface CheckRecord extends Appearance {
  /** Milliseconds since 1970. */
  readonly checkedAt: number;
}

/** Where it is recorded. */
export function checkRecordFile(file: string): string {
  return `${file}.checked`;
}

/** Whether the database has to be checked before it is used. */
export function isCheckDue(file: string, now = Date.now()): boolean {
  const found = look(file);
  if (found === null) return false;
  const record = readRecord(file);
  const age = record === null ? Infinity : now - record.checkedAt;
  // A check in the future was recorded before the clock was set back.
  if (record === null || record.inode !== found.inode || age < 0 || age > checkInterval) return true;
  // Whoever closes a database last removes its log: one that is left belongs to a process that lives, or was cut short.
  if ((look(`${file}-wal`)?.size ?? 0) > 0) return !isOpenElsewhere(file);
  return record.size !== found.size || record.modifiedAt !== found.modifiedAt;
}

/** To be called after a check that found nothing. */
export function recordCheck(file: string): void {
  write(file, Date.now());
}

/** To be called when the database was closed: the next start knows the file again. */
export function recordClose(file: string): void {
  const [record, found] = [readRecord(file), look(file)];
  if (record === null || found === null || look(`${file}-wal`) !== null) return;
  if (record.size === found.size && record.modifiedAt === found.modifiedAt) return;
  if (record.inode === found.inode) write(file, record.checkedAt);
}

/** Without a record there is one check more, which is no reason to fail. */
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

/** Whether another process, or another connection of this one, has the database open. @throws SqliteError when it is damaged. */
function isOpenElsewhere(file: string): boolean {
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
