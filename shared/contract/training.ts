/** Requests that make runs compute: new ones, pausing, resuming, evaluating, and the queue. */

import { z } from 'zod';
import { runConfigSchema, solverNames } from '../config/config.ts';
import { dataSetIdSchema } from '../dataLibrary.ts';
import type { QueueState } from '../queue.ts';
import type { RunRecord } from '../run.ts';
import { runIdSchema, tagSchema } from '../runList.ts';
import { scheduleChoices } from '../config/optimConfig.ts';
import { answers } from './define.ts';

const oneRun = z.strictObject({ id: runIdSchema });

/** A new run as the page describes it. `config.data.source` is decided by `dataSetId`: the page knows no paths. */
const newRunSchema = z.strictObject({
  /** Empty: the preset's name. */
  name: z.string().trim().max(120).default(''),
  config: runConfigSchema,
  dataSetId: dataSetIdSchema,
  tags: z.array(tagSchema).max(20).default([]),
  /** `start`: into the queue, at once where the lane is free; `keep`: only make it. */
  then: z.enum(['start', 'keep']),
  /**
   * Start from this checkpoint's weights; the networks must agree. The new run has them as its step 0: steps, budget,
   * learning rate and the optimizer's moments begin anew.
   */
  branchFrom: z
    .strictObject({ runId: runIdSchema, step: z.int().min(0) })
    .nullable()
    .default(null),
});
export type NewRun = z.infer<typeof newRunSchema>;

/** What a run will take, before it is started. */
export interface RunEstimate {
  readonly parameters: number;
  /** null while nothing is known of this machine's speed. */
  readonly stepMilliseconds: number | null;
  readonly totalSteps: number | null;
  readonly totalSeconds: number | null;
  readonly memoryBytes: number;
  readonly checkpointBytes: number;
  /** What the numbers rest on, one sentence: an earlier run, or the network's operations and the measured speed. */
  readonly basis: string;
}

const budgetSchema = z.strictObject({
  epochs: z.int().min(1).optional(),
  steps: z.int().min(1).optional(),
  minutes: z.number().positive().optional(),
});

export const evaluationRequestSchema = z.strictObject({
  id: runIdSchema,
  images: z.int().min(1).max(10_000).default(100),
  samples: z.int().min(1).max(64).default(1),
  solver: z.enum(solverNames).default('heun'),
  steps: z.int().min(1).max(1000).default(10),
  keepRatio: z.number().gt(0).max(1).optional(),
  maskSeed: z.int().min(0).optional(),
  /** Decay of the average of the weights, or those of the last step; default: the run's main average. */
  ema: z.union([z.literal('off'), z.number().gt(0).lt(1)]).optional(),
  /** Default: as the run was set up. */
  symmetries: z.literal([1, 2, 8]).optional(),
  /** Default: the data the run was trained on. */
  dataSetId: dataSetIdSchema.optional(),
  /** Evaluates though the images are not those the run was trained with. */
  acceptChangedData: z.boolean().optional(),
});

export const trainingRequests = {
  'training.estimate': answers<RunEstimate>()(
    z.strictObject({ config: runConfigSchema, dataSetId: dataSetIdSchema }),
  ),
  'training.create': answers<RunRecord>()(newRunSchema),
  /** The demonstration: `tiny`, synthetic pictures, three minutes. Starts at once. */
  'training.demo': answers<RunRecord>()(z.strictObject({})),
  /** Starts or resumes: at once where the lane is free, else it waits its turn. A budget makes a finished run longer. */
  'training.start': answers<QueueState>()(
    oneRun.extend({
      budget: budgetSchema.optional(),
      /** How the learning rate continues under a longer budget. */
      schedule: z.enum(scheduleChoices).optional(),
      /** Continues though the images are not those the run was trained with. */
      acceptChangedData: z.boolean().optional(),
    }),
  ),
  /** Writes a checkpoint and gives the lane free. */
  'training.pause': answers<QueueState>()(oneRun),
  'training.stop': answers<QueueState>()(oneRun),
  'training.evaluate': answers<QueueState>()(evaluationRequestSchema),
  'queue.get': answers<QueueState>()(z.strictObject({})),
  /** Takes a waiting job out, or ends the evaluation that is in the lane. */
  'queue.remove': answers<QueueState>()(
    z.strictObject({ id: runIdSchema, kind: z.enum(['training', 'evaluation']) }),
  ),
  /** Puts a waiting job at a place, 0 = next. */
  'queue.move': answers<QueueState>()(
    z.strictObject({
      id: runIdSchema,
      kind: z.enum(['training', 'evaluation']),
      position: z.int().min(0).max(10_000),
    }),
  ),
  /** Lets a held queue go on. */
  'queue.release': answers<QueueState>()(z.strictObject({})),
} as const;
