import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { inpaintingRequestSchema } from '../../shared/inpainting.ts';
import { inpaintingFolder, maskFile, imageFile } from '../../main/store/dataFolder.ts';
import { openDatabase } from '../../main/store/database/database.ts';
import {
  findSameRequest,
  getInpainting,
  insertInpainting,
  listInpaintings,
  markDeleted,
  updateInpainting,
  getMask,
  getImage,
  insertMask,
  insertImage,
} from '../../main/store/inpaintings/inpaintings.ts';
import { migrations } from '../../main/store/database/migrate.ts';
import { insertRun } from '../../main/store/runs/runLifecycle.ts';
import type { Store } from '../../main/store/store.ts';
import { tidyInpaintings } from '../../main/store/inpaintings/tidyInpaintings.ts';
import { runConfigSchema } from '../../shared/config/config.ts';
import { catchError, openExampleStore } from './exampleStore.ts';
import { makeTemporaryFolder } from './temporaryFolder.ts';

const pictureId = '0123456789abcdef';
const maskId = 'fedcba9876543210';
const image = { id: pictureId, name: 'Boat.png', width: 4, height: 3 };

function insert(store: Store, changes: { name?: string; runName?: string } = {}): string {
  insertImage(store.db, image);
  insertMask(store.db, { id: maskId, width: 4, height: 3, observed: 5 });
  const request = inpaintingRequestSchema.parse({
    pictureId,
    runId: 'abcdefgh',
    mask: { kind: 'painted', maskId },
  });
  return insertInpainting(store.db, {
    image: { ...image, name: changes.name ?? image.name },
    request,
    runName: changes.runName ?? 'laptop',
    checkpointStep: 7,
    checkpointSha256: 'ff',
  }).id;
}

/** Writes the files of an inpainting and returns their paths. */
function writeFiles({ dataFolder }: Store, id: string) {
  const folder = inpaintingFolder(dataFolder, id);
  const files = [`${folder}/time-0.png`, imageFile(dataFolder, pictureId), maskFile(dataFolder, maskId)];
  for (const file of files) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, 'png');
  }
  return { folder, files };
}

it('a request of an earlier version is the same as one without bounds on its colours', () => {
  const store = openExampleStore();
  const id = insert(store);
  const { request } = getInpainting(store.db, id);
  const earlier: Partial<typeof request> = { ...request };
  delete earlier.bounded;
  store.db.prepare('UPDATE inpaintings SET request = ?').run(JSON.stringify(earlier));
  expect(findSameRequest(store.db, request)?.id).toBe(id);
  expect(findSameRequest(store.db, { ...request, bounded: true })).toBeUndefined();
  expect(findSameRequest(store.db, { ...request, batchId: 'abcdefgh' })?.id).toBe(id);
});

/** Changes the owner of all rows to a process that does not exist. */
function killOwner({ db }: Store): void {
  const owner = { pid: 2 ** 22 + 1, processStart: '1', bootId: null, pidNamespace: null, heartbeatAt: 0 };
  db.prepare('UPDATE inpaintings SET owner = ?').run(JSON.stringify(owner));
}

const list = (store: Store, text = '') => listInpaintings(store.db, { text, offset: 0, limit: 10 });

describe('the history of inpaintings', () => {
  it('lists the batches of a page with all of their entries, deleted ones left out', () => {
    const store = openExampleStore();
    const ids = Array.from({ length: 4 }, () => insert(store));
    const join = store.db.prepare(
      "UPDATE inpaintings SET request = json_set(request, '$.batchId', ?) WHERE id = ?",
    );
    for (const id of ids.slice(0, 3)) join.run('bbbbbbbb', id);
    const page = (offset: number, limit: number) => listInpaintings(store.db, { text: '', offset, limit });
    expect(page(0, 1).batches).toEqual([]);
    const [batch] = page(1, 1).batches;
    expect(batch).toMatchObject({ id: 'bbbbbbbb', entryIds: ids.slice(0, 3).toReversed(), finished: 0 });
    markDeleted(store.db, [ids[0]], true);
    expect(page(1, 1).batches[0].entryIds).toHaveLength(2);
  });

  it('stores an entry and its changes', () => {
    const store = openExampleStore();
    const id = insert(store);
    expect(getInpainting(store.db, id)).toMatchObject({
      id,
      status: 'waiting',
      error: null,
      image,
      runName: 'laptop',
      checkpointStep: 7,
      times: [],
      result: null,
      request: { pictureId, mask: { kind: 'painted', maskId }, steps: 10 },
    });
    updateInpainting(store.db, id, { status: 'failed', error: 'why', times: [0, 0.5] });
    updateInpainting(store.db, id, { error: null });
    expect(getInpainting(store.db, id)).toMatchObject({ status: 'failed', error: null, times: [0, 0.5] });
  });

  it('is listed newest first, in pages, and can be searched by image and run name', () => {
    const store = openExampleStore();
    const ids = [insert(store), insert(store, { name: 'a%b_c.jpg' }), insert(store, { runName: 'NOTEBOOK' })];
    expect(list(store).entries.map(({ id }) => id)).toEqual(ids.toReversed());
    const page = listInpaintings(store.db, { text: '', offset: 1, limit: 1 });
    expect([page.total, page.entries.map(({ id }) => id)]).toEqual([3, [ids[1]]]);
    const found = (text: string) => list(store, text).entries.map(({ id }) => ids.indexOf(id));
    expect([found('boat'), found('%'), found('notebook'), found("' OR 1=1 --")]).toEqual([
      [2, 0],
      [1],
      [2],
      [],
    ]);
    expect(found('boat.png\nlaptop')).toEqual([0]);
  });

  it('keeps the name that the image had at the time', () => {
    const store = openExampleStore();
    const id = insert(store);
    insertImage(store.db, { ...image, name: 'renamed.png' });
    expect(getImage(store.db, pictureId).name).toBe('renamed.png');
    expect(getInpainting(store.db, id).image.name).toBe('Boat.png');
  });

  it('does not list deleted entries until they are restored', () => {
    const store = openExampleStore();
    const one = insert(store);
    const other = insert(store);
    markDeleted(store.db, [one, 'zzzzzzzz'], true);
    expect(list(store)).toMatchObject({ total: 1, entries: [{ id: other }] });
    markDeleted(store.db, [one], false);
    expect(list(store).total).toBe(2);
  });

  it.each(['../etc/x', 'abcdefg', 'ABCDEFGH', 'abcdefgh\n', ''])('never builds a path from %j', (id) => {
    expect(() => inpaintingFolder('/data', id)).toThrow(/found, 8 characters/);
    expect(() => imageFile('/data', id)).toThrow(/found, 16 characters/);
    expect(() => maskFile('/data', id)).toThrow(/found, 16 characters/);
  });
});

describe('tidyInpaintings', () => {
  it('marks entries of dead processes as interrupted, but not those of running ones', () => {
    const store = openExampleStore();
    const ids = [insert(store), insert(store), insert(store)];
    updateInpainting(store.db, ids[1], { status: 'running' });
    updateInpainting(store.db, ids[2], { status: 'cancelled' });
    expect(tidyInpaintings(store)).toEqual([]);
    killOwner(store);
    expect(tidyInpaintings(store).map(({ kind }) => kind)).toEqual(Array(2).fill('inpainting interrupted'));
    const statuses = ids.map((id) => getInpainting(store.db, id).status);
    expect(statuses).toEqual(['interrupted', 'interrupted', 'cancelled']);
    expect(tidyInpaintings(store)).toEqual([]);
  });

  it('removes entries that a dead process had deleted, with their files, and images and masks after a week', () => {
    const store = openExampleStore();
    const id = insert(store);
    const { folder, files } = writeFiles(store, id);
    markDeleted(store.db, [id], true);
    tidyInpaintings(store);
    expect(existsSync(folder)).toBe(true);
    killOwner(store);
    tidyInpaintings(store);
    expect(catchError(() => getInpainting(store.db, id)).name).toBe('UnknownEntryError');
    expect(files.map((file) => existsSync(file))).toEqual([false, true, true]);
    for (const table of ['pictures', 'masks'])
      store.db.prepare(`UPDATE ${table} SET created_at = '2020-01-01T00:00:00.000Z'`).run();
    tidyInpaintings(store);
    expect(files.map((file) => existsSync(file))).toEqual([false, false, false]);
    expect(() => getImage(store.db, pictureId)).toThrow(/not here any more/);
    expect(() => getMask(store.db, maskId)).toThrow(/not here any more/);
  });

  it('keeps the images of entries, however old they are, and removes partial files', () => {
    const store = openExampleStore();
    const id = insert(store);
    const { folder, files } = writeFiles(store, id);
    const temps = [`${folder}/thin-plate.tmp-0123456789ab`, `${files[1].slice(0, -4)}.tmp-0123456789ab`];
    for (const temp of temps) writeFileSync(temp, 'half');
    store.db.prepare(`UPDATE pictures SET created_at = '2020-01-01T00:00:00.000Z'`).run();
    killOwner(store);
    tidyInpaintings(store);
    expect(files.map((file) => existsSync(file))).toEqual([true, true, true]);
    expect(readdirSync(folder)).toEqual(['time-0.png']);
    expect(existsSync(temps[1])).toBe(false);
  });

  it('marks a finished entry as failed if its files are missing', () => {
    const store = openExampleStore();
    const id = insert(store);
    const { folder } = writeFiles(store, id);
    updateInpainting(store.db, id, { status: 'finished' });
    expect(tidyInpaintings(store)).toEqual([]);
    rmSync(folder, { recursive: true });
    expect(tidyInpaintings(store)).toMatchObject([{ kind: 'folder missing' }]);
    expect(getInpainting(store.db, id)).toMatchObject({
      status: 'failed',
      error: expect.stringContaining('gone'),
    });
    expect(tidyInpaintings(store)).toEqual([]);
  });
});

describe('a database of schema 2 in a data folder', () => {
  it('is opened with its runs and an empty history, after a copy was made', () => {
    const dataFolder = makeTemporaryFolder();
    const file = `${dataFolder}/lab.sqlite`;
    const old = openDatabase(file, { steps: migrations.slice(0, 2) }).db;
    const run = insertRun({ db: old, dataFolder }, { name: 'kept', config: runConfigSchema.parse({}) });
    old.close();
    const store = openExampleStore(dataFolder);
    expect(store.findings.map(({ kind }) => kind)).toEqual(['database migrated']);
    expect(store.db.prepare('SELECT id, name FROM runs').all()).toEqual([{ id: run.id, name: 'kept' }]);
    expect(list(store)).toEqual({ total: 0, entries: [], batches: [] });
    expect(readdirSync(dataFolder).some((name) => name.startsWith('lab.sqlite.backup-2-'))).toBe(true);
    insert(store);
    expect(list(store).total).toBe(1);
  });
});
