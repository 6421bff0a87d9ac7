/** Requests about existing runs: the list, one run, its series, marks and the trash. */

import { z } from 'zod';
import {
  runIdSchema,
  runIdsSchema,
  runQuerySchema,
  type LossCurve,
  type RunFacets,
  type RunPage,
  type RunSummary,
  noteSchema,
  tagSchema,
} from '../runList.ts';
import { groupingSchema, rowIdsSchema, type RunGroup } from '../runGroups.ts';
import type { RunDetail } from '../runDetail.ts';
import type { RunLogLine } from '../runLog.ts';
import { seriesRequestSchema, type Series } from '../series.ts';
import { datasetIdSchema } from '../dataLibrary.ts';
import { answers } from './define.ts';

const oneRun = z.strictObject({ id: runIdSchema });
const manyRuns = z.strictObject({ ids: runIdsSchema });

/** A run that a bulk action could not be applied to, with the reason. */
export interface Refusal {
  readonly id: string;
  readonly message: string;
}

export interface LocatedData {
  /** How the images differ from those the run was trained on; null if they are the same or none were known. */
  readonly difference: string | null;
}

export const runRequests = {
  'runs.list': answers<RunPage>()(
    runQuerySchema.extend({ offset: z.int().min(0).default(0), limit: z.int().min(1).max(500).default(100) }),
  ),
  /** All IDs of a list in its order, for "select all". */
  'runs.ids': answers<readonly string[]>()(runQuerySchema),
  /** The list in groups, each with its IDs in the order of the list. */
  'runs.groups': answers<readonly RunGroup[]>()(runQuerySchema.extend({ by: groupingSchema })),
  /** Rows of the list by their IDs; unknown ones are left out. */
  'runs.rows': answers<readonly RunSummary[]>()(z.strictObject({ ids: rowIdsSchema })),
  'runs.facets': answers<RunFacets>()(z.strictObject({ view: runQuerySchema.shape.view })),
  /** Loss curves for the list. */
  'runs.courses': answers<readonly LossCurve[]>()(z.strictObject({ ids: runIdsSchema.max(500) })),
  'runs.get': answers<RunDetail>()(oneRun),
  /** The newest lines of its log, in the order they were written. */
  'runs.log': answers<readonly RunLogLine[]>()(oneRun),
  'runs.series': answers<readonly Series[]>()(seriesRequestSchema),
  /** Answers the assigned name, with a number appended if it was taken. */
  'runs.rename': answers<string>()(
    z.strictObject({ id: runIdSchema, name: z.string().trim().min(1).max(120) }),
  ),
  'runs.tag': answers<null>()(
    z.strictObject({
      ids: runIdsSchema,
      add: z.array(tagSchema).max(20),
      remove: z.array(tagSchema).max(20),
    }),
  ),
  'runs.note': answers<null>()(z.strictObject({ id: runIdSchema, text: noteSchema })),
  'runs.archive': answers<null>()(z.strictObject({ ids: runIdsSchema, archived: z.boolean() })),
  /** Moves runs to the trash. */
  'runs.delete': answers<readonly Refusal[]>()(manyRuns),
  'runs.restore': answers<readonly Refusal[]>()(manyRuns),
  /** Deletes runs in the trash permanently. */
  'runs.purge': answers<readonly Refusal[]>()(manyRuns),
  /** Sets the present place of the run's images. Changes nothing if they are different ones, unless that is accepted. */
  'runs.locateData': answers<LocatedData>()(
    z.strictObject({
      id: runIdSchema,
      datasetId: datasetIdSchema,
      acceptChangedData: z.boolean().default(false),
    }),
  ),
  'runs.trashBytes': answers<number>()(z.strictObject({})),
} as const;
