/** Checks whether images are still those that a run was trained on. */

import { describeError } from '../../shared/text/describeError.ts';
import {
  type DataChange,
  type DataIdentity,
  type DatasetInfo,
  describeIdentity,
} from '../../shared/dataset.ts';

/** The images cannot be used; `refused` is set if they can be read but differ from those of before. */
export class DataError extends Error {
  readonly refused?: DatasetInfo['refused'];

  constructor(message: string, options: { refused?: DatasetInfo['refused']; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'DataError';
    this.refused = options.refused;
  }
}

/** Returns the result of `open` and turns its errors into DataErrors, except for aborts. */
export async function asDataError<Result>(open: () => Promise<Result>): Promise<Result> {
  try {
    return await open();
  } catch (error) {
    if (error instanceof DataError || (error instanceof Error && error.name === 'AbortError')) throw error;
    throw new DataError(describeError(error), { cause: error });
  }
}

export type Comparison = Omit<DataChange, 'step'>;

/** Returns the first split whose images have changed; undefined if none has, or nothing was known about them. */
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

/** The error for images that differ from those that the run was trained with. */
export function changedDataError(source: string, { split, from, to }: Comparison): DataError {
  return new DataError(
    `The images have changed: ${source} has ${describeIdentity(to, split)}, but the run was trained with ${describeIdentity(from, split)}.`,
    { refused: { ...to, split } },
  );
}
