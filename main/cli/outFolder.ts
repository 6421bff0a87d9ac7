/** `--out`: the folder a report goes to, checked before anything is computed. */

import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { UsageError } from './command.ts';

/**
 * The folder as an absolute path; it need not exist yet.
 * @throws UsageError when it is a file, or it (or the nearest folder above it) may not be written.
 */
export function checkOutFolder(text: string): string {
  const folder = resolve(text);
  let nearest = folder;
  while (!existsSync(nearest) && dirname(nearest) !== nearest) nearest = dirname(nearest);
  if (!statSync(nearest).isDirectory()) {
    throw new UsageError(`--out ${text}: ${nearest} is a file, a folder expected. Choose another one.`);
  }
  try {
    accessSync(nearest, constants.W_OK | constants.X_OK);
  } catch {
    throw new UsageError(`--out ${text}: ${nearest} cannot be written by you. Choose another folder.`);
  }
  return folder;
}
