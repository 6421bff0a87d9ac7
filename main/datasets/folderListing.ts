/** Which files below a folder are images, and which split each belongs to. */

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

import { describeError } from '../../shared/text/describeError.ts';
import type { Split } from '../../shared/dataset.ts';
import { sniffImageFile } from './decodeImage.ts';
import type { FolderLayout } from './dataset.ts';

/** What an image is used for. `both`: the only image, used for training and for testing. */
export type ImageRole = Split | 'validation' | 'both';

export interface ListedImage {
  /** Relative to the folder, as the file system spells it, parts joined by `/`. */
  readonly file: string;
  readonly role: ImageRole;
}

export interface FolderListing {
  /** In the order of their names. */
  readonly images: readonly ListedImage[];
  /** Whether train, test or validation folders decide the split, rather than a hash of the names. */
  readonly isOrganised: boolean;
  /** The folders of each role, relative; empty unless `isOrganised`. */
  readonly folders: Readonly<Record<Split | 'validation', readonly string[]>>;
  /** Files that are no images, or that cannot be opened. */
  readonly others: readonly string[];
  /** Hidden, system and thumbnail files and folders that were not entered; a folder's name ends in `/`. */
  readonly hidden: readonly string[];
  /** Images that are in none of the folders that decide the split. */
  readonly outside: readonly string[];
  /** Images left out of training or validation because a test or validation image has the same content. */
  readonly leaked: readonly string[];
}

interface FoundFile {
  readonly file: string;
  /** `file` in Unicode's composed normal form, so that one name is the same name on every system. */
  readonly name: string;
}

interface FoundImage extends FoundFile {
  readonly bytes: number;
}

const testFraction = 0.1;

/** @throws Error when the folder cannot be read. */
export async function listFolder(folder: string, layout: FolderLayout): Promise<FolderListing> {
  const { files, hidden } = await walk(folder, layout);
  const images: FoundImage[] = [];
  const others: string[] = [];
  for (const found of files) {
    const path = join(folder, found.file);
    if (await sniffImageFile(path)) images.push({ ...found, bytes: (await stat(path)).size });
    else others.push(found.file);
  }
  const nothingMore = { isOrganised: false, folders: noFolders, outside: [], leaked: [] };
  if (layout === 'ignored') return { images: splitByName(images, []), others, hidden, ...nothingMore };
  const copies = await findCopies(folder, images);
  const organised = splitByFolders(images, copies);
  if (organised) return { ...organised, others, hidden };
  return { images: splitByName(images, copies), others, hidden, ...nothingMore };
}

const noFolders = { train: [], validation: [], test: [] };

/** Names of files and folders that operating systems and programs leave next to images. */
const foreignNames = new Set([
  'node_modules',
  '__macosx',
  '@eadir',
  '#recycle',
  '$recycle.bin',
  'system volume information',
  'lost+found',
  'thumbs.db',
  'ehthumbs.db',
  'desktop.ini',
  'thumbnails',
  'thumbnail',
  'thumbs',
  '_thumbnails',
  '_thumbs',
]);

function isHidden(name: string): boolean {
  return name.startsWith('.') || foreignNames.has(name.toLowerCase());
}

async function walk(
  folder: string,
  layout: FolderLayout,
): Promise<{ files: FoundFile[]; hidden: readonly string[] }> {
  const files: FoundFile[] = [];
  const hidden: string[] = [];
  /** Real paths of the folders already entered: links may lead back to one of them. */
  const visited = new Set<string>();
  const nameOf = (file: string) => (layout === 'honoured' ? file.normalize('NFC') : file);
  const enter = async (below: string): Promise<void> => {
    const real = await realpath(join(folder, below));
    if (visited.has(real)) return;
    visited.add(real);
    for (const entry of await readdir(real)) {
      const file = below === '' ? entry : `${below}/${entry}`;
      const found = await stat(join(real, entry)).catch(() => undefined);
      if (layout === 'honoured' && isHidden(entry)) hidden.push(found?.isDirectory() ? `${file}/` : file);
      else if (found?.isDirectory()) await enter(file);
      else if (!found || found.isFile()) files.push({ file, name: nameOf(file) });
    }
  };
  try {
    await enter('');
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    const reason = isMissing ? 'it does not exist' : describeError(error);
    throw new Error(`Cannot read ${folder}: ${reason}. Expected a folder of images: folder:<path>.`, {
      cause: error,
    });
  }
  const byName = (one: FoundFile, other: FoundFile) =>
    compare(one.name, other.name) || compare(one.file, other.file);
  return { files: files.sort(byName), hidden: hidden.sort(compare) };
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

/**
 * Lists of images whose files have the same bytes, two or more each, in order. Only files of equal length are read.
 */
async function findCopies(folder: string, images: readonly FoundImage[]): Promise<FoundImage[][]> {
  const ofLength = Map.groupBy(images, ({ bytes }) => bytes);
  const candidates = [...ofLength.values()].filter((group) => group.length > 1).flat();
  const hashes = new Map<FoundImage, string>();
  for (const image of candidates) {
    const hash = createHash('sha256');
    await pipeline(createReadStream(join(folder, image.file)), hash);
    hashes.set(image, hash.digest('hex'));
  }
  const groups = Map.groupBy(candidates, (image) => hashes.get(image));
  return [...groups.values()].filter((group) => group.length > 1);
}

/**
 * Splits by a hash of the names, so that an added image moves no other. Copies of an image follow the first of them.
 * From two different images on, both splits have at least one; a single one serves as both.
 */
function splitByName(
  images: readonly FoundImage[],
  copies: readonly (readonly FoundImage[])[],
): readonly ListedImage[] {
  const originals = new Map(copies.flatMap(([first, ...others]) => others.map((copy) => [copy, first])));
  const distinct = images.filter((image) => !originals.has(image));
  if (distinct.length === 1) return images.map(({ file }) => ({ file, role: 'both' }));
  const fractions = new Map(distinct.map((image) => [image, hashFraction(image.name)]));
  const lowest = Math.min(...fractions.values());
  const highest = Math.max(...fractions.values());
  return images.map((image) => {
    const fraction = fractions.get(originals.get(image) ?? image) ?? 0;
    const isTest = fraction === lowest || (fraction < testFraction && fraction !== highest);
    return { file: image.file, role: isTest ? 'test' : 'train' };
  });
}

/** Returns a deterministic hash of a name, uniform in [0, 1). */
function hashFraction(name: string): number {
  return createHash('sha256').update(name).digest().readUInt32BE(0) / 0x100000000;
}

/** Splits the images by train, test and validation folders; undefined if there are none. */
function splitByFolders(
  images: readonly FoundImage[],
  copies: readonly (readonly FoundImage[])[],
): Omit<FolderListing, 'others' | 'hidden'> | undefined {
  const decided = findSplitFolders(images);
  const has = (role: Role) => [...decided.values()].some((folder) => folder.role === role);
  if (!has('train') || !(has('test') || has('validation'))) return undefined;
  const leaked = new Set(copies.flatMap((group) => findLeaks(group, decided)));
  const files = (chosen: readonly FoundImage[]) => chosen.map(({ file }) => file);
  const foldersOf = (role: Role) => [
    ...new Set([...decided.values()].flatMap((folder) => (folder.role === role ? [folder.path] : []))),
  ];
  return {
    images: images.flatMap((image) => {
      const role = decided.get(image)?.role;
      return role && !leaked.has(image) ? [{ file: image.file, role }] : [];
    }),
    isOrganised: true,
    folders: { train: foldersOf('train'), validation: foldersOf('validation'), test: foldersOf('test') },
    outside: files(images.filter((image) => !decided.has(image))),
    leaked: files([...leaked]),
  };
}

type Role = Split | 'validation';

interface RoleFolder {
  readonly role: Role;
  readonly path: string;
  readonly parent: string;
}

/** Copies of a test image are no training or validation images; copies of a validation image are no training images. */
function findLeaks(group: readonly FoundImage[], decided: ReadonlyMap<FoundImage, RoleFolder>): FoundImage[] {
  const roleOf = (image: FoundImage) => decided.get(image)?.role;
  const kept = (['test', 'validation'] as const).find((role) =>
    group.some((image) => roleOf(image) === role),
  );
  return kept ? group.filter((image) => decided.has(image) && roleOf(image) !== kept) : [];
}

/**
 * For each image the folder whose name says what it is for. Such names count where a training folder is next to a test
 * or validation folder. At the top a test or validation folder counts alone: everything else is for training then.
 */
function findSplitFolders(images: readonly FoundImage[]): ReadonlyMap<FoundImage, RoleFolder> {
  const named = new Map(images.map((image) => [image, foldersWithRoles(image.name)]));
  const siblings = Map.groupBy([...named.values()].flat(), ({ parent }) => parent);
  const has = (parent: string, role: Role) =>
    (siblings.get(parent) ?? []).some((folder) => folder.role === role);
  const hasHeldBack = (parent: string) => has(parent, 'test') || has(parent, 'validation');
  const complete = new Set(
    [...siblings.keys()].filter((parent) => has(parent, 'train') && hasHeldBack(parent)),
  );
  const top = commonFolder(images.map(({ name }) => name));
  const isTopAlone = complete.size === 0 && hasHeldBack(top);
  if (isTopAlone) complete.add(top);
  const decided = new Map<FoundImage, RoleFolder>();
  for (const [image, folders] of named) {
    const folder = folders.find(({ parent }) => complete.has(parent));
    if (folder) decided.set(image, folder);
    else if (isTopAlone) decided.set(image, { role: 'train', path: top || '.', parent: top });
  }
  return decided;
}

/** The folders a file is in whose names say what they are for, from the top down. */
function foldersWithRoles(name: string): RoleFolder[] {
  const parts = name.split('/').slice(0, -1);
  return parts.flatMap((part, depth) => {
    const role = roleOfFolder(part);
    if (!role) return [];
    return [{ role, path: parts.slice(0, depth + 1).join('/'), parent: parts.slice(0, depth).join('/') }];
  });
}

/** The deepest folder that all files are in; '' for the folder itself. */
function commonFolder(names: readonly string[]): string {
  const paths = names.map((name) => name.split('/').slice(0, -1));
  const [first = []] = paths;
  const length = first.findIndex((part, depth) => paths.some((path) => path[depth] !== part));
  return first.slice(0, length < 0 ? first.length : length).join('/');
}

const rolesByName: Readonly<Record<string, Role>> = {
  train: 'train',
  training: 'train',
  val: 'validation',
  valid: 'validation',
  validation: 'validation',
  test: 'test',
  testing: 'test',
};

/** `Train`, `test_images`, `val2017`, `DIV2K_valid_HR`; a name with two roles has none. */
function roleOfFolder(name: string): Role | undefined {
  const words = name.toLowerCase().split(/[^\p{L}]+/u);
  const roles = new Set(words.flatMap((word) => rolesByName[word] ?? []));
  return roles.size === 1 ? [...roles][0] : undefined;
}
