/**
 * Creates a run from a bundle: everything is checked first, then the files are assembled in a staging folder, then rows and
 * folder are committed in one transaction. A failure at any point leaves either the complete run or nothing.
 */

import { join } from 'node:path';
import type { RunConfig } from '../../../shared/config/config.ts';
import type { ImportedRun } from '../../../shared/runBundle.ts';
import { runFolder } from '../dataFolder.ts';
import { attempt, type FileSystem, nodeFileSystem, readerOf } from '../files/fileSystem.ts';
import { createRunId, findFreeName, isRunIdTaken } from '../runs/runLifecycle.ts';
import { writeRunFile } from '../runs/runFile.ts';
import type { StoreHandle } from '../database/database.ts';
import { insertBundledRows, writeBundledFiles } from './unpackBundle.ts';
import { type Bundle, type BundleSource, readBundle } from './readBundle.ts';
import { closeStaging, openStaging, type Staging, undoStaging } from './staging.ts';
import { missingDataOf } from './portableRun.ts';

export interface ImportOptions {
  /** Import a run that exists already a second time, under another id. */
  readonly asCopy: boolean;
  /** Data source of the run on this machine, as users write it; by default the one in the bundle. */
  readonly dataSource?: string;
}

/** The run of a bundle exists already. */
export class RunIsHereError extends Error {
  readonly runId: string;
  readonly runName: string;
  readonly isTrashed: boolean;

  constructor(run: { id: string; name: string; isTrashed: boolean }) {
    const place = run.isTrashed ? 'in the trash here' : 'here already';
    const next = run.isTrashed ? `Bring it back with lab delete ${run.id} --undo, or import` : 'Import';
    super(
      `Run ${run.id} "${run.name}" is ${place}; a run that is not here was expected. ${next} a second one with --copy.`,
    );
    this.name = 'RunIsHereError';
    this.runId = run.id;
    this.runName = run.name;
    this.isTrashed = run.isTrashed;
  }
}

/** Imports a bundle from a file, as `importBundle` does. */
export function importFile(
  store: StoreHandle,
  path: string,
  options: ImportOptions,
  fileSystem: FileSystem = nodeFileSystem,
): ImportedRun {
  const file = fileSystem.open(path, 'read');
  try {
    return importBundle(store, { path, file, reader: fileSystem }, options, fileSystem);
  } finally {
    // A read-only file that cannot be closed does not affect the run.
    attempt(() => fileSystem.close(file));
  }
}

/** Imports a bundle from memory, as `importBundle` does. */
export function importBytes(store: StoreHandle, bytes: Uint8Array, options: ImportOptions): ImportedRun {
  return importBundle(store, { path: 'The file', file: 0, reader: readerOf(bytes) }, options);
}

/**
 * Imports a bundle; the run keeps its id if that is free. @throws DamagedFileError when the bundle is damaged or not a
 * bundle, RunIsHereError; the system's error when a file cannot be read or written.
 */
export function importBundle(
  store: StoreHandle,
  source: BundleSource,
  options: ImportOptions,
  fileSystem: FileSystem = nodeFileSystem,
): ImportedRun {
  const bundle = readBundle(source);
  const staging = openStaging(store.dataFolder, chooseId(store, bundle, options), fileSystem);
  const progress = { staging, isMoved: false };
  try {
    writeBundledFiles(bundle, staging.folder, fileSystem);
    const name = commit(store, { bundle, staging, config: chooseConfig(bundle, options) }, fileSystem, () => {
      progress.isMoved = true;
    });
    closeStaging(staging, fileSystem);
    const { step, config } = bundle.manifest.run;
    return {
      id: staging.runId,
      name,
      step,
      checkpoints: [...bundle.checkpoints.keys()],
      missingData: options.dataSource === undefined ? missingDataOf(config.data.source) : null,
    };
  } catch (error) {
    undoStaging(store, progress, fileSystem);
    throw error;
  }
}

/** Chooses the id. Two runs may share an id by chance; their creation times distinguish them. */
function chooseId(store: StoreHandle, { manifest }: Bundle, { asCopy }: ImportOptions): string {
  const { id, createdAt } = manifest.run;
  if (asCopy) return createRunId(store);
  const here = store.db
    .prepare<[string], { name: string; created_at: string; trashed: number }>(
      'SELECT name, created_at, deleted_at IS NOT NULL AS trashed FROM runs WHERE id = ?',
    )
    .get(id);
  if (here?.created_at === createdAt)
    throw new RunIsHereError({ id, name: here.name, isTrashed: here.trashed === 1 });
  return isRunIdTaken(store, id) ? createRunId(store) : id;
}

function chooseConfig({ manifest }: Bundle, { dataSource }: ImportOptions): RunConfig {
  const { config } = manifest.run;
  return { ...config, data: { ...config.data, source: dataSource ?? config.data.source } };
}

/** Writes the rows and moves the folder into place. @returns the name of the run. */
function commit(
  store: StoreHandle,
  { bundle, staging, config }: { bundle: Bundle; staging: Staging; config: RunConfig },
  fileSystem: FileSystem,
  onMoved: () => void,
): string {
  const { runId: id, folder } = staging;
  const place = runFolder(store.dataFolder, id);
  const write = store.db.transaction(() => {
    if (isRunIdTaken(store, id))
      throw new Error(
        `Run ${id} was made here meanwhile, and its id was expected to be free. Import it again.`,
      );
    const { preset, createdAt } = bundle.manifest.run;
    const name = findFreeName(store.db, bundle.manifest.run.name);
    insertBundledRows(store.db, { bundle, run: { id, name, config }, folder }, fileSystem);
    writeRunFile(folder, { id, name, preset, config, createdAt }, fileSystem);
    fileSystem.syncFolder(folder);
    fileSystem.rename(folder, place);
    onMoved();
    fileSystem.syncFolder(join(store.dataFolder, 'runs'));
    return name;
  });
  return write.immediate();
}
