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

/** What was opened: stored with every run and printed with every number. */
export interface DatasetInfo {
  /** The data source as given, e.g. `cifar10:/data/cifar`. */
  readonly source: string;
  readonly split: Split;
  readonly count: number;
  readonly height: number;
  readonly width: number;
  /** SHA-256 (hex) of the 8-bit pixel values in order: equal for equal images, wherever they came from. */
  readonly checksum: string;
  /** What the reader should know: files skipped and why, partial archives, and so on. */
  readonly notes: readonly string[];
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
  return `The pictures “${name}” are on the machine this run came from, and no pictures were chosen for it here. Evaluate it on other data (--data SOURCE, or another data set in the application); to train it on, import it with the same pictures: lab import FILE --data SOURCE.`;
}
