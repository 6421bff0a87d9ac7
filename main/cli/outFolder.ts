/** `--out`: the folder a report goes to, checked before anything is computed. */

import { accessSync, constants } from 'node:fs';
import { dirname } from 'node:path';
import { lookAt, resolveTypedPath } from '../runtime/typedPath.ts';
import { UsageError } from './command.ts';

/**
 * The folder as an absolute path; it need not exist yet.
 * @throws UsageError when it is a file, or it (or the nearest folder above it) may not be written.
 */
export function checkOutFolder(text: string): string {
  const folder = resolveTypedPath(text);
  assertCreatable(folder);
  return folder;
}

/** @throws UsageError when this folder is a file, or it (or the nearest folder above it) may not be written. */
export function assertCreatable(folder: string): void {
  let nearest = folder;
  while (lookAt(nearest) === null && dirname(nearest) !== nearest) nearest = dirname(nearest);
  if (lookAt(nearest) !== 'folder') {
    throw new UsageError(`--out: ${nearest} is a file; a folder was expected. Choose another one.`);
  }
  try {
    accessSync(nearest, constants.W_OK | constants.X_OK);
  } catch {
    throw new UsageError(`--out: you do not have permission to write in ${nearest}. Choose another folder.`);
  }
}
