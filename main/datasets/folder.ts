/** Every PNG, JPEG and WebP picture below a folder, cut to a centred square and resized by area average. */

import { createHash } from 'node:crypto';
import { readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';

import type { Split } from '../../shared/dataset.ts';
import { formatPlural } from '../../shared/pure/format.ts';
import { cropSquare, resizeArea } from './areaResize.ts';
import { allocatePixels, createDataset } from './dataset.ts';
import type { Dataset, OpenOptions } from './dataset.ts';
import { countTransparent, decodeImage, describeOtherFormats, sniffImageFile } from './decodeImage.ts';
import type { DecodedImage } from './decodeImage.ts';

const testShare = 0.1;
const mostEntriesListed = 20;

/**
 * Open `folder:<path>`. Images come in the order of their relative paths; a hash of the path decides the split, so
 * that adding pictures moves none of the others. Files that cannot be read are skipped and noted.
 * @throws Error when the folder cannot be read or no picture of the split can be.
 */
export async function openFolder(
  source: string,
  path: string | undefined,
  options: OpenOptions,
): Promise<Dataset> {
  const folder = path ?? '';
  const { pictures, others } = await listFiles(folder);
  const chosen = pictures
    .filter(({ split }) => split === 'both' || split === options.split)
    .map(({ name }) => name)
    .slice(0, options.first);
  const { squares, failures, findings } = await decodeAll(folder, chosen, options);
  if (squares.length === 0) {
    const [formats] = await describeOthers(folder, others);
    throw new Error(
      `${folder} has no readable PNG, JPEG or WebP picture for the split "${options.split}": ` +
        `found ${chosen.length} damaged and ${others.length} other files: ` +
        `${listSome([...failures, ...others]) || 'none'}. ${formats ?? 'Add pictures or choose another folder.'}`,
    );
  }
  const { split, imageSize } = options;
  const pixels = allocatePixels(source, squares.length, imageSize);
  squares.forEach((square, index) => pixels.set(square, index * square.length));
  return createDataset({
    source,
    split,
    imageSize,
    pixels,
    notes: [
      ...describe({ pictures, others }, failures, imageSize),
      ...describeFindings(findings),
      ...(await describeOthers(folder, others)),
    ],
  });
}

interface Picture {
  /** Relative to the folder, parts joined by `/`. */
  readonly name: string;
  readonly split: Split | 'both';
}

interface Listing {
  readonly pictures: readonly Picture[];
  /** Names of the files whose header is no picture's, or that cannot be opened. */
  readonly others: readonly string[];
}

async function listFiles(folder: string): Promise<Listing> {
  const names: string[] = [];
  try {
    await collectNames(folder, { below: '', visited: new Set() }, names);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`Cannot read ${folder}: ${reason}. Expected a folder of pictures: folder:<path>.`, {
      cause: error,
    });
  }
  names.sort((one, other) => (one < other ? -1 : 1));
  const pictures: string[] = [];
  const others: string[] = [];
  for (const name of names) ((await sniffImageFile(join(folder, name))) ? pictures : others).push(name);
  return { pictures: assignSplits(pictures), others };
}

interface Walk {
  readonly below: string;
  /** Real paths of the folders above and before: links may lead back to one of them. */
  readonly visited: Set<string>;
}

async function collectNames(folder: string, { below, visited }: Walk, names: string[]): Promise<void> {
  const real = await realpath(join(folder, below));
  if (visited.has(real)) return;
  visited.add(real);
  for (const entry of await readdir(real)) {
    const name = below === '' ? entry : `${below}/${entry}`;
    const found = await stat(join(real, entry)).catch(() => undefined);
    if (found?.isDirectory()) await collectNames(folder, { below: name, visited }, names);
    else if (!found || found.isFile()) names.push(name);
  }
}

/** Share of the hash space where a name falls: uniform in [0, 1), the same for ever. */
function hashShare(name: string): number {
  return createHash('sha256').update(name).digest().readUInt32BE(0) / 0x100000000;
}

/** From two files on, both splits have at least one; a single file serves as both. */
function assignSplits(names: readonly string[]): readonly Picture[] {
  if (names.length === 1) return [{ name: names[0], split: 'both' }];
  const shares = names.map(hashShare);
  const lowest = Math.min(...shares);
  const highest = Math.max(...shares);
  return names.map((name, index) => {
    const isTest = shares[index] === lowest || (shares[index] < testShare && shares[index] !== highest);
    return { name, split: isTest ? 'test' : 'train' };
  });
}

async function decodeAll(folder: string, names: readonly string[], options: OpenOptions) {
  const { imageSize, onProgress, signal } = options;
  const squares: Uint8Array[] = [];
  const failures: string[] = [];
  const findings: Findings = { transparent: [], mostlyTransparent: [], animated: [], reduced: [] };
  for (const [index, name] of names.entries()) {
    signal?.throwIfAborted();
    try {
      const image = await decodeImage(join(folder, name), { mayShrink: true });
      noteFindings(findings, name, image);
      squares.push(resizeArea(cropSquare(image), imageSize).pixels);
    } catch (error) {
      failures.push(`${name} (${error instanceof Error ? error.message : String(error)})`);
    }
    onProgress?.({ phase: 'reading', done: index + 1, total: names.length, unit: 'images' });
  }
  return { squares, failures, findings };
}

/** Names of the images that are not used quite as they are. */
interface Findings {
  readonly transparent: string[];
  readonly mostlyTransparent: string[];
  readonly animated: string[];
  readonly reduced: string[];
}

function noteFindings(findings: Findings, name: string, image: DecodedImage): void {
  const { opaque, isAnimated, reducedFrom } = image;
  if (opaque) {
    const isMostly = 2 * countTransparent(opaque) > opaque.length;
    findings[isMostly ? 'mostlyTransparent' : 'transparent'].push(name);
  }
  if (isAnimated) findings.animated.push(name);
  if (reducedFrom) findings.reduced.push(name);
}

function describeFindings({ transparent, mostlyTransparent, animated, reduced }: Findings): string[] {
  const all = [...transparent, ...mostlyTransparent];
  const count = (names: readonly string[], noun: string) => formatPlural(names.length, noun);
  const mostly = mostlyTransparent.length > 0 ? ` Mostly transparent: ${listSome(mostlyTransparent)}.` : '';
  return [
    ...(all.length > 0
      ? [`${count(all, 'image')} with transparent parts, shown over white: ${listSome(all)}.${mostly}`]
      : []),
    ...(animated.length > 0
      ? [`${count(animated, 'animated image')}, of which the first frame is used: ${listSome(animated)}.`]
      : []),
    ...(reduced.length > 0
      ? [`${count(reduced, 'large image')} reduced while read: ${listSome(reduced)}.`]
      : []),
  ];
}

/** Names the image formats among the files that are no images here. */
async function describeOthers(folder: string, others: readonly string[]): Promise<string[]> {
  const formats = await describeOtherFormats(others.map((name) => join(folder, name)));
  return formats ? [formats] : [];
}

function describe({ pictures, others }: Listing, failures: readonly string[], imageSize: number): string[] {
  const notes = [
    pictures.length === 1
      ? 'One picture only: it serves for training and for testing.'
      : `Split by a hash of the relative path: ${100 - testShare * 100} % train, ${testShare * 100} % test.`,
    `Cut to centred squares, resized to ${imageSize}×${imageSize} by area average.`,
  ];
  if (failures.length > 0) notes.push(`Skipped ${failures.length} pictures: ${listSome(failures)}.`);
  if (others.length > 0)
    notes.push(`Ignored ${others.length} files that are no picture: ${listSome(others)}.`);
  return notes;
}

function listSome(entries: readonly string[]): string {
  const more = entries.length - mostEntriesListed;
  return entries.slice(0, mostEntriesListed).join('; ') + (more > 0 ? `; and ${more} more` : '');
}
