/** Requests that export runs to files and import them. */

import { z } from 'zod';
import { bundledCheckpoints, largestSentBundle, type ImportedRun, type ImportedSweep } from '../runBundle.ts';
import { runIdSchema } from '../runList.ts';
import { answers } from './define.ts';

/** An exported file that is ready to be fetched. */
export interface ExportedBundle {
  /** Its address below the media root; good for an hour. */
  readonly path: string;
  /** Suggested file name. */
  readonly name: string;
  readonly bytes: number;
  /** Steps of the included checkpoints, ascending. */
  readonly checkpoints: readonly number[];
  /** Name of the images it was trained on, which are not included; null if they are available everywhere. */
  readonly missingData: string | null;
}

/** An exported sweep that is ready to be fetched, as `ExportedBundle`. */
export interface ExportedSweepFile extends Pick<ExportedBundle, 'path' | 'name' | 'bytes'> {
  /** Runs in it. */
  readonly runs: number;
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
  /** Writes a sweep with all of its runs, each with its newest checkpoint. */
  'bundles.exportSweep': answers<ExportedSweepFile>()(z.strictObject({ id: runIdSchema })),
  /** Runs that are here already are left out. */
  'bundles.importSweep': answers<ImportedSweep>()(z.strictObject({ bytes })),
  /** Fails with `conflict` if the run already exists, unless `asCopy`. */
  'bundles.import': answers<ImportedRun>()(z.strictObject({ bytes, asCopy: z.boolean().default(false) })),
} as const;
