/** Requests about runs as files: exports wait below the data folder until fetched; imports arrive as bytes from the page. */

import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { bundleRequests, ExportedBundle, ExportedSweepFile } from '../../../shared/contract/bundles.ts';
import { bundleEnding, bundleFileName, type BundledCheckpoints } from '../../../shared/runBundle.ts';
import { exportRun } from '../../store/bundle/exportRun.ts';
import { importBytes, RunIsHereError } from '../../store/bundle/importRun.ts';
import { exportSweep, importSweepBytes } from '../../store/bundle/sweepBundle.ts';
import { exportsFolder, createShortId } from '../../store/dataFolder.ts';
import { DamagedFileError } from '../../store/files/safetensorsHeader.ts';
import { getRun } from '../../store/runs/runs.ts';
import { getSweep } from '../../store/sweeps.ts';
import { RequestFailure } from '../failure.ts';
import type { LaboratoryParts, Media } from '../parts.ts';
import type { HandlersOf } from '../register.ts';

/** Milliseconds for which an export can be fetched. */
const exportLifetime = 3600 * 1000;
const addressPattern = /^exports\/([a-z2-7]{8})\.sparsefield$/;

export function createBundleHandlers(parts: LaboratoryParts): HandlersOf<typeof bundleRequests> {
  return {
    'bundles.export': ({ id, checkpoints }) => writeExport(parts, id, checkpoints),
    'bundles.exportSweep': ({ id }) => writeSweep(parts, id),
    'bundles.importSweep'({ bytes }) {
      const imported = orRefusal(() => importSweepBytes(parts.store, bytes));
      parts.live.listChanged();
      parts.send('sweeps.listChanged', null);
      parts.library.announce();
      return imported;
    },
    'bundles.import'({ bytes, asCopy }) {
      const imported = orRefusal(() => importBytes(parts.store, bytes, { asCopy }));
      parts.live.listChanged();
      // The library counts the runs of every dataset.
      parts.library.announce();
      return imported;
    },
  };
}

/** Finds an export by its address below the media root; null if it is none or no longer exists. */
export function findExport(dataFolder: string, path: string): Media | null {
  const match = addressPattern.exec(path);
  const file = match && fileOf(dataFolder, match[1]);
  return file && existsSync(file) ? { file, type: 'application/octet-stream' } : null;
}

/** Removes exports older than `age` milliseconds. */
export function removeExports(dataFolder: string, age: number): void {
  const folder = exportsFolder(dataFolder);
  for (const name of existsSync(folder) ? readdirSync(folder) : []) {
    const found = statSync(join(folder, name), { throwIfNoEntry: false });
    if (found && Date.now() - found.mtimeMs >= age)
      rmSync(join(folder, name), { recursive: true, force: true });
  }
}

function writeExport(
  { store, options }: LaboratoryParts,
  runId: string,
  checkpoints: BundledCheckpoints,
): ExportedBundle {
  const { name } = getRun(store.db, runId);
  const { key, path } = placeExport(store.dataFolder);
  const exported = exportRun(store, { runId, path, checkpoints, appVersion: options.version });
  return { path: `exports/${key}${bundleEnding}`, name: bundleFileName(name), ...exported };
}

function writeSweep({ store, options }: LaboratoryParts, sweepId: string): ExportedSweepFile {
  const { name } = getSweep(store.db, sweepId);
  const { key, path } = placeExport(store.dataFolder);
  const request = { sweepId, path, checkpoints: 'newest', appVersion: options.version } as const;
  return {
    path: `exports/${key}${bundleEnding}`,
    name: bundleFileName(name),
    ...exportSweep(store, request),
  };
}

/** Returns where an export is written; removes those that are too old. */
function placeExport(dataFolder: string): { readonly key: string; readonly path: string } {
  removeExports(dataFolder, exportLifetime);
  mkdirSync(exportsFolder(dataFolder), { recursive: true });
  const key = createShortId((candidate) => existsSync(fileOf(dataFolder, candidate)));
  return { key, path: fileOf(dataFolder, key) };
}

function fileOf(dataFolder: string, key: string): string {
  return join(exportsFolder(dataFolder), `${key}${bundleEnding}`);
}

/** Turns errors of an import into failures without the terminal options that their messages name. */
function orRefusal<Result>(work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    if (error instanceof RunIsHereError) {
      const { runName, isTrashed } = error;
      const advice = isTrashed ? 'is in the trash. Restore it there, or import' : 'already exists. Import';
      throw new RequestFailure('conflict', `“${runName}” ${advice} a copy of it.`, { cause: error });
    }
    if (error instanceof DamagedFileError)
      throw new RequestFailure('invalid', error.message, { cause: error });
    throw error;
  }
}
