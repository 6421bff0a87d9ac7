/** Requests about several runs at once: their evaluations, a common protocol, previews and reports. */

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
import { runIdsSchema } from '../runList.ts';
import { evaluationRequestSchema } from './training.ts';

export const compareRequests = {
  /** In the order of the request. */
  'compare.get': answers<readonly ComparedRun[]>()(z.strictObject({ ids: comparedIdsSchema })),
  /** In the order of the request. */
  'compare.previews': answers<readonly RunPreviews[]>()(z.strictObject({ ids: runIdsSchema.max(20) })),
  /**
   * Queues an evaluation of each run with one protocol. Settings that are left out are those of the first run; runs with
   * different data need a dataset for all of them.
   */
  'compare.evaluate': answers<QueueState>()(
    z.strictObject({
      ids: comparedIdsSchema,
      request: evaluationRequestSchema.omit({ id: true }),
    }),
  ),
  'compare.report': answers<ReportEntry>()(reportRequestSchema),
} as const;
