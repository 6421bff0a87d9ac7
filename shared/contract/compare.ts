/** Requests about several runs at once: their evaluations, a common protocol, previews, saved comparisons and reports. */

import { z } from 'zod';
import {
  comparedIdsSchema,
  comparisonNameSchema,
  comparisonSchema,
  evaluatedIdsSchema,
  groupedIdsSchema,
  reportRequestSchema,
  type ComparedRun,
  type GroupedRuns,
  type ReportEntry,
  type RunPreviews,
  type SavedComparison,
} from '../comparison/comparison.ts';
import type { QueueState } from '../queue.ts';
import { runIdSchema } from '../runList.ts';
import { answers } from './define.ts';
import { groupingSchema } from '../runGroups.ts';
import { runIdsSchema } from '../runList.ts';
import { evaluationRequestSchema } from './training.ts';

export const compareRequests = {
  /** In the order of the request. */
  'compare.get': answers<readonly ComparedRun[]>()(z.strictObject({ ids: comparedIdsSchema })),
  /**
   * Of more than ten groups, those with the highest mean PSNR while their runs trained; of data or masks that do not compare,
   * first those of one kind.
   */
  'compare.groups': answers<GroupedRuns>()(z.strictObject({ ids: groupedIdsSchema, by: groupingSchema })),
  /** In the order of the request. */
  'compare.previews': answers<readonly RunPreviews[]>()(z.strictObject({ ids: runIdsSchema.max(20) })),
  /**
   * Queues an evaluation of each run with one protocol. Settings that are left out are those of the first run; runs with
   * different data need a dataset for all of them.
   */
  'compare.evaluate': answers<QueueState>()(
    z.strictObject({
      ids: evaluatedIdsSchema,
      request: evaluationRequestSchema.omit({ id: true }),
    }),
  ),
  'compare.report': answers<ReportEntry>()(reportRequestSchema),
  /** By name. */
  'comparisons.list': answers<readonly SavedComparison[]>()(z.strictObject({})),
  /** Each of the following three answers with the new list. */
  'comparisons.save': answers<readonly SavedComparison[]>()(comparisonSchema),
  'comparisons.rename': answers<readonly SavedComparison[]>()(
    z.strictObject({ id: runIdSchema, name: comparisonNameSchema }),
  ),
  'comparisons.delete': answers<readonly SavedComparison[]>()(z.strictObject({ id: runIdSchema })),
  /** Newest first. */
  'reports.list': answers<readonly ReportEntry[]>()(z.strictObject({})),
  /** Shows the folder of a report, in the desktop window only. */
  'reports.show': answers<null>()(z.strictObject({ id: runIdSchema })),
  /** Removes a report whose folder no longer exists from the list. */
  'reports.forget': answers<readonly ReportEntry[]>()(z.strictObject({ id: runIdSchema })),
} as const;
