/** `--out`: the folder a report goes to, checked before anything is computed. */

import { accessSync, constants } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import {
  type DataSource,
  dataSourceTraits,
  explainElsewhere,
  parseDataSource,
} from '../../shared/dataset.ts';
import { bundleEnding, bundleFileName } from '../../shared/runBundle.ts';
import { describeError } from '../../shared/text/describeError.ts';
import { describeMissing, lookAt, readTypedPath, resolveTypedPath } from '../runtime/typedPath.ts';
import { readBundledRun } from '../store/bundle/readBundle.ts';
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

/**
 * `out`: a folder that is there or ends in a slash, else the name of a file; absent: the caller's folder. Folders need not
 * exist yet.
 * @throws UsageError where no file can be, or another file stands: what is not this run's own export is not replaced.
 */
export function chooseBundlePath(out: string | undefined, run: { id: string; name: string }): string {
  const { path: wanted, isFolder } = readTypedPath(out ?? '.');
  const isInFolder = isFolder || lookAt(wanted) === 'folder';
  // Checks the length of the name once more, with its ending.
  const path = resolveTypedPath(isInFolder ? join(wanted, bundleFileName(run.name)) : withEnding(wanted));
  assertCreatable(dirname(path));
  const found = lookAt(path);
  if (found === 'folder')
    throw new UsageError(`${path} is a folder; a file was expected. Choose another --out.`);
  if (found !== null && readBundledRun(path)?.id !== run.id)
    throw new UsageError(
      `${path} is there already and is not an export of run ${run.id}, so it is left as it is. Choose another place with --out.`,
    );
  return path;
}

function withEnding(path: string): string {
  return extname(basename(path)) === '' ? `${path}${bundleEnding}` : path;
}

/**
 * The data source with its path made absolute, so that it means the same from every folder.
 * @throws UsageError when it is none, or its path does not exist.
 */
export function absoluteSource(text: string): string {
  const { kind, argument } = parseSource(text);
  const { argument: meaning, expectedPath } = dataSourceTraits[kind];
  if (argument === undefined || meaning === 'seed') return text;
  if (!expectedPath) throw new UsageError(explainElsewhere(argument));
  const path = resolveTypedPath(argument);
  const found = lookAt(path);
  if (found === null) {
    throw new UsageError(
      `${describeMissing(path, expectedPath.type)} Give the path of ${expectedPath.contents}: --data ${kind}:PATH.`,
    );
  }
  if (expectedPath.type === 'folder' && found !== 'folder') {
    throw new UsageError(
      `${path} is a file; folder: takes a folder of images, such as --data folder:${dirname(path)}.`,
    );
  }
  return `${kind}:${path}`;
}

function parseSource(text: string): DataSource {
  try {
    return parseDataSource(text.trim());
  } catch (error) {
    const isPath = /[\\/]|^(?:~|\.{1,2}$)/.test(text) || lookAt(resolveTypedPath(text)) !== null;
    const hint = isPath ? ` For a folder of images: --data folder:${text}` : '';
    throw new UsageError(`${describeError(error)}${hint}`);
  }
}
