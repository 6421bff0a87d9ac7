/** Folders that a page can choose from: the page holds opaque IDs, never paths. */

import { randomBytes } from 'node:crypto';
import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join, parse } from 'node:path';
import { describeError } from '../../../shared/text/describeError.ts';
import type { FolderListing } from '../../../shared/dataLibrary.ts';
import { findHomeFolder } from '../../../shared/text/homeFolder.ts';
import { describeForeign, findBatches, nameForeignDataset } from '../../datasets/cifarArchive.ts';
import { RequestFailure } from '../failure.ts';

export interface FolderIds {
  /** Lists a folder; null: the home folder, or the root if there is none. @throws RequestFailure when the ID is unknown or the folder cannot be read. */
  list(id: string | null): Promise<FolderListing>;
  /** @throws RequestFailure when the ID is unknown. */
  pathOf(id: string): string;
}

/** At most this many folders are listed. */
const mostFolders = 2000;
const imagePattern = /\.(png|jpe?g|webp)$/i;

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
    throw new RequestFailure('notFound', 'That folder is no longer known. Start again at the home folder.');
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
  const images = visible.filter(({ name }, index) => !isFolder[index] && imagePattern.test(name)).length;
  return {
    parent: parent === path ? null : give(parent),
    id: give(path),
    path,
    folders: names.map((name) => ({ id: give(join(path, name)), name })),
    images,
    isCifar10: await isCifarFolder(path, images > 0),
  };
}

/**
 * Returns the kind of dataset in a folder: CIFAR-10 in any usual packaging, or a folder of images.
 * @throws RequestFailure when it cannot be read, or is a dataset that is not supported.
 */
export async function findDatasetKind(path: string): Promise<'cifar10' | 'folder'> {
  const names = (await readEntries(path)).map(({ name }) => name).filter((name) => !name.startsWith('.'));
  const hasImages = names.some((name) => imagePattern.test(name));
  if (await isCifarFolder(path, hasImages)) return 'cifar10';
  const foreign = hasImages ? null : nameForeignDataset([path, ...names]);
  if (foreign) throw new RequestFailure('conflict', describeForeign(path, foreign));
  return 'folder';
}

/** A folder of images may also contain a CIFAR-10 archive, as download folders do. */
async function isCifarFolder(path: string, hasImages: boolean): Promise<boolean> {
  const found = await findBatches(path);
  return found !== null && (!hasImages || (found.kind === 'folder' && found.path === path));
}

async function readEntries(path: string): Promise<Dirent[]> {
  try {
    return await readdir(path, { withFileTypes: true });
  } catch (error) {
    const message = `The folder ${path} cannot be read (${describeError(error)}). Choose another one.`;
    throw new RequestFailure('conflict', message, { cause: error });
  }
}

async function leadsToFolder(parent: string, entry: Dirent): Promise<boolean> {
  if (!entry.isSymbolicLink()) return entry.isDirectory();
  const target = await stat(join(parent, entry.name)).catch(() => null);
  return target?.isDirectory() ?? false;
}
