/** Which images a run uses: the data source as users write it, and what was found there. */

export const dataSourceKinds = ['synthetic', 'shapes', 'cifar10', 'folder', 'elsewhere'] as const;
export type DataSourceKind = (typeof dataSourceKinds)[number];

export const splits = ['train', 'test'] as const;
export type Split = (typeof splits)[number];

/** A parsed data source. `argument` is the text after the colon: a path, the seed of generated images, or a name. */
export interface DataSource {
  readonly kind: DataSourceKind;
  readonly argument?: string;
}

/** What distinguishes the kinds of data sources. `dataSources` in main/datasets/registry.ts has the function that opens each. */
interface DataSourceTraits {
  readonly argument: 'seed' | 'path' | 'name';
  /** Whether the kind alone is a source: it is in every data library. */
  readonly isArgumentOptional: boolean;
  /** Whether the source without an argument is downloaded. */
  readonly isDownload: boolean;
  /** What the path has to lead to, for messages; null where the argument is no path. */
  readonly expectedPath: { readonly type: 'folder' | 'file or folder'; readonly contents: string } | null;
  /** Images of the source without a path; null if there is no such source. */
  readonly images: Readonly<Record<Split, number>> | null;
  /** Title in the data library. `name` is the last part of a path. */
  readonly title: (argument: string | undefined, name: string) => string;
  /** One sentence: what is in it. */
  readonly description: string;
  /** How users write the source, and what it means; null: only imported runs have it. */
  readonly usage: { readonly form: string; readonly meaning: string } | null;
  /** The images within a sentence. `name`: the last part of a path. */
  readonly label: (argument: string | undefined, name: string) => string;
  /** Kind with which the images are opened again on any machine. */
  readonly commandKind: DataSourceKind;
  /** Whether its images have sizes of their own, so that crops can be taken of them. */
  readonly isCroppable: boolean;
  /** Side of its images in pixels; null where they have any size, or are generated at the size of the run. */
  readonly side: number | null;
}

export const dataSourceTraits: Readonly<Record<DataSourceKind, DataSourceTraits>> = {
  synthetic: {
    argument: 'seed',
    isArgumentOptional: true,
    isDownload: false,
    expectedPath: null,
    images: { train: 4000, test: 1000 },
    title: (seed) => (seed === undefined ? 'Synthetic images' : `Synthetic images, seed ${seed}`),
    description: 'Generated on this machine: shapes and textures with the statistics of photographs.',
    usage: {
      form: 'synthetic[:seed]',
      meaning: 'generated images, the same for the same seed',
    },
    label: (seed) => (seed === undefined ? 'synthetic images' : `synthetic images, seed ${seed}`),
    commandKind: 'synthetic',
    isCroppable: false,
    side: null,
  },
  shapes: {
    argument: 'seed',
    isArgumentOptional: true,
    isDownload: false,
    expectedPath: null,
    images: { train: 4000, test: 1000 },
    title: (seed) => (seed === undefined ? 'Shapes and letters' : `Shapes and letters, seed ${seed}`),
    description:
      'Generated on this machine: sharp edges, letters and repeated textures, which a network learns and interpolation cannot restore.',
    usage: {
      form: 'shapes[:seed]',
      meaning:
        'generated images with sharp edges, letters and repeated textures, which show what a network learns',
    },
    label: (seed) => (seed === undefined ? 'shapes and letters' : `shapes and letters, seed ${seed}`),
    commandKind: 'shapes',
    isCroppable: false,
    side: null,
  },
  cifar10: {
    argument: 'path',
    isArgumentOptional: true,
    isDownload: true,
    expectedPath: { type: 'file or folder', contents: 'a folder or an archive with the CIFAR-10 batches' },
    images: { train: 50_000, test: 10_000 },
    title: (path, name) => (path === undefined ? 'CIFAR-10' : `CIFAR-10 in ${name}`),
    description: 'Photographs of 32×32 pixels in ten classes (Krizhevsky 2009).',
    usage: {
      form: 'cifar10[:path]',
      meaning: 'CIFAR-10, downloaded once, or read from a folder or an archive',
    },
    label: (path, name) => (path === undefined ? 'CIFAR-10' : `CIFAR-10 (${name})`),
    commandKind: 'cifar10',
    isCroppable: false,
    side: 32,
  },
  folder: {
    argument: 'path',
    isArgumentOptional: false,
    isDownload: false,
    expectedPath: { type: 'folder', contents: 'the folder of your images' },
    images: null,
    title: (path = '', name) => name || path,
    description: 'Your images: every PNG, JPEG and WebP file in the folder and its subfolders.',
    usage: {
      form: 'folder:path',
      meaning: 'every PNG, JPEG and WebP image in the folder and below it',
    },
    label: (_path, name) => name,
    commandKind: 'folder',
    isCroppable: true,
    side: null,
  },
  /** Images that an imported run was trained on, by the name of their folder; missing here until the user locates them. */
  elsewhere: {
    argument: 'name',
    isArgumentOptional: false,
    isDownload: false,
    expectedPath: null,
    images: null,
    title: (_argument, name) => name,
    description: 'Images on the machine that an imported run came from.',
    usage: null,
    label: (_argument, name) => name,
    commandKind: 'folder',
    isCroppable: true,
    side: null,
  },
};

/** The forms of data sources that users write, with what each means. */
export const dataSourceUsages = dataSourceKinds.flatMap((kind) => dataSourceTraits[kind].usage ?? []);

/** The forms as a list: `synthetic[:seed], shapes[:seed], cifar10[:path] or folder:path`. */
export const dataSourceForms = dataSourceUsages
  .map(({ form }) => form)
  .join(', ')
  .replace(/, ([^,]*)$/, ' or $1');

/** Images of the demo: a network learns in minutes what interpolation cannot restore of them. */
export const demoSource = 'shapes' satisfies DataSourceKind;

/** Identifies a set of images, to detect changes. */
export interface DataIdentity {
  readonly count: number;
  /** SHA-256 (hex) of the 8-bit pixel values in order: equal for equal images, wherever they came from. */
  readonly checksum: string;
}

/** Images that were replaced by others while a run was not being trained, with its user's consent. */
export interface DataChange {
  /** The run's step then. */
  readonly step: number;
  readonly split: Split | 'validation';
  readonly from: DataIdentity;
  readonly to: DataIdentity;
}

/** What was opened: stored with every run and printed with every number. */
export interface DatasetInfo extends DataIdentity {
  /** The data source as given, e.g. `cifar10:/data/cifar`. */
  readonly source: string;
  readonly split: Split;
  readonly height: number;
  readonly width: number;
  /** What the reader should know: files skipped and why, partial archives, and so on. */
  readonly notes: readonly string[];
  /** The other splits as a run found them; absent where it never looked, or there are none. */
  readonly splits?: { readonly test?: DataIdentity; readonly validation?: DataIdentity };
  /** The largest identity of an image held out for validation: images up to it stay held out when images are added. */
  readonly heldOutUpTo?: string;
  /** In the order they were accepted. */
  readonly changes?: readonly DataChange[];
  /** What the last attempt found instead, where it was refused for that; absent once the run continues. */
  readonly refused?: DataIdentity & { readonly split: Split | 'validation' };
}

/** `81 training images (checksum 1a2b3c4d5e6f)`. */
export function describeIdentity({ count, checksum }: DataIdentity, split: Split | 'validation'): string {
  const kind = { train: 'training', test: 'test', validation: 'validation' }[split];
  return `${count} ${kind} ${count === 1 ? 'image' : 'images'} (checksum ${checksum.slice(0, 12)})`;
}

/**
 * Parses `synthetic`, `synthetic:7`, `shapes`, `cifar10`, `cifar10:<path>`, `folder:<path>`, or `elsewhere:<name>` of an imported run.
 * @throws Error naming the value found and the forms expected.
 */
export function parseDataSource(text: string): DataSource {
  const { head, argument } = splitSource(text);
  const kind = dataSourceKinds.find((candidate) => candidate === head);
  if (!kind || !isArgumentValid(kind, argument)) {
    throw new Error(`Unknown data source "${text}": expected ${dataSourceForms}.`);
  }
  return { kind, argument };
}

function splitSource(text: string): { head: string; argument?: string } {
  const colon = text.indexOf(':');
  return colon < 0 ? { head: text } : { head: text.slice(0, colon), argument: text.slice(colon + 1) };
}

function isArgumentValid(kind: DataSourceKind, argument: string | undefined): boolean {
  const traits = dataSourceTraits[kind];
  if (argument === undefined) return traits.isArgumentOptional;
  return traits.argument === 'seed' ? /^\d{1,9}$/.test(argument) : argument.length > 0;
}

/** Returns whether a run with these settings is trained on crops of its images. */
export function areCropped({ source, crops }: { readonly source: string; readonly crops: boolean }): boolean {
  const { head } = splitSource(source);
  const kind = dataSourceKinds.find((candidate) => candidate === head);
  return crops && kind !== undefined && dataSourceTraits[kind].isCroppable;
}

/** Returns a warning if images of this kind are smaller than a run asks for, so that they are enlarged; null if they are not. */
export function warnOfEnlarging(kind: DataSourceKind, imageSize: number): string | null {
  const { side, title } = dataSourceTraits[kind];
  if (side === null || imageSize <= side) return null;
  return `Images of ${title(undefined, '')} have ${side} × ${side} pixels and are enlarged to ${imageSize} × ${imageSize}, which adds no detail: the run learns blurred images, and its scores look better than they are. Set the image size to ${side}, or choose images that are larger.`;
}

/** Returns the path of the images on this machine; null for generated, downloaded and missing images. */
export function pathOfSource({ kind, argument }: DataSource): string | null {
  return dataSourceTraits[kind].argument === 'path' ? (argument ?? null) : null;
}

/** Returns whether a program generates the images, so that they follow from the name of the source. */
export function isGenerated({ kind }: DataSource): boolean {
  return dataSourceTraits[kind].argument === 'seed';
}

/** Returns whether the images have to be downloaded once. */
export function isDownload({ kind, argument }: DataSource): boolean {
  return dataSourceTraits[kind].isDownload && argument === undefined;
}

/** Returns whether the images are on one machine only: neither generated nor downloaded. */
export function isBoundToMachine(source: DataSource): boolean {
  return source.argument !== undefined && !isGenerated(source);
}

/**
 * Returns a source in words, without the folders above it: `folder:/home/me/birds` → `birds`, `elsewhere:birds` too,
 * `cifar10:/data/cifar` → `CIFAR-10 (cifar)`, `synthetic:7` → `synthetic images, seed 7`.
 */
export function describeSource(source: string): string {
  const { head, argument } = splitSource(source);
  const kind = dataSourceKinds.find((candidate) => candidate === head);
  const name = argument === undefined ? '' : lastPathPart(argument);
  if (!kind) return name === '' ? source : `${head} (${name})`;
  const { isArgumentOptional, label } = dataSourceTraits[kind];
  const isNamed = argument === undefined ? isArgumentOptional : name !== '';
  return isNamed ? label(argument, name) : source;
}

/**
 * Returns a source as `--data` takes it, without the folders above it: `cifar10:/home/me/cifar` → `cifar10:cifar`. The images
 * of an imported run are named as a folder.
 */
export function sourceWithoutFolders(source: string): string {
  const { head, argument } = splitSource(source);
  if (argument === undefined) return source;
  const kind = dataSourceKinds.find((candidate) => candidate === head);
  return `${kind ? dataSourceTraits[kind].commandKind : head}:${lastPathPart(argument)}`;
}

/** Returns the last part of a path with either kind of slash; empty when there is none. */
export function lastPathPart(path: string): string {
  return path.split(/[\\/]/).findLast((part) => part !== '') ?? '';
}

/** Why a run cannot read its images that was imported without them, and what helps. `name`: of their folder. */
export function explainElsewhere(name: string): string {
  return `The images “${name}” are on the machine this run came from, and no images were chosen for it here. Evaluate it on other data (--data SOURCE, or another dataset in the application); to train it, choose its images: lab resume RUN --data SOURCE, or “Locate data…” on the run’s page.`;
}
