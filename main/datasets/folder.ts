/** Datasets of all PNG, JPEG and WebP images below a folder: centred squares resized by area average, or crops. */

import { createHash } from 'node:crypto';
import { join } from 'node:path';

import { describeError } from '../../shared/text/describeError.ts';
import { formatPlural } from '../../shared/text/format.ts';
import type { CropScales } from '../../shared/config/config.ts';
import { cropSquare, type PixelImage, resizeArea } from './areaResize.ts';
import { allocatePixels, createDataset } from './dataset.ts';
import type { Dataset, OpenOptions } from './dataset.ts';
import { createFixedCrops, createPhotographDataset, createPhotographKeeper } from './photographs.ts';
import { countTransparent, decodeImage, describeOtherFormats } from './decodeImage.ts';
import type { DecodedImage } from './decodeImage.ts';
import { type FolderListing, type ImageRole, listFolder } from './folderListing.ts';

const mostEntriesListed = 20;

/**
 * Open `folder:<path>`. Images come in the order of their relative paths. The folder's own train, validation and test
 * folders decide the split; without them a hash of the path does, so that added images move none of the others.
 * Files that cannot be read are skipped and noted.
 * @throws Error when the folder cannot be read or no image of the split can be.
 */
export async function openFolder(
  _source: string,
  path: string | undefined,
  options: OpenOptions,
): Promise<Dataset> {
  const folder = path ?? '';
  const listing = await listFolder(folder, options.folderLayout ?? 'honoured');
  const dataset = await openRole(folder, listing, { ...options, role: options.split });
  if (listing.folders.validation.length === 0 || options.split !== 'train') return dataset;
  return {
    ...dataset,
    openValidation: () => openRole(folder, listing, { ...options, split: 'test', role: 'validation' }),
  };
}

async function openRole(
  folder: string,
  listing: FolderListing,
  options: OpenOptions & { role: ImageRole },
): Promise<Dataset> {
  const { split, imageSize } = options;
  const chosen = listing.images
    .filter(({ role }) => role === 'both' || role === roleIn(listing, options.role))
    .map(({ file }) => file);
  if (options.crops) return openPhotographs(folder, listing, { ...options, chosen, scales: options.crops });
  const {
    kept: squares,
    failures,
    findings,
  } = await decodeAll(
    { ...options, folder, names: chosen },
    (image) => resizeArea(cropSquare(image), imageSize).pixels,
  );
  const formats = await describeOthers(folder, listing.others);
  if (squares.length === 0) throw new Error(explainNothing(folder, listing, { split, failures, formats }));
  const source = `folder:${folder}`;
  const pixels = allocatePixels(source, squares.length, imageSize);
  const length = pixels.length / squares.length;
  squares.forEach((square, index) => pixels.set(square, index * length));
  const squareAt = (index: number) => pixels.subarray(index * length, (index + 1) * length);
  const treatment = `Cut to centred squares, resized to ${imageSize}×${imageSize} by area average.`;
  const notes = [...describe(listing, failures, treatment), ...describeFindings(findings), ...formats];
  const dataset = createDataset({ source, split, imageSize, pixels, notes });
  if (options.folderLayout === 'ignored') return dataset;
  return {
    ...dataset,
    identityOf: (index) => createHash('sha256').update(squareAt(index)).digest('hex'),
  };
}

/** Opens photographs to take crops of; held-out ones as fixed crops. */
async function openPhotographs(
  folder: string,
  listing: FolderListing,
  options: OpenOptions & {
    readonly role: ImageRole;
    readonly chosen: readonly string[];
    readonly scales: CropScales;
  },
): Promise<Dataset> {
  const { split, imageSize, scales, chosen } = options;
  const keeper = createPhotographKeeper(imageSize);
  const small: string[] = [];
  const parts: string[] = [];
  const decoded = await decodeAll({ ...options, folder, names: chosen }, (image, name, remaining) => {
    const photograph = keeper.keep(image, remaining);
    if (photograph === null) small.push(name);
    if (photograph?.isPart) parts.push(name);
    return photograph;
  });
  const { kept: photographs, failures, findings } = decoded;
  const formats = await describeOthers(folder, listing.others);
  if (photographs.length === 0)
    throw new Error(
      small.length > 0
        ? `${folder} has no image for the split "${split}" with sides of ${imageSize} pixels or more, the side of a crop. Found ${formatPlural(small.length, 'smaller image')}: ${listSome(small)}. Add larger images, choose a smaller image size, or train on whole images (data.crops=false).`
        : explainNothing(folder, listing, { split, failures, formats }),
    );
  const notes = [
    ...describe(listing, failures, describeCrops(imageSize, scales)),
    ...describeSizes({ small, parts, imageSize }),
    ...describeFindings(findings),
    ...formats,
  ];
  const crops = { imageSize, scales, info: { source: `folder:${folder}`, split, notes } };
  return options.role === 'train'
    ? createPhotographDataset(photographs, crops)
    : createFixedCrops(photographs, crops);
}

function describeCrops(imageSize: number, { smallest, largest }: CropScales): string {
  const scales = smallest === largest ? `at scale ${largest}` : `at scales from ${smallest} to ${largest}`;
  return `Crops of ${imageSize}×${imageSize} pixels ${scales}, reduced by area average: random ones for training, fixed ones of held-out images for evaluation.`;
}

/** `small`: images without room for a crop; `parts`: images of which only a part fits into memory. */
function describeSizes({
  small,
  parts,
  imageSize,
}: {
  readonly small: readonly string[];
  readonly parts: readonly string[];
  readonly imageSize: number;
}): string[] {
  return [
    ...(small.length > 0
      ? [
          `Left out ${formatPlural(small.length, 'image')} with sides shorter than ${imageSize} pixels: ${listSome(small)}.`,
        ]
      : []),
    ...(parts.length > 0
      ? [
          `Crops of ${formatPlural(parts.length, 'image')} come from a part of each, so that all fit into memory: ${listSome(parts)}.`,
        ]
      : []),
  ];
}

/** Returns the role to read; without test folders the validation images are also the test images. */
function roleIn({ isOrganised, folders }: FolderListing, role: ImageRole): ImageRole {
  return isOrganised && role === 'test' && folders.test.length === 0 ? 'validation' : role;
}

function explainNothing(
  folder: string,
  { others, hidden }: FolderListing,
  { split, failures, formats }: { split: string; failures: readonly string[]; formats: readonly string[] },
): string {
  const found = [
    ...(failures.length > 0
      ? [`${formatPlural(failures.length, 'image')} that cannot be read: ${listSome(failures)}`]
      : []),
    ...(others.length > 0 ? [`${formatPlural(others.length, 'other file')}: ${listSome(others)}`] : []),
    ...(hidden.length > 0 ? [`hidden: ${listSome(hidden)}`] : []),
  ];
  const contents = found.length > 0 ? `Found ${found.join('; ')}.` : 'It is empty.';
  return `${folder} has no readable PNG, JPEG or WebP image for the split "${split}". ${contents} ${formats[0] ?? 'Add images or choose another folder.'}`;
}

/**
 * Decodes the images, all or the first few, and collects what `keep` returns, unless it is null, and the failures of the
 * others. `remaining` counts the images that may still be kept, the current one included.
 */
async function decodeAll<Kept>(
  {
    folder,
    names,
    first = Infinity,
    onProgress,
    signal,
  }: Pick<OpenOptions, 'first' | 'onProgress' | 'signal'> & {
    readonly folder: string;
    readonly names: readonly string[];
  },
  keep: (image: PixelImage, name: string, remaining: number) => Kept | null,
) {
  const kept: Kept[] = [];
  const failures: string[] = [];
  const findings: Findings = { transparent: [], mostlyTransparent: [], animated: [], reduced: [] };
  for (const [index, name] of names.entries()) {
    if (kept.length >= first) break;
    signal?.throwIfAborted();
    const image = await decodeImage(join(folder, name), { mayShrink: true }).catch((error: unknown) => {
      failures.push(`${name} (${describeError(error)})`);
    });
    if (image) {
      noteFindings(findings, name, image);
      const value = keep(image, name, Math.min(names.length - index, first - kept.length));
      if (value !== null) kept.push(value);
    }
    onProgress?.({ phase: 'reading', done: index + 1, total: names.length, unit: 'images' });
  }
  return { kept, failures, findings };
}

/** Names of the images that were altered to be used. */
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

/** Describes the unsupported image formats among the other files. */
async function describeOthers(folder: string, others: readonly string[]): Promise<string[]> {
  const formats = await describeOtherFormats(others.map((name) => join(folder, name)));
  return formats ? [formats] : [];
}

function describe(listing: FolderListing, failures: readonly string[], treatment: string): string[] {
  const { others, hidden, outside, leaked } = listing;
  const notes = [describeSplit(listing), treatment];
  const listNote = (text: string, files: readonly string[]) => {
    if (files.length > 0) notes.push(`${text}: ${listSome(files)}.`);
  };
  const count = (files: readonly string[], noun: string) => formatPlural(files.length, noun);
  listNote(`Skipped ${count(failures, 'image')} that cannot be read`, failures);
  listNote(
    `Left out ${count(leaked, 'training or validation image')} with the same content as a test or validation image`,
    leaked,
  );
  listNote(`Left out ${count(outside, 'image')} outside the train, validation and test folders`, outside);
  listNote(
    `Ignored ${count(others, 'file')} that ${others.length === 1 ? 'is no image' : 'are no images'}`,
    others,
  );
  listNote('Left out hidden, system and thumbnail files', hidden);
  return notes;
}

function describeSplit({ images, isOrganised, folders }: FolderListing): string {
  if (images.length > 0 && images.every(({ role }) => role === 'both'))
    return 'One image only: it serves for training and for testing.';
  if (!isOrganised) return 'Split by a hash of the relative path: 90 % train, 10 % test.';
  const part = (role: 'train' | 'validation' | 'test', use: string) => {
    const count = images.filter((image) => image.role === role).length;
    const places = folders[role].map((path) => `${path}/`).join(', ');
    return places === '' ? [] : [`${formatPlural(count, `${use} image`)} in ${places}`];
  };
  const parts = [...part('train', 'training'), ...part('validation', 'validation'), ...part('test', 'test')];
  const isShared = folders.test.length === 0;
  return `Split as the folders say: ${parts.join('; ')}.${isShared ? ' There is no test folder: the validation images are also the test images.' : ''}`;
}

function listSome(entries: readonly string[]): string {
  const more = entries.length - mostEntriesListed;
  return entries.slice(0, mostEntriesListed).join('; ') + (more > 0 ? `; and ${more} more` : '');
}
