/** The pictures that a command line names: files, and those of folders. */

import { readdirSync, statSync } from 'node:fs';
import { basename, extname, join, resolve } from 'node:path';
import { sniffImageFile } from '../datasets/decodeImage.ts';
import type { Output } from './output.ts';

export interface PictureFile {
  /** Absolute. */
  readonly file: string;
  /** As the user would call it. */
  readonly label: string;
  /** Its results are called so: without extension where that is enough to tell them apart. */
  readonly name: string;
}

const pictureExtensions = ['.png', '.jpg', '.jpeg', '.webp'];
const order = new Intl.Collator('en', { numeric: true });

/**
 * Files in the order they are named; of a folder, without those below it and hidden ones, by name: what is a picture by
 * its header or calls itself one. A file that is not there stays in the list: it fails when its turn comes.
 * @throws Error when a folder has no picture.
 */
export async function listPictures(words: readonly string[], output: Output): Promise<PictureFile[]> {
  const found: { file: string; label: string }[] = [];
  for (const word of words) {
    const path = resolve(word);
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
    return { ...entry, name: isAlone ? stem : basename(entry.file) };
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
  for (const name of names) {
    const isNamedSo = pictureExtensions.includes(extname(name).toLowerCase());
    if (isNamedSo || (await sniffImageFile(join(folder, name)))) pictures.push(name);
  }
  const others = names.length - pictures.length;
  if (pictures.length === 0) {
    throw new Error(
      `${word} has no PNG, JPEG or WebP picture, only ${others} other files. Name another folder.`,
    );
  }
  if (others > 0) output.note(`${word}: ${others} other files are left alone.`);
  return pictures;
}

function stemOf(file: string): string {
  return basename(file, extname(file));
}
