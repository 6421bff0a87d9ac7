/** The images and the mask that a command line names. */

import { createHash } from 'node:crypto';
import { readdirSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, extname, join, parse } from 'node:path';
import type { Mask } from '../../../shared/images/mask.ts';
import { findMaskNames } from '../../../shared/images/matchMasks.ts';
import { describeInverted, readMask } from '../../../shared/images/readMask.ts';
import { cutToBytes, utf8Length } from '../../../shared/runBundle.ts';
import { describeError } from '../../../shared/text/describeError.ts';
import { formatPlural } from '../../../shared/text/format.ts';
import { decodeMaskBytes, describeOtherFormats, sniffImageFile } from '../../datasets/decodeImage.ts';
import { maskIdOf } from '../../jobs/inpainting/userImages.ts';
import { findPathKind, requireFile, resolveTypedPath } from '../../runtime/typedPath.ts';
import { isOwnProduct, longestResultName } from './resultFiles.ts';
import type { Output } from '../output.ts';

export interface ImageFile {
  /** Absolute path. */
  readonly file: string;
  /** The path as the user typed it. */
  readonly label: string;
  /** Base name of its results, without the extension unless two images would share it. */
  readonly name: string;
  /** Whether this program computed it: a result, a sample, a map, a strip or a figure. */
  readonly isOwnProduct: boolean;
}

const imageExtensions = ['.png', '.jpg', '.jpeg', '.webp'];
const order = new Intl.Collator('en', { numeric: true });

/**
 * Lists files in the order given, and the images of folders by name. Of a folder, subfolders, hidden files and results of
 * this program are left out; a file counts as an image by its header or its extension. A missing file among others stays
 * in the list and fails when its turn comes.
 * @throws Error when a folder has no image, or when no file exists.
 */
export async function listImages(paths: readonly string[], output: Output): Promise<ImageFile[]> {
  const found: { file: string; label: string }[] = [];
  for (const typed of paths) {
    const path = resolveTypedPath(typed);
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) {
      const names = await listFolder(path, { typed, output });
      found.push(...names.map((name) => ({ file: join(path, name), label: join(typed, name) })));
    } else found.push({ file: path, label: typed });
  }
  const missing = found.filter(({ file }) => findPathKind(file) === null);
  if (missing.length === found.length) throw missingFiles(missing);
  const once = [...new Map(found.map((entry) => [entry.file, entry])).values()];
  const stems = once.map(({ file }) => stemOf(file).toLowerCase());
  return once.map((entry) => {
    const stem = stemOf(entry.file);
    const isAlone = stems.filter((other) => other === stem.toLowerCase()).length === 1;
    const name = fitName(isAlone ? stem : basename(entry.file));
    return { ...entry, name, isOwnProduct: isOwnProduct(entry.file) };
  });
}

function missingFiles(missing: readonly { readonly file: string }[]): Error {
  const files = missing.slice(0, 3).map(({ file }) => file);
  const more = missing.length > files.length ? ` and ${missing.length - files.length} more` : '';
  return new Error(
    missing.length === 1
      ? `The file ${files[0]} does not exist. Check its name and folder.`
      : `None of the ${missing.length} files exists: ${files.join(', ')}${more}. Check their names and folder.`,
  );
}

/** @returns the names of the images in a folder; notes on stderr what was left out. */
async function listFolder(
  folder: string,
  { typed, output }: { typed: string; output: Output },
): Promise<string[]> {
  const { images, others, products } = await sortFiles(folder);
  const formats = await describeOtherFormats(others.map((name) => join(folder, name)));
  const skipped = [
    ...(others.length > 0 ? [formatPlural(others.length, 'other file')] : []),
    ...(products > 0 ? [`${formatPlural(products, 'image')} that this program computed`] : []),
  ].join(' and ');
  if (images.length === 0) {
    const advice = products > 0 ? 'Name such a file itself to inpaint it again' : 'Choose another folder';
    throw new Error(
      `${folder} has no PNG, JPEG or WebP image, only ${skipped || 'nothing'}. ${formats ?? `${advice}.`}`,
    );
  }
  if (skipped !== '') output.note(`${typed}: skipped ${skipped}.`);
  if (formats) output.note(`${typed}: ${formats}`);
  return images;
}

/** Sorts the visible files of a folder into images, other files and a count of this program's own results. */
async function sortFiles(folder: string): Promise<{ images: string[]; others: string[]; products: number }> {
  const isVisibleFile = (name: string) =>
    !name.startsWith('.') && statSync(join(folder, name), { throwIfNoEntry: false })?.isFile();
  const names = readdirSync(folder).filter(isVisibleFile).sort(order.compare);
  const images: string[] = [];
  const others: string[] = [];
  let products = 0;
  for (const name of names) {
    const file = join(folder, name);
    if (isOwnProduct(file)) products++;
    else if (imageExtensions.includes(extname(name).toLowerCase()) || (await sniffImageFile(file)))
      images.push(name);
    else others.push(name);
  }
  return { images, others, products };
}

/** Shortens a name that leaves no room for the suffixes of its results; a hash keeps it unique. */
function fitName(name: string): string {
  if (utf8Length(name) <= longestResultName) return name;
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 8);
  return `${cutToBytes(name, longestResultName - hash.length - 1).trimEnd()}-${hash}`;
}

function stemOf(file: string): string {
  return basename(file, extname(file));
}

/** A mask read from a file: white is known. */
export interface MaskFile extends Mask {
  /** Name of the file, without folders. */
  readonly name: string;
  readonly id: string;
  readonly observed: number;
  /** Sentences about how it was read, if that is not obvious. */
  readonly notes: readonly string[];
}

/** @throws Error when the file is not an image or marks no pixel as known. */
async function readMaskFile(file: string, { invert }: { invert: boolean }): Promise<MaskFile> {
  try {
    const found = readMask(await decodeMaskBytes(await readFile(file)), { invert });
    const { width, height, channels, bits, known } = found;
    const advice = invert
      ? 'Without --invert-mask the white pixels are known.'
      : 'If white marks the hole, use --invert-mask.';
    const notes = [
      ...found.notes,
      ...(found.looksInverted ? [`${describeInverted(found, { invert })} ${advice}`] : []),
    ];
    const id = maskIdOf(found);
    return { name: basename(file), id, width, height, channels, bits, observed: known, notes };
  } catch (error) {
    const reason = describeError(error);
    throw new Error(`--mask ${file}: ${reason}`, { cause: error });
  }
}

/** The masks of a call: one file for all images, or one of a folder for each. */
export interface MaskFiles {
  /** Returns the mask of an image; `note` receives how it was read. @throws Error if it has none, or it cannot be read. */
  maskOf(image: ImageFile, note: (text: string) => void): Promise<MaskFile>;
}

/** Opens the file or folder of --mask. @throws Error when it is missing, no mask, or a folder without images. */
export async function openMasks(
  typed: string,
  { invert, images, output }: { invert: boolean; images: readonly ImageFile[]; output: Output },
): Promise<MaskFiles> {
  const path = resolveTypedPath(typed);
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) {
    const names = await listFolder(path, { typed, output });
    return openMaskFolder({ path, typed, names, images }, { invert, output });
  }
  const found = await readMaskFile(requireFile(typed, 'Give --mask the path of an image or a folder.'), {
    invert,
  });
  for (const note of found.notes) output.note(`--mask ${typed}: ${note}`);
  return { maskOf: () => Promise.resolve(found) };
}

function openMaskFolder(
  folder: { path: string; typed: string; names: readonly string[]; images: readonly ImageFile[] },
  { invert, output }: { invert: boolean; output: Output },
): MaskFiles {
  const { path, typed, names, images } = folder;
  // An image in the folder of masks is not its own mask.
  const namesOf = ({ file }: ImageFile) =>
    findMaskNames(
      basename(file),
      names.filter((name) => join(path, name) !== file),
    );
  const used = new Set(images.flatMap(namesOf));
  const unused = names.filter((name) => !used.has(name));
  if (unused.length > 0)
    output.note(
      `--mask ${typed}: ${formatPlural(unused.length, 'file')} without an image: ${listNames(unused)}.`,
    );
  return {
    async maskOf(image, note) {
      const fitting = namesOf(image);
      if (fitting.length !== 1) throw new Error(describeMismatch(image, { typed, fitting }));
      const found = await readMaskFile(join(path, fitting[0]), { invert });
      for (const text of found.notes) note(`mask ${found.name}: ${text}`);
      return found;
    },
  };
}

function describeMismatch(
  { file }: ImageFile,
  { typed, fitting }: { typed: string; fitting: readonly string[] },
): string {
  const { name } = parse(file);
  if (fitting.length === 0)
    return `has no mask: ${typed} has none of its name. Name it ${name}.png or ${name}_mask.png.`;
  return `has ${fitting.length} masks in ${typed}: ${listNames(fitting)}; expected one. Leave one of them there.`;
}

const mostNames = 5;

function listNames(names: readonly string[]): string {
  const more = names.length - mostNames;
  return [...names.slice(0, mostNames), ...(more > 0 ? [`${more} more`] : [])].join(', ');
}
