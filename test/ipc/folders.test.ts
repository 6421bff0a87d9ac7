import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createFolderIds } from '../../main/ipc/library/folders.ts';
import { makeTemporaryFolder } from '../store/temporaryFolder.ts';

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
