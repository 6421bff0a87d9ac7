/** The file operations that checkpoints and previews are written with, as an interface in which tests make any call fail. */

import * as fs from 'node:fs';

/** Every call throws the operating system's error (with `code`) when it fails. */
export interface FileSystem {
  /** `write` creates the file or empties it. Returns a descriptor. */
  open(path: string, mode: 'read' | 'write'): number;
  /** Bytes of an open file. */
  size(file: number): number;
  /** Bytes read into `target`, possibly fewer than requested; 0 at the end of the file. */
  read(file: number, target: Uint8Array, position: number): number;
  /** Bytes written, possibly fewer than requested. */
  write(file: number, source: Uint8Array, position: number): number;
  sync(file: number): void;
  close(file: number): void;
  rename(from: string, to: string): void;
  remove(path: string): void;
  /** Creates a folder whose parent exists. */
  makeFolder(path: string): void;
  /** Removes a folder with its contents; does nothing if it does not exist. */
  removeFolder(path: string): void;
  /** Names of the regular files in a folder (no links), in no particular order. */
  list(folder: string): string[];
  /** Makes renames in the folder durable. */
  syncFolder(folder: string): void;
}

export const nodeFileSystem: FileSystem = {
  open: (path, mode) => fs.openSync(path, mode === 'read' ? 'r' : 'w'),
  size: (file) => fs.fstatSync(file).size,
  read: (file, target, position) => fs.readSync(file, target, 0, target.byteLength, position),
  write: (file, source, position) => fs.writeSync(file, source, 0, source.byteLength, position),
  sync: (file) => fs.fsyncSync(file),
  close: (file) => fs.closeSync(file),
  rename: renamePatiently,
  remove: (path) => fs.unlinkSync(path),
  makeFolder: (path) => void fs.mkdirSync(path),
  removeFolder: (path) => fs.rmSync(path, { recursive: true, force: true }),
  list: (folder) =>
    fs
      .readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => entry.name),
  syncFolder,
};

/** The operations that reading needs, on a file or on bytes in memory. */
export type FileReader = Pick<FileSystem, 'size' | 'read'>;

/** Returns a reader of `bytes` that ignores file descriptors. */
export function readerOf(bytes: Uint8Array): FileReader {
  return {
    size: () => bytes.byteLength,
    read(_file, target, position) {
      const part = bytes.subarray(position, position + target.byteLength);
      target.set(part);
      return part.byteLength;
    },
  };
}

/** Runs `body` on an open file and closes the file; throws the first error. */
export function withFile<T>(
  options: { path: string; mode: 'read' | 'write'; fileSystem: FileSystem },
  body: (file: number) => T,
): T {
  const file = options.fileSystem.open(options.path, options.mode);
  let result: T;
  try {
    result = body(file);
  } catch (error) {
    attempt(() => options.fileSystem.close(file));
    throw error;
  }
  options.fileSystem.close(file);
  return result;
}

/** Runs a clean-up whose own failure must not hide the error that led to it. */
export function attempt(action: () => void): void {
  try {
    action();
  } catch {
    // The original error matters more; recovery at the next start removes what is left.
  }
}

/** Milliseconds between attempts to rename on Windows: 1.3 seconds together. */
const renamePauses = [10, 20, 40, 80, 160, 320, 640];

/**
 * Renames a file or folder. Windows refuses that while another program has the file open, as virus scanners and indexers have a new
 * file for some milliseconds; there it is tried again.
 * @throws the system's error, after the last attempt.
 */
export function renamePatiently(
  from: string,
  to: string,
  { platform = process.platform, rename = fs.renameSync, pause = sleep } = {},
): void {
  const pauses = platform === 'win32' ? renamePauses : [];
  for (const milliseconds of [...pauses, null]) {
    try {
      rename(from, to);
      return;
    } catch (error) {
      if (!isHeld(error) || milliseconds === null) throw error;
      pause(milliseconds);
    }
  }
}

function isHeld(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  return code === 'EPERM' || code === 'EACCES' || code === 'EBUSY';
}

function sleep(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

function syncFolder(folder: string): void {
  // Windows cannot open a folder as a file, and its renames are journalled.
  if (process.platform === 'win32') return;
  const file = fs.openSync(folder, 'r');
  try {
    fs.fsyncSync(file);
  } finally {
    fs.closeSync(file);
  }
}
