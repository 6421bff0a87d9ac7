/** Folders of this machine for choosing one from a page: the page holds opaque ids, never paths. */

import { randomBytes } from 'node:crypto';
import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join, parse } from 'node:path';
import type { FolderListing } from '../../../shared/dataLibrary.ts';
import { findHomeFolder } from '../../../shared/pure/homeFolder.ts';
import { messageOf, RequestFailure } from '../failure.ts';

export interface FolderIds {
  /** The folder's contents; null: the home folder, or the root where the account has none. @throws RequestFailure when the id is unknown or it cannot be read. */
  list(id: string | null): Promise<FolderListing>;
  /** @throws RequestFailure when the id was never given out. */
  pathOf(id: string): string;
}

/** More folders than these are not shown: nobody reads such a list. */
const mostFolders = 2000;
const picturePattern = /\.(png|jpe?g|webp)$/i;
const cifarPattern = /^((data_batch_[1-5]|test_batch)(\.bin)?|cifar-10-batches-(bin|py))$/;

export function createFolderIds(
  home: string = findHomeFolder(homedir) ?? parse(process.cwd()).root,
): FolderIds {
  const idOf = new Map<string, string>();
  const pathOf = new Map<string, string>();
  const give = (path: string): string => {
    const id = idOf.get(path) ?? randomBytes(8).toString('hex');
    idOf.set(path, id);
    pathOf.set(id, path);
    return id;
  };
  const find = (id: string): string => {
    const path = pathOf.get(id);
    if (path !== undefined) return path;
    throw new RequestFailure(
      'notFound',
      'That folder is not known any more. Begin at the home folder again.',
    );
  };
  return {
    list: async (id) => listFolder(id === null ? home : find(id), give),
    pathOf: find,
  };
}

async function listFolder(path: string, give: (path: string) => string): Promise<FolderListing> {
  const entries = await readEntries(path);
  const visible = entries.filter(({ name }) => !name.startsWith('.'));
  const isFolder = await Promise.all(visible.map((entry) => leadsToFolder(path, entry)));
  const names = visible
    .filter((_, index) => isFolder[index])
    .map(({ name }) => name)
    .sort((one, other) => one.localeCompare(other, 'en', { numeric: true }))
    .slice(0, mostFolders);
  const parent = dirname(path);
  return {
    parent: parent === path ? null : give(parent),
    id: give(path),
    path,
    folders: names.map((name) => ({ id: give(join(path, name)), name })),
    pictures: visible.filter(({ name }, index) => !isFolder[index] && picturePattern.test(name)).length,
    isCifar10: isCifarFolder(visible.map(({ name }) => name)),
  };
}

/** Whether these are the names of CIFAR-10's batches, or of a folder of them. */
export function isCifarFolder(names: readonly string[]): boolean {
  return names.some((name) => cifarPattern.test(name));
}

async function readEntries(path: string): Promise<Dirent[]> {
  try {
    return await readdir(path, { withFileTypes: true });
  } catch (error) {
    const message = `The folder ${path} cannot be read (${messageOf(error)}). Choose another one.`;
    throw new RequestFailure('conflict', message, { cause: error });
  }
}

async function leadsToFolder(parent: string, entry: Dirent): Promise<boolean> {
  if (!entry.isSymbolicLink()) return entry.isDirectory();
  const target = await stat(join(parent, entry.name)).catch(() => null);
  return target?.isDirectory() ?? false;
}
