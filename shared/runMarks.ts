/** What users write on a run. */

import { z } from 'zod';
import { runIdSchema } from './runList.ts';

export const tagSchema = z.string().trim().min(1).max(40);
export const noteSchema = z.string().max(20_000);

/** Tags, note, archive, and where the run was branched from. */
export const runMarksSchema = z.strictObject({
  tags: z.array(tagSchema).max(1000),
  note: noteSchema,
  /** ISO 8601, UTC; null: not archived. */
  archivedAt: z.iso.datetime().nullable(),
  /** A place in another run's life. */
  branchedFrom: z.strictObject({ runId: runIdSchema, step: z.int().min(0) }).nullable(),
});
export type RunMarks = z.infer<typeof runMarksSchema>;
export type BranchPoint = NonNullable<RunMarks['branchedFrom']>;
