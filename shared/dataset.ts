/** Which images a run uses: the data source as users write it, and what was found there. */

const dataSourceKinds = [
  'synthetic',
  'cifar10',
  'folder',
  /** Pictures of the machine an imported run came from, by the name of their folder; not here until they are chosen. */
  'elsewhere',
] as const;
export type DataSourceKind = (typeof dataSourceKinds)[number];

export const splits = ['train', 'test'] as const;
export type Split = (typeof splits)[number];

/** A parsed data source. `argument` is what stands after the colon: a path, the seed of `synthetic`, or a name. */
export interface DataSource {
  readonly kind: DataSourceKind;
  readonly argument?: string;
}

/** What tells whether images are still the same ones. */
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
 * Parse `synthetic`, `synthetic:7`, `cifar10`, `cifar10:<path>`, `folder:<path>`, or `elsewhere:<name>` of an imported run.
 * @throws Error naming the value found and the forms expected.
 */
export function parseDataSource(text: string): DataSource {
  const colon = text.indexOf(':');
  const kind = colon < 0 ? text : text.slice(0, colon);
  const argument = colon < 0 ? undefined : text.slice(colon + 1);
  const known = dataSourceKinds.find((candidate) => candidate === kind);
  const needsArgument = known === 'folder' || known === 'elsewhere';
  const isComplete = argument === undefined ? !needsArgument : argument.length > 0;
  const isSeedValid = known !== 'synthetic' || argument === undefined || /^\d{1,9}$/.test(argument);
  if (!known || !isComplete || !isSeedValid) {
    throw new Error(
      `Unknown data source "${text}": expected synthetic, synthetic:<seed>, cifar10, cifar10:<path> or folder:<path>.`,
    );
  }
  return { kind: known, argument };
}

/** Why a run cannot read its pictures that was imported without them, and what helps. `name`: of their folder. */
export function explainElsewhere(name: string): string {
  return `The pictures “${name}” are on the machine this run came from, and no pictures were chosen for it here. Evaluate it on other data (--data SOURCE, or another data set in the application); to train it, choose its images: lab resume RUN --data SOURCE, or “Locate data…” on the run’s page.`;
}
