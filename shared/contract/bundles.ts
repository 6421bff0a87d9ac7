/** Requests about runs as files: given to others, and brought in. */

import { z } from 'zod';
import { bundledCheckpoints, largestSentBundle, type ImportedRun } from '../runBundle.ts';
import { runIdSchema } from '../runList.ts';
import { answers } from './define.ts';

/** A file that waits to be fetched. */
export interface ExportedBundle {
  /** Its address below the media root; good for an hour. */
  readonly path: string;
  /** To be saved under. */
  readonly name: string;
  readonly bytes: number;
  /** Steps whose checkpoint is in it, ascending. */
  readonly checkpoints: readonly number[];
  /** Name of the pictures it was trained on, which are not in it; null: they can be had everywhere. */
  readonly missingData: string | null;
}

const bytes = z.instanceof(Uint8Array<ArrayBuffer>).refine(({ length }) => length <= largestSentBundle, {
  message: `expected at most ${largestSentBundle} bytes; import a larger file in the terminal: lab import FILE`,
});

export const bundleRequests = {
  'bundles.export': answers<ExportedBundle>()(
    z.strictObject({
      id: runIdSchema,
      checkpoints: z.enum(bundledCheckpoints).default('newest and best'),
    }),
  ),
  /** Refused with `conflict` where the run is here already, unless `asCopy`. */
  'bundles.import': answers<ImportedRun>()(z.strictObject({ bytes, asCopy: z.boolean().default(false) })),
} as const;
