/** Requests about the study of a run. */

import { z } from 'zod';
import type { QueueState } from '../queue.ts';
import { runIdSchema } from '../runList.ts';
import { type Study, studyRequestSchema } from '../study.ts';
import type { TimeEstimate } from '../text/timeRange.ts';
import { answers } from './define.ts';

export const studyRequests = {
  /** The newest study of a run; null if it has none. The arrays of its images are at `studyMedia`. */
  'study.get': answers<Study | null>()(z.strictObject({ id: runIdSchema })),
  /** How long a study takes. */
  'study.estimate': answers<TimeEstimate>()(studyRequestSchema),
  /** Queues a study, which replaces the one before. */
  'study.start': answers<QueueState>()(studyRequestSchema),
} as const;
