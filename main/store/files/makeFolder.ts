/** Makes a folder and those above it. */

import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { removeAbandonedTemps } from './atomicFile.ts';

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
