/** Disks that fail and processes that die during an export or import. */

import { existsSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { exportRun } from '../../../main/store/bundle/exportRun.ts';
import { importFile } from '../../../main/store/bundle/importRun.ts';
import type { FileSystem } from '../../../main/store/files/fileSystem.ts';
import { purgeRun, softDeleteRun } from '../../../main/store/runs/runLifecycle.ts';
import { openStore, type Store } from '../../../main/store/store.ts';
import { openExampleStore } from '../exampleStore.ts';
import { createFaultyFileSystem, type FaultPlan } from '../files/faultyFileSystem.ts';
import { makeTemporaryFolder } from '../temporaryFolder.ts';
import { validBundle } from './editBundle.ts';
import { describeContents, describeStore, insertFullRun } from './exampleBundle.ts';

const faults: readonly Omit<FaultPlan, 'at'>[] = [
  { fault: 'ENOSPC', lasts: 'once' },
  { fault: 'ENOSPC', lasts: 'always' },
  { fault: 'short write', lasts: 'always' },
];

/** Imports a bundle without faults, and returns the run and the number of file system calls. */
function importWithoutFaults(path: string) {
  const store = openExampleStore();
  const counting = createFaultyFileSystem({ fault: 'EIO', at: -1, lasts: 'once' });
  const { id } = importFile(store, path, { asCopy: false }, counting);
  return { id, whole: describeContents(store, id), calls: counting.calls() };
}

function writeValidBundle(): string {
  const path = join(makeTemporaryFolder(), 'valid.sparsefield');
  writeFileSync(path, validBundle);
  return path;
}

/** Returns whether the import failed. */
function failsToImport(store: Store, path: string, fileSystem: FileSystem): boolean {
  try {
    importFile(store, path, { asCopy: false }, fileSystem);
    return false;
  } catch {
    return true;
  }
}

/** Changes the notes of running imports as if their process had died some time ago. */
function pretendOwnerDied(dataFolder: string): void {
  const folder = join(dataFolder, 'imports');
  if (!existsSync(folder)) return;
  const longAgo = new Date(Date.now() - 2 * 3600 * 1000);
  for (const name of readdirSync(folder)) {
    if (!name.includes('.')) continue;
    if (!name.endsWith('.json')) {
      utimesSync(join(folder, name), longAgo, longAgo);
      continue;
    }
    const note = JSON.parse(readFileSync(join(folder, name), 'utf8')) as { owner: object };
    const owner = { ...note.owner, bootId: 'another start of the machine' };
    writeFileSync(join(folder, name), JSON.stringify({ ...note, owner }));
  }
}

describe('an import', () => {
  it.each(faults)(
    'with $fault $lasts at any call leaves either the whole run or nothing, and reports which',
    (plan) => {
      const path = writeValidBundle();
      const { id, whole, calls } = importWithoutFaults(path);
      const store = openExampleStore();
      const before = describeStore(store);
      for (let at = 0; at < calls; at++) {
        const hasFailed = failsToImport(store, path, createFaultyFileSystem({ ...plan, at }));
        if (hasFailed) {
          const { rows } = describeStore(store);
          expect(rows, `call ${at}`).toEqual(before.rows);
          pretendOwnerDied(store.dataFolder);
          openStore(store.dataFolder).close();
          expect(describeStore(store), `call ${at}`).toEqual(before);
        } else {
          expect(describeContents(store, id), `call ${at}`).toEqual(whole);
          softDeleteRun(store, id);
          purgeRun(store, id);
        }
      }
      expect(failsToImport(store, path, createFaultyFileSystem({ ...plan, at: calls }))).toBe(false);
    },
  );

  it('whose process is killed at any call is complete or undone after the next start, and can be repeated', () => {
    const path = writeValidBundle();
    const { id, whole, calls } = importWithoutFaults(path);
    for (let at = 0; at < calls; at++) {
      const folder = makeTemporaryFolder();
      const dying = openStore(folder);
      failsToImport(
        dying,
        path,
        createFaultyFileSystem({ fault: 'kill', at, lasts: 'always', share: (at % 5) / 4 }),
      );
      dying.close();
      pretendOwnerDied(folder);
      const store = openStore(folder);
      const isImported = store.db.prepare('SELECT 1 FROM runs').get() !== undefined;
      const left = describeStore(store).files.filter((name) => !['runs', 'trash'].includes(name));
      if (!isImported) expect(left, `call ${at}`).toEqual([]);
      if (!isImported) importFile(store, path, { asCopy: false });
      expect(describeContents(store, id), `call ${at}`).toEqual(whole);
      store.close();
      const again = openStore(folder);
      expect(again.findings).toEqual([]);
      again.close();
    }
  });

  it('that is running in another process is not undone at a start', () => {
    const path = writeValidBundle();
    const store = openExampleStore();
    const at = importWithoutFaults(path).calls - 6;
    failsToImport(store, path, createFaultyFileSystem({ fault: 'kill', at, lasts: 'always' }));
    const before = describeStore(store);
    expect(before.files.some((name) => name.startsWith('imports'))).toBe(true);
    expect(openExampleStore(store.dataFolder).findings.map(({ kind }) => kind)).not.toContain(
      'import undone',
    );
    expect(describeStore(store).files).toEqual(before.files);
  });
});

describe('an export', () => {
  it.each(faults)('with $fault $lasts keeps the older file or is complete', async (plan) => {
    const store = openExampleStore();
    const run = await insertFullRun(store);
    const path = join(makeTemporaryFolder(), 'run.sparsefield');
    const options = { runId: run.id, path, checkpoints: 'all', appVersion: '1.2.3' } as const;
    const counting = createFaultyFileSystem({ fault: 'EIO', at: -1, lasts: 'once' });
    exportRun(store, options, counting);
    for (let at = 0; at < counting.calls(); at++) {
      writeFileSync(path, 'older');
      try {
        exportRun(store, options, createFaultyFileSystem({ ...plan, at }));
      } catch {
        // The file is the older one, or the new one if only the folder could not be synced.
      }
      const bytes = readFileSync(path);
      if (bytes.toString() !== 'older') {
        const there = openStore(makeTemporaryFolder());
        importFile(there, path, { asCopy: false });
        expect(describeContents(there, run.id)).toEqual(describeContents(store, run.id));
        there.close();
      }
    }
  });
});
