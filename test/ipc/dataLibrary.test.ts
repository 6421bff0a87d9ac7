import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { DatasetEntry } from '../../shared/dataLibrary.ts';
import type { EventName } from '../../shared/contract.ts';
import { openDataLibrary } from '../../main/ipc/library/dataLibrary.ts';
import type { RemoteArchive } from '../../main/datasets/download.ts';
import { insertRun, softDeleteRun } from '../../main/store/runs/runLifecycle.ts';
import { runConfigSchema } from '../../shared/config/config.ts';
import { createArchive, createBinaryBatch } from '../datasets/cifarFiles.ts';
import { writeImages } from '../jobs/smallRun.ts';
import { openExampleStore } from '../store/exampleStore.ts';
import { makeTemporaryFolder } from '../store/temporaryFolder.ts';
import { waitUntil } from './exampleLaboratory.ts';

function openLibrary(archive?: RemoteArchive) {
  const store = openExampleStore();
  const cacheFolder = join(store.dataFolder, 'cache');
  const sent: { name: EventName; payload: unknown }[] = [];
  const send = (name: EventName, payload: unknown) => void sent.push({ name, payload });
  const library = openDataLibrary({ store, cacheFolder, archive, send });
  onTestFinished(() => library.close());
  const isIdle = async (id: string) => !['downloading', 'verifying'].includes((await library.find(id)).state);
  /** Returns the entry once it is neither downloaded nor verified any more. */
  const waitForEntry = async (id: string): Promise<DatasetEntry> => {
    while (!(await isIdle(id))) await new Promise((resolve) => setTimeout(resolve, 20));
    return library.find(id);
  };
  return { store, library, sent, waitForEntry };
}

function insertRunOn(store: ReturnType<typeof openLibrary>['store'], source: string): string {
  return insertRun(store, { name: 'run', config: runConfigSchema.parse({ data: { source } }) }).id;
}

/** Serves a small archive in the format of CIFAR-10; its second half is sent after `delay` milliseconds. */
async function serveArchive({ delay = 0 } = {}): Promise<RemoteArchive> {
  const names = [1, 2, 3, 4, 5].map((number) => `data_batch_${number}.bin`);
  const members = [...names, 'test_batch.bin'].map((name) => ({
    name: `cifar-10-batches-bin/${name}`,
    bytes: createBinaryBatch(20),
  }));
  const bytes = await createArchive(members);
  const server = createServer((_, response) => {
    response.writeHead(200, { 'Content-Length': bytes.length });
    const half = Math.floor(bytes.length / 2);
    response.write(bytes.subarray(0, half));
    setTimeout(() => response.end(bytes.subarray(half)), delay);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const md5 = createHash('md5').update(bytes).digest('hex');
  return { url: `http://127.0.0.1:${port}/cifar.tar.gz`, bytes: bytes.length, md5, advice: 'Try again.' };
}

describe('the data library', () => {
  it('starts with two kinds of generated images, which are ready, and CIFAR-10, which is absent', async () => {
    const { library } = openLibrary();
    expect(await library.list()).toMatchObject([
      { id: 'synthetic', state: 'ready', trainImages: 4000, testImages: 1000, removable: false },
      { id: 'shapes', title: 'Shapes and letters', state: 'ready', trainImages: 4000, testImages: 1000 },
      { id: 'cifar10', state: 'absent', trainImages: 50_000, bytes: 170_052_171, removable: false },
    ]);
  });

  it('lists the data of all runs outside the trash, and reports a missing folder', async () => {
    const { library, store } = openLibrary();
    const first = insertRunOn(store, 'folder:/gone/birds');
    insertRunOn(store, 'folder:/gone/birds');
    insertRunOn(store, 'synthetic:7');
    const entries = (await library.list()).slice(3);
    expect(entries).toMatchObject([
      { kind: 'folder', title: 'birds', state: 'broken', runs: 2, removable: false },
      { kind: 'synthetic', title: 'Synthetic images, seed 7', state: 'ready', runs: 1 },
    ]);
    expect(entries[0].id).toMatch(/^folder-[0-9a-f]{12}$/);
    expect(entries[0].problem).toMatch(/^\/gone\/birds does not exist\. Put it back/);
    expect(library.sourceOf(entries[0].id)).toBe('folder:/gone/birds');
    expect(library.idOf('folder:/gone/birds')).toBe(entries[0].id);
    softDeleteRun(store, first);
    expect(await library.find(entries[0].id)).toMatchObject({ runs: 1 });
    await expect(library.find('folder-000000000000')).rejects.toMatchObject({ code: 'notFound' });
  });
});

describe('a folder in the data library', () => {
  it('is added, read in the background, shown as a contact sheet, and removed without changing its files', async () => {
    const { library, waitForEntry, sent } = openLibrary();
    const folder = join(makeTemporaryFolder(), 'birds');
    await writeImages(folder, 12);
    const added = await library.addFolder(folder);
    expect(added).toMatchObject({ kind: 'folder', title: 'birds', state: 'verifying', location: folder });
    const entry = await waitForEntry(added.id);
    expect(entry).toMatchObject({ state: 'ready', problem: null, runs: 0, removable: true });
    expect((entry.trainImages ?? 0) + (entry.testImages ?? 0)).toBe(12);
    expect(entry.checksum).toMatch(/^[0-9a-f]{64}$/);
    expect(entry.notes.length).toBeGreaterThan(0);
    const progress = sent.filter(({ name }) => name === 'data.progress').map(({ payload }) => payload);
    expect(progress).toContainEqual(
      expect.objectContaining({ id: entry.id, phase: 'reading', unit: 'images' }),
    );
    const sheet = await library.contactSheet(entry.id);
    expect(await sharp(sheet ?? Buffer.alloc(0)).metadata()).toMatchObject({
      format: 'png',
      width: 256,
      height: 256,
    });
    expect(await library.contactSheet(entry.id)).toBe(sheet);
    await library.remove(entry.id);
    expect((await library.list()).length).toBe(3);
    expect(readdirSync(folder).length).toBe(12);
  });

  it('that cannot be read is broken with a reason, and recovers when it is verified again', async () => {
    const { library, waitForEntry, sent } = openLibrary();
    const folder = join(makeTemporaryFolder(), 'birds');
    mkdirSync(folder);
    writeFileSync(join(folder, 'a.png'), 'no image');
    const { id } = await library.addFolder(folder);
    expect(await waitForEntry(id)).toMatchObject({
      state: 'broken',
      problem: expect.stringContaining('no readable PNG'),
    });
    expect(sent).toContainEqual(expect.objectContaining({ name: 'notice' }));
    await writeImages(folder);
    await library.verify(id);
    expect(await waitForEntry(id)).toMatchObject({ state: 'ready', problem: null });
    rmSync(folder, { recursive: true });
    expect(await library.find(id)).toMatchObject({ state: 'broken' });
    expect(await library.contactSheet(id)).toBe(null);
  });

  it('of CIFAR-10 batches is recognised as CIFAR-10', async () => {
    const { library, waitForEntry } = openLibrary();
    const folder = makeTemporaryFolder();
    writeFileSync(join(folder, 'data_batch_1.bin'), createBinaryBatch(20));
    writeFileSync(join(folder, 'test_batch.bin'), createBinaryBatch(10));
    const { id } = await library.addFolder(folder);
    expect(await waitForEntry(id)).toMatchObject({
      kind: 'cifar10',
      state: 'ready',
      trainImages: 20,
      testImages: 10,
    });
  });

  it('with an archive of CIFAR-10 is recognised as CIFAR-10, and CIFAR-100 is rejected by name', async () => {
    const { library, waitForEntry } = openLibrary();
    const folder = makeTemporaryFolder();
    const members = ['data_batch_1.bin', 'test_batch.bin'].map((name) => ({
      name,
      bytes: createBinaryBatch(10),
    }));
    writeFileSync(join(folder, 'cifar-10-python.tar.gz'), await createArchive(members));
    const { id } = await library.addFolder(folder);
    expect(await waitForEntry(id)).toMatchObject({
      kind: 'cifar10',
      state: 'ready',
      trainImages: 10,
      testImages: 10,
    });
    const other = makeTemporaryFolder();
    for (const name of ['train', 'test', 'meta']) writeFileSync(join(other, name), '');
    await expect(library.addFolder(other)).rejects.toThrow('this is CIFAR-100, which is not supported');
    expect((await library.list()).length).toBe(4);
  });

  it('of images is a folder of images even if it contains an archive of CIFAR-10', async () => {
    const { library } = openLibrary();
    const folder = makeTemporaryFolder();
    await writeImages(folder, 3);
    writeFileSync(join(folder, 'cifar-10-python.tar.gz'), await createArchive([]));
    expect(await library.addFolder(folder)).toMatchObject({ kind: 'folder' });
  });

  it('cannot be removed while runs use it; built-in data can never be removed', async () => {
    const { library, store, waitForEntry } = openLibrary();
    const folder = join(makeTemporaryFolder(), 'birds');
    const source = await writeImages(folder);
    const { id } = await library.addFolder(folder);
    await waitForEntry(id);
    insertRunOn(store, source);
    await expect(library.remove(id)).rejects.toThrow('1 run was trained on it');
    await expect(library.remove('synthetic')).rejects.toMatchObject({ code: 'conflict' });
    await expect(library.addFolder(join(folder, 'absent'))).rejects.toMatchObject({ code: 'conflict' });
  });
});

describe('CIFAR-10 in the data library', () => {
  it('is downloaded with progress, verified, and removed', async () => {
    const { library, waitForEntry, sent, store } = openLibrary(await serveArchive());
    expect(await library.download('cifar10')).toMatchObject({ state: 'downloading' });
    const entry = await waitForEntry('cifar10');
    expect(entry).toMatchObject({ state: 'ready', trainImages: 100, testImages: 20, removable: true });
    const progress = sent.filter(({ name }) => name === 'data.progress').map(({ payload }) => payload);
    expect(progress).toContainEqual(
      expect.objectContaining({ phase: 'downloading', done: entry.bytes, unit: 'bytes' }),
    );
    expect(sent.filter(({ name }) => name === 'data.changed').length).toBeGreaterThan(1);
    await library.remove('cifar10');
    expect(await library.find('cifar10')).toMatchObject({ state: 'absent', checksum: null });
    expect(existsSync(join(store.dataFolder, 'cache', 'datasets', 'cifar.tar.gz'))).toBe(false);
  });

  it('stops downloading on request without a notice', async () => {
    const { library, waitForEntry, sent } = openLibrary(await serveArchive({ delay: 60_000 }));
    await library.download('cifar10');
    await waitUntil(() => sent.some(({ name }) => name === 'data.progress'));
    expect(await library.cancel('cifar10')).toMatchObject({ state: 'absent', problem: null });
    expect(await waitForEntry('cifar10')).toMatchObject({ state: 'absent' });
    expect(sent.filter(({ name }) => name === 'notice')).toEqual([]);
  });

  it('that cannot be downloaded reports the reason', async () => {
    const { library, waitForEntry } = openLibrary({ ...(await serveArchive()), md5: '00' });
    await library.download('cifar10');
    expect(await waitForEntry('cifar10')).toMatchObject({
      state: 'absent',
      problem: expect.stringMatching(/expected .* MD5 00/),
    });
    await expect(library.download('synthetic')).rejects.toMatchObject({ code: 'conflict' });
  });
});
