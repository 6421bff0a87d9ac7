import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
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
  const { id: folderId } = await ask('folders.find', { path, from: null });
  const { id } = await ask('data.addFolder', { folderId });
  expect((await ask('folders.recent', {})).at(0)).toMatchObject({ path, isThere: true });
  return id;
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
    const folders = createFolderIds({ home });
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
    expect((await createFolderIds({ home: '/' }).list(null)).parent).toBe(null);
  });

  it('recognises a folder of CIFAR-10 by the names of its batches', async () => {
    const home = makeTemporaryFolder();
    mkdirSync(join(home, 'cifar-10-batches-bin'));
    expect((await createFolderIds({ home }).list(null)).isCifar10).toBe(false);
    writeFileSync(join(home, 'cifar-10-batches-bin', 'test_batch.bin'), '');
    expect((await createFolderIds({ home }).list(null)).isCifar10).toBe(true);
  });

  it('has the folders from the root to each folder as its crumbs', async () => {
    const home = makeTemporaryFolder();
    mkdirSync(join(home, 'a', 'b'), { recursive: true });
    const folders = createFolderIds({ home });
    const { crumbs, path } = await folders.find('a/b', null);
    expect(path).toBe(join(home, 'a', 'b'));
    expect(crumbs.map(({ id }) => folders.pathOf(id))).toEqual(
      crumbs.map((_, index) => join('/', ...crumbs.slice(1, index + 1).map(({ name }) => name))),
    );
    expect(crumbs.at(-2)?.id).toBe((await folders.find('a', null)).id);
    expect((await createFolderIds({ home: '/' }).list(null)).crumbs).toMatchObject([{ name: '/' }]);
  });

  it('finds a folder by a path that was typed or pasted', async () => {
    const home = makeTemporaryFolder();
    vi.stubEnv('HOME', home);
    onTestFinished(() => void vi.unstubAllEnvs());
    mkdirSync(join(home, 'my photos', 'birds'), { recursive: true });
    const folders = createFolderIds();
    const birds = join(home, 'my photos', 'birds');
    const from = (await folders.find(birds, null)).id;
    for (const text of [birds, `${birds}/`, ` "${birds}" `, '~/my photos/birds', pathToFileURL(birds).href])
      expect((await folders.find(text, null)).path).toBe(birds);
    expect((await folders.find('..', from)).path).toBe(join(home, 'my photos'));
    expect((await folders.find('../birds', from)).id).toBe(from);
  });

  it('says what is there when a typed path leads to no folder', async () => {
    const home = makeTemporaryFolder();
    for (const name of ['b1', 'b2', 'b3', 'b4', 'b5', 'b10']) mkdirSync(join(home, name));
    writeFileSync(join(home, 'photo.png'), '');
    const { find } = createFolderIds({ home });
    const messageOf = (text: string) => find(text, null).catch(({ code, message }) => `${code}: ${message}`);
    expect(await messageOf('bird/wings')).toBe(
      `notFound: The folder ${home}/bird/wings does not exist: ${home}/bird is not there. The folders in ${home}: b1, b2, b3, b4, b5, 1 more.`,
    );
    expect(await messageOf('b1/c')).toBe(
      `notFound: The folder ${home}/b1/c does not exist. ${home}/b1 has no folders.`,
    );
    expect(await messageOf('photo.png')).toBe(
      `notFound: ${home}/photo.png is a file, and a folder was expected. The folder it is in: ${home}.`,
    );
    expect(await messageOf('C:\\photos')).toMatch(/^notFound: C:\\photos is a path of Windows/);
  });

  it('remembers the folders that were chosen last over restarts, and reports those that are gone', async () => {
    const [home, configFolder] = [makeTemporaryFolder(), makeTemporaryFolder()];
    for (const name of ['a', 'b']) mkdirSync(join(home, name));
    const folders = createFolderIds({ home, configFolder });
    expect(await folders.recent()).toEqual([]);
    for (const name of ['a', 'b', 'a']) folders.remember(join(home, name));
    rmSync(join(home, 'b'), { recursive: true });
    const again = createFolderIds({ home, configFolder });
    const recent = await again.recent();
    expect(recent).toMatchObject([
      { name: 'a', path: join(home, 'a'), isThere: true },
      { name: 'b', path: join(home, 'b'), isThere: false },
    ]);
    expect(again.pathOf(recent[0].id)).toBe(join(home, 'a'));
    for (let index = 0; index < 12; index++) again.remember(`/photos/${index}`);
    expect((await again.recent()).map(({ name }) => name)).toEqual([
      '11',
      '10',
      '9',
      '8',
      '7',
      '6',
      '5',
      '4',
    ]);
    writeFileSync(join(configFolder, 'recent-folders.json'), '{ damaged');
    expect(await createFolderIds({ home, configFolder }).recent()).toEqual([]);
  });

  it('rejects unknown IDs and folders that cannot be read', async () => {
    const folders = createFolderIds({ home: join(makeTemporaryFolder(), 'absent') });
    await expect(folders.list('0123456789abcdef')).rejects.toMatchObject({ code: 'notFound' });
    await expect(folders.list(null)).rejects.toMatchObject({ code: 'conflict' });
  });
});
