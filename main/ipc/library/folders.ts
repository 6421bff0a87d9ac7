/** Folders that a page can choose from: the page holds opaque IDs, never paths. */

import { randomBytes } from 'node:crypto';
import { type Dirent, readdirSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, dirname, join, parse } from 'node:path';
import { describeError } from '../../../shared/text/describeError.ts';
import type { FolderListing, RecentFolder } from '../../../shared/dataLibrary.ts';
import { findHomeFolder } from '../../../shared/text/homeFolder.ts';
import { describeForeign, findBatches, nameForeignDataset } from '../../datasets/cifarArchive.ts';
import {
  currentContext,
  describeMissing,
  findPathKind,
  resolveTypedPath,
  TypedPathError,
} from '../../runtime/typedPath.ts';
import { RequestFailure } from '../failure.ts';
import { openRecentFolders } from './recentFolders.ts';

export interface FolderLibrary {
  /** Lists a folder; null: the home folder, or the root if there is none. @throws RequestFailure when the ID is unknown or the folder cannot be read. */
  list(id: string | null): Promise<FolderListing>;
  /**
   * Lists the folder at a path as the user typed it, relative to the folder `from`.
   * @throws RequestFailure that says what is there instead when there is no such folder.
   */
  find(text: string, from: string | null): Promise<FolderListing>;
  /** Returns the folders that were chosen before, the newest first, also those that are gone. */
  recent(): Promise<readonly RecentFolder[]>;
  /** Puts a folder first among the recent ones; nothing happens if that cannot be stored. */
  remember(path: string): void;
  /** @throws RequestFailure when the ID is unknown. */
  pathOf(id: string): string;
}

/** At most this many folders are listed. */
const mostFolders = 2000;
const imagePattern = /\.(png|jpe?g|webp)$/i;

export interface FolderOptions {
  /** Folder of the list of recent folders; absent: they are not kept. */
  readonly configFolder?: string;
  readonly home?: string;
}

export function createFolderIds({
  configFolder,
  home = findHomeFolder(homedir) ?? parse(process.cwd()).root,
}: FolderOptions = {}): FolderLibrary {
  const recent = openRecentFolders(configFolder);
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
    find: async (text, from) => listFolder(findTyped(text, from === null ? home : find(from)), give),
    recent: () => Promise.all(recent.list().map((path) => describeRecent(path, give))),
    remember: recent.add,
    pathOf: find,
  };
}

/** Returns the path of an existing folder. @throws RequestFailure when there is none. */
function findTyped(text: string, folder: string): string {
  try {
    const path = resolveTypedPath(text, { ...currentContext(), folder });
    const kind = findPathKind(path);
    if (kind === 'folder') return path;
    if (kind === null) throw new TypedPathError(`${describeMissing(path, 'folder')} ${nearestFolders(path)}`);
    throw new TypedPathError(
      `${path} is a file, and a folder was expected. The folder it is in: ${dirname(path)}.`,
    );
  } catch (error) {
    if (!(error instanceof TypedPathError)) throw error;
    throw new RequestFailure('notFound', error.message, { cause: error });
  }
}

const mostSuggested = 5;

/** Names some folders of the last existing folder on the way to `path`. */
function nearestFolders(path: string): string {
  let nearest = dirname(path);
  while (findPathKind(nearest) !== 'folder' && dirname(nearest) !== nearest) nearest = dirname(nearest);
  const names = listNames(nearest);
  const more = names.length - mostSuggested;
  const listed = [...names.slice(0, mostSuggested), ...(more > 0 ? [`${more} more`] : [])].join(', ');
  return names.length === 0 ? `${nearest} has no folders.` : `The folders in ${nearest}: ${listed}.`;
}

function listNames(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
      .map(({ name }) => name)
      .sort(byName);
  } catch {
    return [];
  }
}

function byName(one: string, other: string): number {
  return one.localeCompare(other, 'en', { numeric: true });
}

async function describeRecent(path: string, give: (path: string) => string): Promise<RecentFolder> {
  const found = await stat(path).catch(() => null);
  return { id: give(path), name: nameOf(path), path, isThere: found?.isDirectory() ?? false };
}

/** The last part of a path; the root has no other name. */
function nameOf(path: string): string {
  return basename(path) || path;
}

/** Returns the folders from the root to `path`, both included. */
function foldersTo(path: string): string[] {
  const parent = dirname(path);
  return parent === path ? [path] : [...foldersTo(parent), path];
}

async function listFolder(path: string, give: (path: string) => string): Promise<FolderListing> {
  const entries = await readEntries(path);
  const visible = entries.filter(({ name }) => !name.startsWith('.'));
  const isFolder = await Promise.all(visible.map((entry) => leadsToFolder(path, entry)));
  const names = visible
    .filter((_, index) => isFolder[index])
    .map(({ name }) => name)
    .sort(byName)
    .slice(0, mostFolders);
  const parent = dirname(path);
  const images = visible.filter(({ name }, index) => !isFolder[index] && imagePattern.test(name)).length;
  return {
    parent: parent === path ? null : give(parent),
    id: give(path),
    path,
    crumbs: foldersTo(path).map((folder) => ({ id: give(folder), name: nameOf(folder) })),
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
