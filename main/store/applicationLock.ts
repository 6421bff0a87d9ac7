/**
 * One window or server for a data folder: a lock that the system itself takes from a process that ends, however it ends,
 * and beside it a file that says who has it. Commands of the terminal need no lock; a run has its lease.
 */

import Database from 'better-sqlite3';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { lookUpProcess } from '../runtime/processIdentity.mjs';
import { isDatabaseBusy } from './database/database.ts';

export type ApplicationKind = 'window' | 'server';

export interface ServerAddress {
  readonly port: number;
  /** Whoever may read it may ask for a link. */
  readonly linkKey: string;
}

/** What has a data folder open. */
export interface Application {
  readonly kind: ApplicationKind;
  readonly pid: number;
  /** null: a window, or a server that does not listen yet. */
  readonly server: ServerAddress | null;
}

export interface HeldDataFolder {
  /** Tells later starts where this server listens. */
  publish(server: ServerAddress): void;
  release(): void;
}

/** Milliseconds that who has the lock may take to say who it is, and between two looks. */
const patience = 2000;
const pause = 20;

/**
 * Takes the data folder for this process, or answers which application has it.
 * @throws Error when another process has it and does not say who it is, or the folder cannot be written.
 */
export async function takeDataFolder(
  dataFolder: string,
  kind: ApplicationKind,
): Promise<HeldDataFolder | Application> {
  for (let waited = 0; ; waited += pause) {
    const lock = tryLock(dataFolder);
    if (lock) return hold(lock, dataFolder, kind);
    const other = readApplication(dataFolder);
    const isPatient = waited < patience;
    // Of a dead process: the one that has the lock now has yet to write its own.
    if (other && (!isPatient || lookUpProcess(other.pid).isAlive)) return other;
    if (!isPatient) throw silent(dataFolder);
    await new Promise((done) => setTimeout(done, pause));
  }
}

export function isHeld(taken: HeldDataFolder | Application): taken is HeldDataFolder {
  return 'release' in taken;
}

/** What has the data folder open; null: nothing has, or it does not say. */
export function findApplication(dataFolder: string): Application | null {
  const lock = tryLock(dataFolder);
  lock?.close();
  return lock ? null : readApplication(dataFolder);
}

/** Why a second window or server is refused, and what to do instead. */
export function alreadyOpen(dataFolder: string, { kind, pid }: Application): Error {
  const place = kind === 'window' ? 'open in a window' : 'served for a browser';
  const advice =
    kind === 'window'
      ? 'Go on in that window, or quit it first'
      : '"npm start -- --browser" prints a link to it; or end it first, with Ctrl-C where it was started';
  return new Error(
    `${dataFolder} is ${place} by process ${pid}; one window or server at a time is expected. ${advice}; or give another folder with --data-dir.`,
  );
}

function silent(dataFolder: string): Error {
  return new Error(
    `${dataFolder} is open in another process, which was expected to say within ${patience / 1000} s who it is. Try again; or end that process; or give another folder with --data-dir.`,
  );
}

/**
 * An open transaction of a database that holds nothing. The file must never be read or copied by this process itself:
 * closing any other handle to it would give the lock away.
 */
function tryLock(dataFolder: string): Database.Database | null {
  const db = new Database(join(dataFolder, 'application.lock'), { timeout: 0 });
  try {
    // Else a journal is left behind.
    db.pragma('journal_mode = MEMORY');
    db.exec('BEGIN IMMEDIATE');
    return db;
  } catch (error) {
    db.close();
    if (isDatabaseBusy(error)) return null;
    throw error;
  }
}

function hold(lock: Database.Database, dataFolder: string, kind: ApplicationKind): HeldDataFolder {
  const write = (server: ServerAddress | null) =>
    writeApplication(dataFolder, { kind, pid: process.pid, server });
  const release = () => {
    if (!lock.open) return;
    rmSync(applicationFile(dataFolder), { force: true });
    lock.close();
  };
  try {
    write(null);
  } catch (error) {
    lock.close();
    throw error;
  }
  return { publish: write, release };
}

function writeApplication(dataFolder: string, application: Application): void {
  const file = applicationFile(dataFolder);
  // Only the user may read the key. Nobody else writes here: who has the lock does.
  writeFileSync(`${file}.partial`, JSON.stringify(application), { mode: 0o600 });
  renameSync(`${file}.partial`, file);
}

/** null where there is none, or it is not readable. */
function readApplication(dataFolder: string): Application | null {
  try {
    const value = JSON.parse(readFileSync(applicationFile(dataFolder), 'utf8')) as Application | null;
    return typeof value?.pid === 'number' ? value : null;
  } catch {
    return null;
  }
}

function applicationFile(dataFolder: string): string {
  return join(dataFolder, 'application.json');
}
