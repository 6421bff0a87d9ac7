/** Whether images are still those a run was trained on. */

import { describeError } from '../../shared/text/describeError.ts';
import {
  type DataChange,
  type DataIdentity,
  type DatasetInfo,
  describeIdentity,
} from '../../shared/dataset.ts';
import { parseDataSource } from '../../shared/dataset.ts';

/** The images cannot be used. `refused`: they can, but are other ones than before. */
export class DataError extends Error {
  readonly refused?: DatasetInfo['refused'];

  constructor(message: string, options: { refused?: DatasetInfo['refused']; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'DataError';
    this.refused = options.refused;
  }
}

/** Passes on what `open` returns, and its errors as DataErrors; an abort stays one. */
export async function asDataError<Result>(open: () => Promise<Result>): Promise<Result> {
  try {
    return await open();
  } catch (error) {
    if (error instanceof DataError || (error instanceof Error && error.name === 'AbortError')) throw error;
    throw new DataError(describeError(error), { cause: error });
  }
}

export type Comparison = Omit<DataChange, 'step'>;

/** The first split that is not what it was; undefined where nothing changed, or nothing was known. */
export function findDifference(
  pairs: readonly {
    split: DataChange['split'];
    known: DataIdentity | undefined;
    found: DataIdentity | undefined;
  }[],
): Comparison | undefined {
  for (const { split, known, found } of pairs)
    if (known && found && known.checksum !== found.checksum)
      return { split, from: identityOf(known), to: identityOf(found) };
  return undefined;
}

export function identityOf({ count, checksum }: DataIdentity): DataIdentity {
  return { count, checksum };
}

/** The refusal of images that are not those of before. */
export function changedDataError(source: string, { split, from, to }: Comparison): DataError {
  return new DataError(
    `The images have changed: ${source} has ${describeIdentity(to, split)}, but the run was trained with ${describeIdentity(from, split)}.`,
    { refused: { ...to, split } },
  );
}

/** Images that a program generates follow from the name of their source. */
export function isGenerated(source: string): boolean {
  return parseDataSource(source).kind === 'synthetic';
}
