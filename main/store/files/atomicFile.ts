/** Atomic file writes: temporary name, fsync, rename, fsync of the folder. */

import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { attempt, type FileSystem, nodeFileSystem, withFile } from './fileSystem.ts';

/** `.tmp-<machine>-<process>-<random>`: short, independent of the file's final name. */
const temporaryPattern = /^\.tmp-([0-9a-f]{4})-(\d{1,10})-[0-9a-f]{8}$/;
/** Names of earlier versions: the file's name with a suffix. */
const earlierPattern = /^.+\.tmp-[0-9a-f]{12}$/s;
/** Milliseconds without a write after which a file counts as abandoned, whichever machine created it. */
const abandonedAfter = 24 * 3600 * 1000;

/** Writes `bytes` to `folder/name`, replacing an existing file; on failure the old file is kept and no temporary file is left. */
export function writeFileAtomically(
  options: { folder: string; name: string; bytes: Uint8Array },
  fileSystem: FileSystem = nodeFileSystem,
): void {
  replaceFile({ ...options, write: (path) => writeDurably(path, options.bytes, fileSystem) }, fileSystem);
}

/**
 * Lets `write` create a temporary file (durable when it returns) and renames it to its final name; the rename is the commit.
 * When only the final fsync of the folder fails, the file is in place but the error is thrown nevertheless.
 */
export function replaceFile(
  options: { folder: string; name: string; write: (path: string) => void },
  fileSystem: FileSystem,
): void {
  const temporary = join(options.folder, createTemporaryName());
  try {
    options.write(temporary);
    fileSystem.rename(temporary, join(options.folder, options.name));
  } catch (error) {
    attempt(() => fileSystem.remove(temporary));
    throw error;
  }
  fileSystem.syncFolder(options.folder);
}

/** Writes all of `bytes` at `position`. @throws Error when the disk accepts no more bytes. */
export function writeFully(
  target: { file: number; position: number; path: string },
  bytes: Uint8Array,
  fileSystem: FileSystem,
): void {
  for (let done = 0; done < bytes.byteLength;) {
    const written = fileSystem.write(target.file, bytes.subarray(done), target.position + done);
    if (written === 0) {
      throw new Error(
        `${target.path}: ${done} of ${bytes.byteLength} bytes were written, then no more. Free space on that disk, then try again.`,
      );
    }
    done += written;
  }
}

/** Returns whether a name is that of a temporary file. */
export function isStrayTemp(name: string): boolean {
  return temporaryPattern.test(name) || earlierPattern.test(name);
}

/** Returns a temporary name for a file or folder that is renamed when it is complete. */
export function createTemporaryName(): string {
  return `.tmp-${machineKey()}-${process.pid}-${randomBytes(4).toString('hex')}`;
}

/**
 * Removes the temporary files that dead processes left in a user's folder, to which other processes may be writing.
 * Files of other machines and of earlier versions count as abandoned after a day.
 */
export function removeAbandonedTemps(folder: string): void {
  for (const name of readdirSync(folder)) {
    if (!isStrayTemp(name) || !isAbandoned(folder, name)) continue;
    attempt(() => rmSync(join(folder, name), { recursive: true, force: true }));
  }
}

function isAbandoned(folder: string, name: string): boolean {
  const [, machine, pid] = temporaryPattern.exec(name) ?? [];
  if (machine === machineKey()) return !isAlive(Number(pid));
  const found = statSync(join(folder, name), { throwIfNoEntry: false });
  return found !== undefined && Date.now() - found.mtimeMs > abandonedAfter;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // A process of another user exists, but may not be signalled.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function machineKey(): string {
  return createHash('sha256').update(hostname()).digest('hex').slice(0, 4);
}

/** Removes the temporary files that a dead writer left in `folder` and returns their names; files that cannot be removed are skipped. */
export function removeStrayTemps(folder: string, fileSystem: FileSystem = nodeFileSystem): string[] {
  return fileSystem.list(folder).filter((name) => {
    if (!isStrayTemp(name)) return false;
    try {
      fileSystem.remove(join(folder, name));
      return true;
    } catch {
      return false;
    }
  });
}

/** Writes and fsyncs a file under its final name, e.g. in a folder that is renamed later. */
export function writeDurably(path: string, bytes: Uint8Array, fileSystem: FileSystem): void {
  withFile({ path, mode: 'write', fileSystem }, (file) => {
    writeFully({ file, position: 0, path }, bytes, fileSystem);
    fileSystem.sync(file);
  });
}

/**
 * Creates a folder and its parents, one after the other. `mkdirSync` with `recursive` never returns for a folder that exists
 * but refuses new entries with ENOENT, as /proc does.
 * @throws the system's error.
 */
export function makeFolder(folder: string): void {
  if (isFolder(folder)) return;
  const parent = dirname(folder);
  if (parent !== folder) makeFolder(parent);
  try {
    mkdirSync(folder);
  } catch (error) {
    // Another process may have created it in the meantime.
    if (!isFolder(folder)) throw error;
  }
}

/** Prepares a user's folder for output: creates it if it is missing and removes what dead writers left. */
export function prepareOutputFolder(folder: string): void {
  makeFolder(folder);
  removeAbandonedTemps(folder);
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
