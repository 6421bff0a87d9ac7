/**
 * Ensures that at most one window or server uses a data folder: a lock that the operating system releases when its process
 * exits for any reason, and next to it a file that names the holder. Terminal commands need no lock; runs have leases.
 */

import Database from 'better-sqlite3';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { lookUpProcess } from '../runtime/processIdentity.mjs';
import { isDatabaseBusy } from './database/database.ts';

export type ApplicationKind = 'window' | 'server';

export interface ServerAddress {
  readonly port: number;
  /** Anyone who can read this key can request a link. */
  readonly linkKey: string;
}

/** The window or server that has a data folder open. */
export interface Application {
  readonly kind: ApplicationKind;
  readonly pid: number;
  /** null: a window, or a server that does not listen yet. */
  readonly server: ServerAddress | null;
}

export interface HeldDataFolder {
  /** Publishes where this server listens, for later starts. */
  publish(server: ServerAddress): void;
  release(): void;
}

/** Milliseconds that the holder of the lock has to name itself, and milliseconds between two attempts. */
const patience = 2000;
const pause = 20;

/**
 * Locks the data folder for this process, or returns the application that holds it.
 * @throws Error when another process holds it and does not name itself, or when the folder is not writable.
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
    // A file of a dead process is stale: the current holder has not written its own yet.
    if (other && (!isPatient || lookUpProcess(other.pid).isAlive)) return other;
    if (!isPatient) throw silent(dataFolder);
    await new Promise((done) => setTimeout(done, pause));
  }
}

export function isHeld(taken: HeldDataFolder | Application): taken is HeldDataFolder {
  return 'release' in taken;
}

/** Returns the application that has the data folder open; null when there is none or it has not named itself. */
export function findApplication(dataFolder: string): Application | null {
  const lock = tryLock(dataFolder);
  lock?.close();
  return lock ? null : readApplication(dataFolder);
}

/** Creates the error that refuses a second window or server and says what to do instead. */
export function alreadyOpen(dataFolder: string, { kind, pid }: Application): Error {
  const place = kind === 'window' ? 'open in a window' : 'served for a browser';
  const advice =
    kind === 'window'
      ? 'Use that window, or quit it first'
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
 * Opens a transaction on an empty database. This process must not open the file in any other way: closing another handle
 * would release the lock.
 */
function tryLock(dataFolder: string): Database.Database | null {
  const db = new Database(join(dataFolder, 'application.lock'), { timeout: 0 });
  try {
    // Any other mode leaves a journal behind.
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
  // Only the user may read the key. Only the holder of the lock writes this file.
  writeFileSync(`${file}.partial`, JSON.stringify(application), { mode: 0o600 });
  renameSync(`${file}.partial`, file);
}

/** Returns null when the file is missing or not readable. */
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
