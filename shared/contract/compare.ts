/** Requests about several runs at once: their evaluations, a common protocol, reports, bundles. */

import { z } from 'zod';
import {
  comparedIdsSchema,
  reportRequestSchema,
  type ComparedRun,
  type ReportEntry,
  type RunPreviews,
} from '../comparison/comparison.ts';
import type { QueueState } from '../queue.ts';
import { answers } from './define.ts';
import { evaluationRequestSchema } from './training.ts';

export const compareRequests = {
  /** In the order asked for. */
  'compare.get': answers<readonly ComparedRun[]>()(z.strictObject({ ids: comparedIdsSchema })),
  /** In the order asked for. */
  'compare.previews': answers<readonly RunPreviews[]>()(z.strictObject({ ids: comparedIdsSchema })),
  /**
   * Evaluates each run once more on one protocol; jobs of the lane like any evaluation. What is left out is as in the
   * first run; runs of different data need a data set for all of them.
   */
  'compare.evaluate': answers<QueueState>()(
    z.strictObject({
      ids: comparedIdsSchema,
      request: evaluationRequestSchema.omit({ id: true }),
    }),
  ),
  'compare.report': answers<ReportEntry>()(reportRequestSchema),
} as const;
