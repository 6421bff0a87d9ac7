import { mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openDataset } from '../../main/datasets/registry.ts';
import { createFolderIds } from '../../main/ipc/library/folders.ts';
import { insertRun } from '../../main/store/runs/runLifecycle.ts';
import { updateRun } from '../../main/store/runs/runs.ts';
import { openStore } from '../../main/store/store.ts';
import { runConfigSchema } from '../../shared/config/config.ts';
import { writeImages } from '../jobs/smallRun.ts';
import { makeTemporaryFolder } from '../store/temporaryFolder.ts';
import { type ExampleLaboratory, openExampleLaboratory } from './exampleLaboratory.ts';

/** Inserts a paused run on 12 images that have been moved since. */
async function insertMovedRun() {
  const folder = makeTemporaryFolder();
  const source = await writeImages(join(folder, 'old'));
  const config = runConfigSchema.parse({ data: { source, imageSize: 16 } });
  const { info } = await openDataset(source, {
    split: 'train',
    imageSize: 16,
    cacheFolder: folder,
    folderLayout: 'ignored',
  });
  const data = makeTemporaryFolder();
  const store = openStore(data);
  const { id } = insertRun(store, { name: 'moved', config });
  updateRun(store.db, id, { status: 'paused', dataset: info, error: 'Its images are gone.' });
  store.close();
  renameSync(join(folder, 'old'), join(folder, 'new'));
  return { id, folder, info, example: await openExampleLaboratory({}, data) };
}

/** Adds a folder to the data library and returns its ID. */
async function addFolder({ ask }: ExampleLaboratory, path: string): Promise<string> {
  const library = await ask('folders.list', { id: null });
  let listing = library;
  while (listing.parent !== null) listing = await ask('folders.list', { id: listing.parent });
  for (const part of path.split('/').filter(Boolean)) {
    const next = listing.folders.find(({ name }) => name === part);
    if (!next) throw new Error(`no ${part} in ${listing.path}`);
    listing = await ask('folders.list', { id: next.id });
  }
  return (await ask('data.addFolder', { folderId: listing.id })).id;
}

describe('locating the images of a run', () => {
  it('changes its data source if the images are the same, so that the run can be resumed', async () => {
    const { id, folder, info, example } = await insertMovedRun();
    const datasetId = await addFolder(example, join(folder, 'new'));
    expect(await example.ask('runs.locateData', { id, datasetId })).toEqual({ difference: null });
    const { run } = await example.ask('runs.get', { id });
    const source = `folder:${join(folder, 'new')}`;
    expect(run).toMatchObject({ status: 'paused', error: null, config: { data: { source } } });
    expect(run.dataset).toEqual({ ...info, source });
  });

  it('reports a difference if the images are not the same, and changes the data source only if that is accepted', async () => {
    const { id, folder, info, example } = await insertMovedRun();
    await writeImages(join(folder, 'others'), 20);
    const datasetId = await addFolder(example, join(folder, 'others'));
    const { difference } = await example.ask('runs.locateData', { id, datasetId });
    expect(difference).toMatch(
      /This place has \d+ training images \(checksum .*\), but .* 1\d training images \(checksum/,
    );
    const before = await example.ask('runs.get', { id });
    expect(before.run.config.data.source).toBe(`folder:${join(folder, 'old')}`);
    await example.ask('runs.locateData', { id, datasetId, acceptChangedData: true });
    const { run } = await example.ask('runs.get', { id });
    expect(run.config.data.source).toBe(`folder:${join(folder, 'others')}`);
    expect(run.dataset).toMatchObject({ checksum: info.checksum, refused: { split: 'train' } });
  });
});

describe('a new run', () => {
  it('is not created if its images cannot be read', async () => {
    const example = await openExampleLaboratory();
    const folder = makeTemporaryFolder();
    await writeImages(join(folder, 'images'), 4);
    const datasetId = await addFolder(example, join(folder, 'images'));
    renameSync(join(folder, 'images'), join(folder, 'gone'));
    const config = runConfigSchema.parse({ preset: 'tiny', train: { steps: 10 } });
    const { code } = await example.expectFailure('training.create', { config, datasetId, then: 'start' });
    expect(code).toBe('conflict');
    expect((await example.ask('runs.list', {})).rows).toEqual([]);
  });
});

describe('the list of folders', () => {
  it('starts at the home folder and contains visible folders and links to folders with opaque IDs', async () => {
    const home = makeTemporaryFolder();
    for (const name of ['b10', 'b9', '.hidden']) mkdirSync(join(home, name));
    symlinkSync(join(home, 'b9'), join(home, 'link'));
    symlinkSync(join(home, 'nowhere'), join(home, 'dead'));
    for (const name of ['a.PNG', 'b.jpeg', 'c.webp', 'd.txt']) writeFileSync(join(home, name), '');
    const folders = createFolderIds(home);
    const listing = await folders.list(null);
    expect(listing).toMatchObject({ path: home, images: 3, isCifar10: false });
    expect(listing.folders.map(({ name }) => name)).toEqual(['b9', 'b10', 'link']);
    for (const { id, name } of [...listing.folders, { id: listing.id, name: '' }]) {
      expect(id).toMatch(/^[a-z0-9]{16}$/);
      expect(folders.pathOf(id)).toBe(join(home, name));
    }
    expect((await folders.list(listing.id)).id).toBe(listing.id);
    const subfolder = await folders.list(listing.folders[0].id);
    expect([subfolder.path, subfolder.parent]).toEqual([join(home, 'b9'), listing.id]);
  });

  it('has no parent at the root', async () => {
    expect((await createFolderIds('/').list(null)).parent).toBe(null);
  });

  it('recognises a folder of CIFAR-10 by the names of its batches', async () => {
    const home = makeTemporaryFolder();
    mkdirSync(join(home, 'cifar-10-batches-bin'));
    expect((await createFolderIds(home).list(null)).isCifar10).toBe(false);
    writeFileSync(join(home, 'cifar-10-batches-bin', 'test_batch.bin'), '');
    expect((await createFolderIds(home).list(null)).isCifar10).toBe(true);
  });

  it('rejects unknown IDs and folders that cannot be read', async () => {
    const folders = createFolderIds(join(makeTemporaryFolder(), 'absent'));
    await expect(folders.list('0123456789abcdef')).rejects.toMatchObject({ code: 'notFound' });
    await expect(folders.list(null)).rejects.toMatchObject({ code: 'conflict' });
  });
});
