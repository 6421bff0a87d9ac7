/** Requests about sweeps. */

import { z } from 'zod';
import { datasetIdSchema } from '../dataLibrary.ts';
import { runIdSchema } from '../runList.ts';
import { sweepNameSchema, sweepSpecSchema } from '../sweep/sweep.ts';
import type { SweepDetail, SweepMembership, SweepPlan, SweepSummary } from '../sweep/sweepViews.ts';
import { answers } from './define.ts';

const oneSweep = z.strictObject({ id: runIdSchema });
/** `datasetId` determines `spec.base.data.source`, because the page knows no paths. */
const newSweep = z.strictObject({ spec: sweepSpecSchema, datasetId: datasetIdSchema });

export const sweepRequests = {
  /** Newest first. */
  'sweeps.list': answers<readonly SweepSummary[]>()(z.strictObject({})),
  'sweeps.get': answers<SweepDetail>()(oneSweep),
  /** The sweep that a run belongs to; null for most, and if the sweep is not here. */
  'sweeps.ofRun': answers<SweepMembership | null>()(z.strictObject({ id: runIdSchema })),
  /** A dry run: number of runs, time and disk. */
  'sweeps.plan': answers<SweepPlan>()(newSweep),
  'sweeps.create': answers<SweepSummary>()(newSweep.extend({ then: z.enum(['start', 'keep']) })),
  /** Starts or continues a sweep: its members are computed as lanes become free. */
  'sweeps.start': answers<SweepSummary>()(oneSweep),
  /** Pauses active members, each with a checkpoint, and starts no others. */
  'sweeps.pause': answers<SweepSummary>()(oneSweep),
  /** Stops active members; they keep what they have, and the sweep can be started again. */
  'sweeps.stop': answers<SweepSummary>()(oneSweep),
  /** Tries failed members again and starts the sweep. */
  'sweeps.retry': answers<SweepSummary>()(oneSweep),
  'sweeps.rename': answers<SweepSummary>()(z.strictObject({ id: runIdSchema, name: sweepNameSchema })),
  /** Deletes the sweep. Its runs stay, or are moved to the trash. */
  'sweeps.delete': answers<null>()(z.strictObject({ id: runIdSchema, runs: z.enum(['keep', 'trash']) })),
} as const;
