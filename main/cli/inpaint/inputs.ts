/** The pictures that a command line names: files, and those of folders. */

import { createHash } from 'node:crypto';
import { readdirSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import type { Mask } from '../../../shared/images/mask.ts';
import { describeInverted, readMask } from '../../../shared/images/readMask.ts';
import { cutToBytes, utf8Length } from '../../../shared/runBundle.ts';
import { describeError } from '../../../shared/text/describeError.ts';
import { formatPlural } from '../../../shared/text/format.ts';
import { decodeMaskBytes, describeOtherFormats, sniffImageFile } from '../../datasets/decodeImage.ts';
import { contentId } from '../../jobs/inpainting/imageFiles.ts';
import { resolveTypedPath } from '../../runtime/typedPath.ts';
import { isOwnProduct, longestResultName } from './resultFiles.ts';
import type { Output } from '../output.ts';

export interface PictureFile {
  /** Absolute. */
  readonly file: string;
  /** As the user would call it. */
  readonly label: string;
  /** Its results are called so: without extension where that is enough to tell them apart. */
  readonly name: string;
  /** This program computed it: a result, a sample, a map, a strip or a figure. */
  readonly isOwnProduct: boolean;
}

const pictureExtensions = ['.png', '.jpg', '.jpeg', '.webp'];
const order = new Intl.Collator('en', { numeric: true });

/**
 * Files in the order they are named; of a folder, without those below it and hidden ones, by name: what is a picture by
 * its header or calls itself one, and was not computed by this program. A file that is not there stays in the list: it
 * fails when its turn comes.
 * @throws Error when a folder has no picture.
 */
export async function listPictures(words: readonly string[], output: Output): Promise<PictureFile[]> {
  const found: { file: string; label: string }[] = [];
  for (const word of words) {
    const path = resolveTypedPath(word);
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) {
      const names = await listFolder(path, { word, output });
      found.push(...names.map((name) => ({ file: join(path, name), label: join(word, name) })));
    } else found.push({ file: path, label: word });
  }
  const once = [...new Map(found.map((entry) => [entry.file, entry])).values()];
  const stems = once.map(({ file }) => stemOf(file).toLowerCase());
  return once.map((entry) => {
    const stem = stemOf(entry.file);
    const isAlone = stems.filter((other) => other === stem.toLowerCase()).length === 1;
    const name = fitName(isAlone ? stem : basename(entry.file));
    return { ...entry, name, isOwnProduct: isOwnProduct(entry.file) };
  });
}

async function listFolder(
  folder: string,
  { word, output }: { word: string; output: Output },
): Promise<string[]> {
  const names = readdirSync(folder)
    .filter(
      (name) => !name.startsWith('.') && statSync(join(folder, name), { throwIfNoEntry: false })?.isFile(),
    )
    .sort(order.compare);
  const pictures: string[] = [];
  const others: string[] = [];
  let products = 0;
  for (const name of names) {
    if (isOwnProduct(join(folder, name))) products++;
    else {
      const isNamedSo = pictureExtensions.includes(extname(name).toLowerCase());
      const isImage = isNamedSo || (await sniffImageFile(join(folder, name)));
      (isImage ? pictures : others).push(name);
    }
  }
  const formats = await describeOtherFormats(others.map((name) => join(folder, name)));
  const left = [
    ...(others.length > 0 ? [formatPlural(others.length, 'other file')] : []),
    ...(products > 0 ? [`${formatPlural(products, 'image')} that this program computed`] : []),
  ].join(' and ');
  if (pictures.length === 0) {
    const advice = products > 0 ? 'Name such a file itself to inpaint it again' : 'Name another folder';
    throw new Error(
      `${folder} has no PNG, JPEG or WebP image, only ${left || 'nothing'}. ${formats ?? `${advice}.`}`,
    );
  }
  if (left !== '') output.note(`${word}: left alone: ${left}.`);
  if (formats) output.note(`${word}: ${formats}`);
  return pictures;
}

/** A name that is too long for the endings of its files is cut, and stays different from every other one. */
function fitName(name: string): string {
  if (utf8Length(name) <= longestResultName) return name;
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 8);
  return `${cutToBytes(name, longestResultName - hash.length - 1).trimEnd()}-${hash}`;
}

function stemOf(file: string): string {
  return basename(file, extname(file));
}

export interface MaskFile extends Mask {
  readonly id: string;
  readonly observed: number;
  /** Sentences about how it was read, where that is not obvious. */
  readonly notes: readonly string[];
}

/** @throws Error when it is no image or marks nothing as known. */
export async function readMaskFile(file: string, { invert }: { invert: boolean }): Promise<MaskFile> {
  try {
    const found = readMask(await decodeMaskBytes(await readFile(file)), { invert });
    const { width, height, bits, known } = found;
    const advice = invert
      ? 'Without --invert-mask the white pixels are known.'
      : 'If white marks the hole, use --invert-mask.';
    const notes = [
      ...found.notes,
      ...(found.looksInverted ? [`${describeInverted(found, { invert })} ${advice}`] : []),
    ];
    return { id: contentId({ width, height }, bits), width, height, bits, observed: known, notes };
  } catch (error) {
    const reason = describeError(error);
    throw new Error(`--mask ${file}: ${reason}`, { cause: error });
  }
}
