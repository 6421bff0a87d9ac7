/** Folders of this machine for choosing one from a page: the page holds opaque ids, never paths. */

import { randomBytes } from 'node:crypto';
import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join, parse } from 'node:path';
import type { FolderListing } from '../../../shared/dataLibrary.ts';
import { findHomeFolder } from '../../../shared/text/homeFolder.ts';
import { describeForeign, findBatches, nameForeignDataset } from '../../datasets/cifarArchive.ts';
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
  const pictures = visible.filter(({ name }, index) => !isFolder[index] && picturePattern.test(name)).length;
  return {
    parent: parent === path ? null : give(parent),
    id: give(path),
    path,
    folders: names.map((name) => ({ id: give(join(path, name)), name })),
    pictures,
    isCifar10: await isCifarFolder(path, pictures > 0),
  };
}

/**
 * What a folder is as a dataset: CIFAR-10 in any usual wrapping, or a folder of images.
 * @throws RequestFailure when it cannot be read, or is a dataset that is not supported.
 */
export async function findDatasetKind(path: string): Promise<'cifar10' | 'folder'> {
  const names = (await readEntries(path)).map(({ name }) => name).filter((name) => !name.startsWith('.'));
  const hasImages = names.some((name) => picturePattern.test(name));
  if (await isCifarFolder(path, hasImages)) return 'cifar10';
  const foreign = hasImages ? null : nameForeignDataset([path, ...names]);
  if (foreign) throw new RequestFailure('conflict', describeForeign(path, foreign));
  return 'folder';
}

/** A folder of images may have an archive of CIFAR-10 beside them, as folders of downloads do. */
async function isCifarFolder(path: string, hasImages: boolean): Promise<boolean> {
  const found = await findBatches(path);
  return found !== null && (!hasImages || (found.kind === 'folder' && found.path === path));
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
