/** Files that are there whole or not at all: temporary name, fsync, rename, fsync of the folder. */

import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { attempt, nodeFileSystem, withFile } from './fileSystem.ts';
import type { FileSystem } from './fileSystem.ts';

const strayPattern = /^[a-z0-9-]+\.tmp-[0-9a-f]{12}$/;

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
  const stem = options.name.slice(0, options.name.lastIndexOf('.'));
  const temporary = join(options.folder, `${stem}.tmp-${randomBytes(6).toString('hex')}`);
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
  return strayPattern.test(name);
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
