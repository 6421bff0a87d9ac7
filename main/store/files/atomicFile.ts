/** Files that are there whole or not at all: temporary name, fsync, rename, fsync of the folder. */

import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { attempt, type FileSystem, nodeFileSystem, withFile } from './fileSystem.ts';

/** `.tmp-<machine>-<process>-<random>`: short, whatever the file's own name is. */
const temporaryPattern = /^\.tmp-([0-9a-f]{4})-(\d{1,10})-[0-9a-f]{8}$/;
/** As earlier versions named them: after the file, with any characters. */
const earlierPattern = /^.+\.tmp-[0-9a-f]{12}$/s;
/** Milliseconds after which a file that nobody writes to any more has lost its writer, on whatever machine. */
const abandonedAfter = 24 * 3600 * 1000;

/** Writes `bytes` as `folder/name`, replacing a file of that name; on failure the old file stays and no temporary one does. */
export function writeFileAtomically(
  options: { folder: string; name: string; bytes: Uint8Array },
  fileSystem: FileSystem = nodeFileSystem,
): void {
  replaceFile({ ...options, write: (path) => writeDurably(path, options.bytes, fileSystem) }, fileSystem);
}

/**
 * Lets `write` make a temporary file (durable when it returns) and gives it its final name; the rename is the commit.
 * When only the last fsync of the folder fails, the file is in place and the error is thrown all the same.
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

/** Writes the whole of `bytes` at `position`; a disk that takes nothing any more is an error. */
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

/** Whether a file name is that of a file still being written. */
export function isStrayTemp(name: string): boolean {
  return temporaryPattern.test(name) || earlierPattern.test(name);
}

/** A name for a file or folder that gets its own name when it is whole. */
export function createTemporaryName(): string {
  return `.tmp-${machineKey()}-${process.pid}-${randomBytes(4).toString('hex')}`;
}

/**
 * Removes the temporary files that dead processes left in a folder of the user's, into which others may be writing now.
 * Those of another machine, and those of earlier versions, are taken for abandoned after a day.
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
    // A process of another user is alive too.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function machineKey(): string {
  return createHash('sha256').update(hostname()).digest('hex').slice(0, 4);
}

/** Removes the temporary files that a dead writer left in `folder`. Returns their names; a file that cannot be removed is skipped. */
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

/** Writes and fsyncs a file that nobody looks for yet, e.g. in a folder that gets its name later. */
export function writeDurably(path: string, bytes: Uint8Array, fileSystem: FileSystem): void {
  withFile({ path, mode: 'write', fileSystem }, (file) => {
    writeFully({ file, position: 0, path }, bytes, fileSystem);
    fileSystem.sync(file);
  });
}

/**
 * What `mkdirSync` does with `recursive`, but one folder after the other: where a folder is there and yet refuses new ones as
 * not found (as /proc does), Node asks again for ever.
 * @throws Error as the system gives it.
 */
export function makeFolder(folder: string): void {
  if (isFolder(folder)) return;
  const parent = dirname(folder);
  if (parent !== folder) makeFolder(parent);
  try {
    mkdirSync(folder);
  } catch (error) {
    // Made by another process in the meantime.
    if (!isFolder(folder)) throw error;
  }
}

/** A folder of the user's that files are about to be written to: made if missing, without what dead writers left. */
export function prepareOutputFolder(folder: string): void {
  makeFolder(folder);
  removeAbandonedTemps(folder);
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
