/** What most commands open first: the store, and the words that go with opening it. */

import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { type DataSource, explainElsewhere, parseDataSource } from '../../shared/dataset.ts';
import type { RunRecord } from '../../shared/run.ts';
import { findRuntimePaths } from '../runtime/paths.ts';
import { resolveDataFolder } from '../store/dataFolder.ts';
import { checkpointPath } from '../store/files/checkpointFile.ts';
import { findNewestVerified } from '../store/files/checkpointFolder.ts';
import { findRun } from '../store/findRun.ts';
import { openStore, type Store } from '../store/store.ts';
import { UsageError, type Invocation } from './command.ts';
import { readText } from './options.ts';

/** Downloads and other things that can be had again. */
export function cacheFolder(): string {
  return findRuntimePaths().cacheFolder;
}

export function dataFolderOf({ values }: Invocation): string {
  return resolveDataFolder(readText(values, 'data-dir'));
}

/** Opens the store, tells what opening it mended, and closes it after the work. */
export async function withStore<Result>(
  invocation: Invocation,
  work: (store: Store) => Promise<Result> | Result,
): Promise<Result> {
  const store = openStore(dataFolderOf(invocation));
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
  const path = resolve(argument);
  if (existsSync(path)) return `${kind}:${path}`;
  const expected = kind === 'folder' ? 'a folder of pictures' : 'a folder or .tar.gz of CIFAR-10 batches';
  throw new UsageError(
    `Data source "${text}": ${path} does not exist, ${expected} expected. Give its path: --data ${kind}:PATH.`,
  );
}

function parseSource(text: string): DataSource {
  try {
    return parseDataSource(text);
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}
