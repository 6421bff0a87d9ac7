/** What most commands open first: the data folder, the store, and the run that the user named. */

import { existsSync } from 'node:fs';
import { findPreset } from '../../shared/config/presets.ts';
import type { RunRecord } from '../../shared/run.ts';
import { findRuntimePaths } from '../runtime/paths.ts';
import { findDataFolder, locateDataFolder, resolveDataFolder } from '../store/dataFolder.ts';
import { checkpointPath } from '../store/files/checkpointFile.ts';
import { findNewestVerified, listCheckpoints } from '../store/files/checkpointFolder.ts';
import { findRun } from '../store/runs/findRun.ts';
import { listRuns } from '../store/runs/runs.ts';
import { openEmptyStore, openStore, type Store } from '../store/store.ts';
import { type Invocation, UsageError } from './command.ts';
import { readText } from './options.ts';

/** Folder of downloads and other files that can be fetched again. */
export function cacheFolder(): string {
  return findRuntimePaths().cacheFolder;
}

/** Returns the data folder, creating it if missing. */
export function dataFolderOf(invocation: Invocation): string {
  return resolveDataFolder(readDataFolder(invocation));
}

/** Returns the path of the data folder without creating it. */
export function locateDataFolderOf(invocation: Invocation): string {
  return locateDataFolder(readDataFolder(invocation));
}

function readDataFolder({ values }: Invocation): string | undefined {
  const text = readText(values, 'data-dir');
  if (text?.trim() === '') throw new UsageError('--data-dir is empty. Give the path of a folder.');
  return text;
}

/**
 * Opens the store for `work`, reports what opening repaired, and closes it afterwards. Creates no data folder: without one
 * there are no runs.
 * @throws Error when the user named a data folder that does not exist.
 */
export function withStore<Result>(
  invocation: Invocation,
  work: (store: Store) => Promise<Result> | Result,
): Promise<Result> {
  const folder = findDataFolder(readDataFolder(invocation));
  const store = folder === null ? openEmptyStore(locateDataFolderOf(invocation)) : openStore(folder);
  return useStore(store, invocation, work);
}

/** Like `withStore`, for commands that plan what others would create: a data folder that does not exist yet is empty. */
export function withPlannedStore<Result>(
  invocation: Invocation,
  work: (store: Store) => Promise<Result> | Result,
): Promise<Result> {
  const folder = locateDataFolderOf(invocation);
  return existsSync(folder)
    ? withStore(invocation, work)
    : useStore(openEmptyStore(folder), invocation, work);
}

/** Like `withStore`, for commands that create runs: creates the data folder if it is missing. */
export function withCreatedStore<Result>(
  invocation: Invocation,
  work: (store: Store) => Promise<Result> | Result,
): Promise<Result> {
  // Throws before a run exists if this account has no folder for downloads.
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

/** Returns the run named by the first argument, see `findNamedRun`. */
export function runOf(store: Store, invocation: Invocation): RunRecord {
  return findNamedRun(store, invocation.positionals[0]);
}

/** Returns the newest intact checkpoint. @throws Error when the run has none yet. */
export function newestCheckpoint(store: Store, run: RunRecord): { path: string; step: number } {
  const folder = store.runFolder(run.id);
  const { checkpoint } = findNewestVerified(folder);
  if (checkpoint) return { path: checkpointPath(folder, checkpoint.step), step: checkpoint.step };
  throw new Error(`Run ${run.id} "${run.name}" has no checkpoint yet. Train it first: lab resume ${run.id}.`);
}

/**
 * Finds the run of `lab … <run|preset>`. The name of a preset selects its runs and those named after it: the newest
 * finished one, otherwise the newest with a checkpoint, otherwise the newest.
 * @throws Error that says how to train one when there is none.
 */
export function findNamedRun(store: Store, reference: string): RunRecord {
  if (!findPreset(reference)) return findRun(store.db, reference);
  const runs = runsOfPreset(store, reference);
  const trained = runs.filter(({ id }) => listCheckpoints(store.runFolder(id)).length > 0);
  const run = trained.find(({ status }) => status === 'finished') ?? trained.at(0) ?? runs.at(0);
  if (run) return run;
  throw new Error(
    `There is no run of the preset ${reference} yet. Train one first: lab train --preset ${reference} --minutes 10.`,
  );
}

/** @throws UsageError when a preset is named where exactly one run is meant, and no run has its name. */
export function refusePreset(store: Store, reference: string): void {
  if (!findPreset(reference)) return;
  const runs = runsOfPreset(store, reference);
  if (runs.some(({ name }) => name === reference)) return;
  const list = runs.slice(0, 5).map(({ id, name }) => `${id} "${name}"`);
  throw new UsageError(
    `"${reference}" is a preset; expected a run. ${list.length === 0 ? 'The preset has no runs.' : `Its newest runs: ${list.join(', ')}.`}`,
  );
}

/** Newest first. */
function runsOfPreset(store: Store, reference: string): RunRecord[] {
  return listRuns(store.db).filter(({ preset, name }) => [preset, name].includes(reference));
}
