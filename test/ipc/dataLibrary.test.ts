import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { DataSetEntry } from '../../shared/dataLibrary.ts';
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
  const told: { name: EventName; payload: unknown }[] = [];
  const send = (name: EventName, payload: unknown) => void told.push({ name, payload });
  const library = openDataLibrary({ store, cacheFolder, archive, send });
  onTestFinished(() => library.close());
  const isAtRest = async (id: string) =>
    !['downloading', 'verifying'].includes((await library.find(id)).state);
  const rest = async (id: string): Promise<DataSetEntry> => {
    while (!(await isAtRest(id))) await new Promise((resolve) => setTimeout(resolve, 20));
    return library.find(id);
  };
  return { store, library, told, rest };
}

function insertRunOn(store: ReturnType<typeof openLibrary>['store'], source: string): string {
  return insertRun(store, { name: 'run', config: runConfigSchema.parse({ data: { source } }) }).id;
}

/** A server with a small archive of CIFAR-10's form; `delay` holds its second half back. */
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

describe('the list', () => {
  it('begins with synthetic images, ready, and CIFAR-10, absent', async () => {
    const { library } = openLibrary();
    expect(await library.list()).toMatchObject([
      { id: 'synthetic', state: 'ready', trainImages: 4000, testImages: 1000, removable: false },
      { id: 'cifar10', state: 'absent', trainImages: 50_000, bytes: 170_052_171, removable: false },
    ]);
  });

  it('shows by itself what runs outside the trash were trained on, and says when its folder is gone', async () => {
    const { library, store } = openLibrary();
    const first = insertRunOn(store, 'folder:/gone/birds');
    insertRunOn(store, 'folder:/gone/birds');
    insertRunOn(store, 'synthetic:7');
    const entries = (await library.list()).slice(2);
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

describe('an own folder', () => {
  it('is added, read in the background, pictured, and taken off the list without touching it', async () => {
    const { library, rest, told } = openLibrary();
    const folder = join(makeTemporaryFolder(), 'birds');
    await writeImages(folder, 12);
    const added = await library.addFolder(folder);
    expect(added).toMatchObject({ kind: 'folder', title: 'birds', state: 'verifying', location: folder });
    const entry = await rest(added.id);
    expect(entry).toMatchObject({ state: 'ready', problem: null, runs: 0, removable: true });
    expect((entry.trainImages ?? 0) + (entry.testImages ?? 0)).toBe(12);
    expect(entry.checksum).toMatch(/^[0-9a-f]{64}$/);
    expect(entry.notes.length).toBeGreaterThan(0);
    const progress = told.filter(({ name }) => name === 'data.progress').map(({ payload }) => payload);
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
    expect((await library.list()).length).toBe(2);
    expect(readdirSync(folder).length).toBe(12);
  });

  it('that cannot be read becomes broken with the reason, and recovers when it is verified again', async () => {
    const { library, rest, told } = openLibrary();
    const folder = join(makeTemporaryFolder(), 'birds');
    mkdirSync(folder);
    writeFileSync(join(folder, 'a.png'), 'no image');
    const { id } = await library.addFolder(folder);
    expect(await rest(id)).toMatchObject({
      state: 'broken',
      problem: expect.stringContaining('no readable PNG'),
    });
    expect(told).toContainEqual(expect.objectContaining({ name: 'notice' }));
    await writeImages(folder);
    await library.verify(id);
    expect(await rest(id)).toMatchObject({ state: 'ready', problem: null });
    rmSync(folder, { recursive: true });
    expect(await library.find(id)).toMatchObject({ state: 'broken' });
    expect(await library.contactSheet(id)).toBe(null);
  });

  it('of CIFAR-10 batches is known as such', async () => {
    const { library, rest } = openLibrary();
    const folder = makeTemporaryFolder();
    writeFileSync(join(folder, 'data_batch_1.bin'), createBinaryBatch(20));
    writeFileSync(join(folder, 'test_batch.bin'), createBinaryBatch(10));
    const { id } = await library.addFolder(folder);
    expect(await rest(id)).toMatchObject({
      kind: 'cifar10',
      state: 'ready',
      trainImages: 20,
      testImages: 10,
    });
  });

  it('of CIFAR-10 in any wrapping is no folder of images, and other versions are named', async () => {
    const { library, rest } = openLibrary();
    const folder = makeTemporaryFolder();
    const members = ['data_batch_1.bin', 'test_batch.bin'].map((name) => ({
      name,
      bytes: createBinaryBatch(10),
    }));
    writeFileSync(join(folder, 'cifar-10-python.tar.gz'), await createArchive(members));
    const { id } = await library.addFolder(folder);
    expect(await rest(id)).toMatchObject({
      kind: 'cifar10',
      state: 'ready',
      trainImages: 10,
      testImages: 10,
    });
    const other = makeTemporaryFolder();
    for (const name of ['train', 'test', 'meta']) writeFileSync(join(other, name), '');
    await expect(library.addFolder(other)).rejects.toThrow('this is CIFAR-100, which is not supported');
    expect((await library.list()).length).toBe(3);
  });

  it('of images is one even next to an archive of CIFAR-10', async () => {
    const { library } = openLibrary();
    const folder = makeTemporaryFolder();
    await writeImages(folder, 3);
    writeFileSync(join(folder, 'cifar-10-python.tar.gz'), await createArchive([]));
    expect(await library.addFolder(folder)).toMatchObject({ kind: 'folder' });
  });

  it('that runs use cannot be taken off the list, nor what belongs to the application', async () => {
    const { library, store, rest } = openLibrary();
    const folder = join(makeTemporaryFolder(), 'birds');
    const source = await writeImages(folder);
    const { id } = await library.addFolder(folder);
    await rest(id);
    insertRunOn(store, source);
    await expect(library.remove(id)).rejects.toThrow('1 runs were trained on it');
    await expect(library.remove('synthetic')).rejects.toMatchObject({ code: 'conflict' });
    await expect(library.addFolder(join(folder, 'absent'))).rejects.toMatchObject({ code: 'conflict' });
  });
});

describe('CIFAR-10', () => {
  it('is downloaded with progress, verified, and removed', async () => {
    const { library, rest, told, store } = openLibrary(await serveArchive());
    expect(await library.download('cifar10')).toMatchObject({ state: 'downloading' });
    const entry = await rest('cifar10');
    expect(entry).toMatchObject({ state: 'ready', trainImages: 100, testImages: 20, removable: true });
    const progress = told.filter(({ name }) => name === 'data.progress').map(({ payload }) => payload);
    expect(progress).toContainEqual(
      expect.objectContaining({ phase: 'downloading', done: entry.bytes, unit: 'bytes' }),
    );
    expect(told.filter(({ name }) => name === 'data.changed').length).toBeGreaterThan(1);
    await library.remove('cifar10');
    expect(await library.find('cifar10')).toMatchObject({ state: 'absent', checksum: null });
    expect(existsSync(join(store.dataFolder, 'cache', 'datasets', 'cifar.tar.gz'))).toBe(false);
  });

  it('stops downloading when asked to, and can continue later', async () => {
    const { library, rest, told } = openLibrary(await serveArchive({ delay: 60_000 }));
    await library.download('cifar10');
    await waitUntil(() => told.some(({ name }) => name === 'data.progress'));
    expect(await library.cancel('cifar10')).toMatchObject({ state: 'absent', problem: null });
    expect(await rest('cifar10')).toMatchObject({ state: 'absent' });
    expect(told.filter(({ name }) => name === 'notice')).toEqual([]);
  });

  it('that cannot be fetched says why and what to do', async () => {
    const { library, rest } = openLibrary({ ...(await serveArchive()), md5: '00' });
    await library.download('cifar10');
    expect(await rest('cifar10')).toMatchObject({
      state: 'absent',
      problem: expect.stringMatching(/expected .* MD5 00/),
    });
    await expect(library.download('synthetic')).rejects.toMatchObject({ code: 'conflict' });
  });
});
