/** Paths that the user typed: output folders, bundle files and data sources, checked before anything is computed. */

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
import { describeMissing, findPathKind, readTypedPath, resolveTypedPath } from '../runtime/typedPath.ts';
import { readBundledRun } from '../store/bundle/readBundle.ts';
import { UsageError } from './command.ts';

/**
 * Returns an output folder as an absolute path; it need not exist yet.
 * @throws UsageError when it is a file, or it (or the nearest folder above it) is not writable.
 */
export function checkOutFolder(text: string): string {
  const folder = resolveTypedPath(text);
  assertCreatable(folder);
  return folder;
}

/**
 * Returns an output file by folder and name; an existing file is replaced.
 * @throws UsageError when it is a folder, or its folder does not exist or is not writable.
 */
export function checkOutFile(text: string): {
  readonly folder: string;
  readonly name: string;
  readonly file: string;
} {
  const file = resolveTypedPath(text);
  const [folder, name] = [dirname(file), basename(file)];
  if (findPathKind(file) === 'folder')
    throw new UsageError(`--out: ${file} is a folder; a file was expected. Add the name of a file.`);
  if (findPathKind(folder) === null)
    throw new UsageError(`--out: ${describeMissing(folder, 'folder')} Create it first.`);
  assertCreatable(folder);
  return { folder, name, file };
}

/** @throws UsageError when the folder is a file, or it (or the nearest folder above it) is not writable. */
function assertCreatable(folder: string): void {
  let nearest = folder;
  while (findPathKind(nearest) === null && dirname(nearest) !== nearest) nearest = dirname(nearest);
  if (findPathKind(nearest) !== 'folder') {
    throw new UsageError(`--out: ${nearest} is a file; a folder was expected. Choose another one.`);
  }
  try {
    accessSync(nearest, constants.W_OK | constants.X_OK);
  } catch {
    throw new UsageError(`--out: you do not have permission to write in ${nearest}. Choose another folder.`);
  }
}

/**
 * Returns the path of an exported run. `out`: an existing folder or one ending in a slash, otherwise a file; absent: the
 * current folder. Folders need not exist yet.
 * @throws UsageError when no file can be written there, or another file exists that is not an export of this run.
 */
export function chooseBundlePath(out: string | undefined, run: { id: string; name: string }): string {
  const { path: given, isFolder } = readTypedPath(out ?? '.');
  const isInFolder = isFolder || findPathKind(given) === 'folder';
  // Checks the length of the name again, with its extension.
  const path = resolveTypedPath(isInFolder ? join(given, bundleFileName(run.name)) : withEnding(given));
  assertCreatable(dirname(path));
  const found = findPathKind(path);
  if (found === 'folder')
    throw new UsageError(`${path} is a folder; a file was expected. Choose another --out.`);
  if (found !== null && readBundledRun(path)?.id !== run.id)
    throw new UsageError(
      `${path} already exists and is not an export of run ${run.id}, so it was not overwritten. Choose another --out.`,
    );
  return path;
}

function withEnding(path: string): string {
  return extname(basename(path)) === '' ? `${path}${bundleEnding}` : path;
}

/**
 * Returns the data source with an absolute path, so that it means the same in every folder.
 * @throws UsageError when it is not a data source or its path does not exist.
 */
export function absoluteSource(text: string): string {
  const { kind, argument } = parseSource(text);
  const { argument: meaning, expectedPath } = dataSourceTraits[kind];
  if (argument === undefined || meaning === 'seed') return text;
  if (!expectedPath) throw new UsageError(explainElsewhere(argument));
  const path = resolveTypedPath(argument);
  const found = findPathKind(path);
  if (found === null) {
    throw new UsageError(
      `${describeMissing(path, expectedPath.type)} Give the path of ${expectedPath.contents}: --data ${kind}:PATH.`,
    );
  }
  if (expectedPath.type === 'folder' && found !== 'folder') {
    throw new UsageError(
      `${path} is a file; folder: expects a folder of images, such as --data folder:${dirname(path)}.`,
    );
  }
  return `${kind}:${path}`;
}

function parseSource(text: string): DataSource {
  try {
    return parseDataSource(text.trim());
  } catch (error) {
    const isPath = /[\\/]|^(?:~|\.{1,2}$)/.test(text) || findPathKind(resolveTypedPath(text)) !== null;
    const hint = isPath ? ` For a folder of images: --data folder:${text}` : '';
    throw new UsageError(`${describeError(error)}${hint}`);
  }
}
