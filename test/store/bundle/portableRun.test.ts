import { readFileSync } from 'node:fs';
import { homedir, hostname, userInfo } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { exportRun } from '../../../main/store/bundle/exportRun.ts';
import { importBytes } from '../../../main/store/bundle/importRun.ts';
import { portableSource } from '../../../main/store/bundle/portableRun.ts';
import { readCheckpoint, checkpointPath } from '../../../main/store/files/checkpointFile.ts';
import { readRunFile } from '../../../main/store/runs/runFile.ts';
import { getRun, updateRun } from '../../../main/store/runs/runs.ts';
import type { Store } from '../../../main/store/store.ts';
import { openExampleStore } from '../exampleStore.ts';
import { makeTemporaryFolder } from '../temporaryFolder.ts';
import { insertFullRun } from './exampleBundle.ts';

const secret = '/home/marker-of-the-user/photos of mine/birds';

function exportBytes(store: Store, runId: string): Buffer {
  const path = join(makeTemporaryFolder(), 'run.sparsefield');
  exportRun(store, { runId, path, checkpoints: 'all', appVersion: '1.2.3' });
  return readFileSync(path);
}

/** Inserts a run on a folder whose path occurs wherever it can. */
async function insertSecretRun(store: Store): Promise<string> {
  const { id } = await insertFullRun(store, { data: { source: `folder:${secret}` } });
  const { dataset } = getRun(store.db, id);
  const notes = ['Cut to squares.', `Skipped 1 image: x.png (${secret}/x.png is broken).`];
  updateRun(store.db, id, {
    status: 'crashed',
    error: `The checkpoint could not be saved in ${secret}.`,
    dataset: dataset && { ...dataset, notes },
  });
  return id;
}

describe('an exported bundle', () => {
  it('contains no folder, user name, host name or path of the store', async () => {
    const store = openExampleStore();
    const text = exportBytes(store, await insertSecretRun(store)).toString('latin1');
    expect(text).toContain('elsewhere:birds');
    const { username } = userInfo();
    // Short names, such as "root", occur by chance in any binary file.
    const names = [username, hostname()].filter((name) => name.length > 5);
    for (const hidden of ['marker-of', 'of mine', store.dataFolder, homedir(), import.meta.dirname, ...names])
      expect(text).not.toContain(hidden);
  });

  it('names the folder of its images without its path, and can be imported with another folder', async () => {
    const store = openExampleStore();
    const bytes = exportBytes(store, await insertSecretRun(store));
    const there = openExampleStore();
    const { id, missingData } = importBytes(there, bytes, { asCopy: false });
    expect(missingData).toBe('birds');
    const run = getRun(there.db, id);
    expect(run.config.data.source).toBe('elsewhere:birds');
    expect(run.dataset).toMatchObject({ source: 'elsewhere:birds', notes: ['Cut to squares.'] });
    expect(run.error).toMatch(/^It failed on the machine it came from/);
    const { metadata } = readCheckpoint(checkpointPath(there.runFolder(id), 9));
    expect(metadata['config']).toContain('"source":"elsewhere:birds"');

    const placed = importBytes(there, bytes, { asCopy: true, dataSource: 'folder:/srv/birds' });
    expect(placed.missingData).toBeNull();
    expect(getRun(there.db, placed.id).config.data.source).toBe('folder:/srv/birds');
    expect(getRun(there.db, placed.id).dataset?.source).toBe('folder:/srv/birds');
    expect(readRunFile(there.runFolder(placed.id)).config.data.source).toBe('folder:/srv/birds');
  });
});

describe('portableSource', () => {
  it.each([
    ['synthetic', null, 'synthetic'],
    ['synthetic:7', null, 'synthetic:7'],
    ['cifar10', null, 'cifar10'],
    ['cifar10:/data/cifar', 50_000, 'cifar10'],
    ['cifar10:/data/cifar', 10_000, 'elsewhere:cifar'],
    ['folder:/home/me/birds/', null, 'elsewhere:birds'],
    ['folder:C:\\Users\\me\\birds', null, 'elsewhere:birds'],
    ['folder:/', null, 'elsewhere:pictures'],
    ['folder:/x/..', null, 'elsewhere:x'],
    [`folder:/home/${userInfo().username}`, null, 'elsewhere:pictures'],
    ['elsewhere:birds', null, 'elsewhere:birds'],
  ])('converts %s with %s images to %s', (source, count, expected) => {
    expect(portableSource(source, count === null ? null : { count })).toBe(expected);
  });
});
