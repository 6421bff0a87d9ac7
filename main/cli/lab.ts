/** What most commands open first: the store, and the words that go with opening it. */

import { dirname } from 'node:path';
import { type DataSource, explainElsewhere, parseDataSource } from '../../shared/dataset.ts';
import { describeError } from '../../shared/text/describeError.ts';
import type { RunRecord } from '../../shared/run.ts';
import { findRuntimePaths } from '../runtime/paths.ts';
import { describeMissing, lookAt, resolveTypedPath } from '../runtime/typedPath.ts';
import { findDataFolder, locateDataFolder, resolveDataFolder } from '../store/dataFolder.ts';
import { checkpointPath } from '../store/files/checkpointFile.ts';
import { findNewestVerified } from '../store/files/checkpointFolder.ts';
import { findRun } from '../store/runs/findRun.ts';
import { openEmptyStore, openStore, type Store } from '../store/store.ts';
import { UsageError, type Invocation } from './command.ts';
import { readText } from './options.ts';

/** Downloads and other things that can be had again. */
export function cacheFolder(): string {
  return findRuntimePaths().cacheFolder;
}

/** The data folder, created if missing. */
export function dataFolderOf(invocation: Invocation): string {
  return resolveDataFolder(readDataFolder(invocation));
}

/** Where the data folder is or would be; nothing is created. */
export function placeOfDataFolder(invocation: Invocation): string {
  return locateDataFolder(readDataFolder(invocation));
}

function readDataFolder({ values }: Invocation): string | undefined {
  const text = readText(values, 'data-dir');
  if (text?.trim() === '') throw new UsageError('--data-dir is empty. Give the path of a folder.');
  return text;
}

/**
 * Works on the runs that are there, and creates nothing: where the user's data folder does not exist yet, there are none.
 * Reports what opening the store mended, and closes it after the work.
 * @throws Error when the user named a data folder that does not exist.
 */
export function withStore<Result>(
  invocation: Invocation,
  work: (store: Store) => Promise<Result> | Result,
): Promise<Result> {
  const folder = findDataFolder(readDataFolder(invocation));
  const store = folder === null ? openEmptyStore(placeOfDataFolder(invocation)) : openStore(folder);
  return useStore(store, invocation, work);
}

/** As `withStore`, for commands that make runs: creates the data folder if it is missing. */
export function withCreatedStore<Result>(
  invocation: Invocation,
  work: (store: Store) => Promise<Result> | Result,
): Promise<Result> {
  // Before there is a run: it throws where this account has no place for downloads.
  cacheFolder();
  return useStore(openStore(dataFolderOf(invocation)), invocation, work);
}

async function useStore<Result>(
  store: Store,
  invocation: Invocation,
  work: (store: Store) => Promise<Result> | Result,
): Promise<Result> {
  try {
    for (const finding of store.findings) invocation.output.note(finding.message);
    return await work(store);
  } finally {
    store.close();
  }
}

/** The run meant by the first positional argument. */
export function runOf(store: Store, invocation: Invocation): RunRecord {
  return findRun(store.db, invocation.positionals[0]);
}

/** Path of the newest checkpoint that verifies. @throws Error when the run has none yet. */
export function newestCheckpoint(store: Store, run: RunRecord): { path: string; step: number } {
  const folder = store.runFolder(run.id);
  const { checkpoint } = findNewestVerified(folder);
  if (checkpoint) return { path: checkpointPath(folder, checkpoint.step), step: checkpoint.step };
  throw new Error(
    `Run ${run.id} "${run.name}" has no checkpoint yet: train it first (lab resume ${run.id}).`,
  );
}

/**
 * The data source with its path made absolute, so that it means the same from every folder.
 * @throws UsageError when it is none, or its path does not exist.
 */
export function absoluteSource(text: string): string {
  const { kind, argument } = parseSource(text);
  if (argument === undefined || kind === 'synthetic') return text;
  if (kind === 'elsewhere') throw new UsageError(explainElsewhere(argument));
  const path = resolveTypedPath(argument);
  const found = lookAt(path);
  if (found === null) {
    const expected =
      kind === 'folder' ? 'the folder of your images' : 'a folder or an archive with the CIFAR-10 batches';
    throw new UsageError(
      `${describeMissing(path, kind === 'folder' ? 'folder' : 'file or folder')} Give the path of ${expected}: --data ${kind}:PATH.`,
    );
  }
  if (kind === 'folder' && found !== 'folder') {
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
