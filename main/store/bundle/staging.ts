/**
 * The staging folder of an import: `imports/<key>/`, and next to it the note `<key>.json` with its owner and run.
 * The folder moves to `runs/<id>` in the transaction that writes the rows; the note is removed last. So everything that a
 * dead process left has a note, and the rows show whether the import was complete.
 */

import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { StoreHandle } from '../database/database.ts';
import { importsFolder, isRunId, runFolder, createShortId } from '../dataFolder.ts';
import { isStrayTemp, writeFileAtomically, makeFolder } from '../files/atomicFile.ts';
import { attempt, type FileSystem, nodeFileSystem } from '../files/fileSystem.ts';
import type { Finding } from '../recovery/finding.ts';
import { type Holder, isLeaseLive } from '../runs/leases.ts';
import { identifyThisProcess } from '../../runtime/processIdentity.mjs';

export interface Staging {
  /** The run being imported. */
  readonly runId: string;
  readonly folder: string;
  readonly note: string;
}

interface StagingNote {
  readonly runId: string;
  readonly owner: Holder;
}

/** Milliseconds after which an unfinished note counts as abandoned. */
const strayLimit = 3600 * 1000;

/** Creates an empty staging folder for this process. */
export function openStaging(dataFolder: string, runId: string, fileSystem: FileSystem): Staging {
  const parent = importsFolder(dataFolder);
  makeFolder(parent);
  const key = createShortId((id) => existsSync(join(parent, id)) || existsSync(join(parent, `${id}.json`)));
  const owner: Holder = { ...identifyThisProcess(), heartbeatAt: Date.now() };
  const bytes = new TextEncoder().encode(JSON.stringify({ runId, owner } satisfies StagingNote));
  writeFileAtomically({ folder: parent, name: `${key}.json`, bytes }, fileSystem);
  const staging = { runId, folder: join(parent, key), note: join(parent, `${key}.json`) };
  try {
    fileSystem.makeFolder(staging.folder);
    return staging;
  } catch (error) {
    closeStaging(staging, fileSystem);
    throw error;
  }
}

/** Cleans up after the rows are written and the folder is in place. What cannot be removed now is removed at the next start. */
export function closeStaging({ folder, note }: Staging, fileSystem: FileSystem): void {
  attempt(() => {
    fileSystem.removeFolder(folder);
    fileSystem.remove(note);
  });
}

/** Cleans up after a failure, when there are no rows: also removes a folder that was already moved into place. */
export function undoStaging(
  place: StoreHandle,
  { staging, isMoved }: { staging: Staging; isMoved: boolean },
  fileSystem: FileSystem,
): void {
  attempt(() => {
    if (isMoved) fileSystem.removeFolder(runFolder(place.dataFolder, staging.runId));
    closeStaging(staging, fileSystem);
  });
}

/** Removes what dead processes left of imports without a row; an import with a row is complete. */
export function undoDeadImports(place: StoreHandle): Finding[] {
  const parent = importsFolder(place.dataFolder);
  if (!existsSync(parent)) return [];
  const names = readdirSync(parent);
  for (const name of names.filter(isStrayTemp)) removeIfOld(join(parent, name));
  return names.flatMap((name) => {
    const key = name.replace(/\.json$/, '');
    const note = name === key ? null : readNote(join(parent, name));
    if (!isRunId(key) || note === null || isLeaseLive(note.owner)) return [];
    return undo(place, { runId: note.runId, folder: join(parent, key), note: join(parent, name) });
  });
}

/** Runs under the lock, so that no live import is between moving its folder and writing its rows. */
function undo({ dataFolder, db }: StoreHandle, staging: Staging): Finding[] {
  const remove = db.transaction((): Finding[] => {
    const { runId } = staging;
    const isDone = db.prepare('SELECT 1 FROM runs WHERE id = ?').get(runId) !== undefined;
    attempt(() => {
      if (!isDone) nodeFileSystem.removeFolder(runFolder(dataFolder, runId));
      closeStaging(staging, nodeFileSystem);
    });
    if (isDone) return [];
    const message = `The import of run ${runId} was interrupted, and what it had written is removed. Import the file again.`;
    return [{ kind: 'import undone', runId, message }];
  });
  return remove.immediate();
}

/** Reads a note; null if it is gone or was not written by this program. */
function readNote(path: string): StagingNote | null {
  try {
    const note = JSON.parse(readFileSync(path, 'utf8')) as Partial<StagingNote>;
    const isOwn =
      typeof note.runId === 'string' && isRunId(note.runId) && typeof note.owner?.pid === 'number';
    return isOwn ? (note as StagingNote) : null;
  } catch {
    return null;
  }
}

function removeIfOld(path: string): void {
  attempt(() => {
    if (Date.now() - statSync(path).mtimeMs > strayLimit) nodeFileSystem.remove(path);
  });
}
