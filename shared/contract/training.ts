/** Requests that create, start, pause, stop and evaluate runs, and those about the queue. */

import { z } from 'zod';
import { runConfigSchema, solverNames } from '../config/config.ts';
import { largestNoise } from '../images/observationNoise.ts';
import { datasetIdSchema } from '../dataLibrary.ts';
import { bayerPhases, largestMarkSize, maskLawNames, mixtureSchema, mostBlocks } from '../masks/laws.ts';
import { laneJobKinds, type QueueState } from '../queue.ts';
import type { RunRecord } from '../run.ts';
import { runIdSchema, tagSchema } from '../runList.ts';
import { scheduleChoices } from '../config/optimConfig.ts';
import type { TimeEstimate } from '../text/timeRange.ts';
import { answers } from './define.ts';

const oneRun = z.strictObject({ id: runIdSchema });

/** A new run as the page describes it. `datasetId` determines `config.data.source`, because the page knows no paths. */
const newRunSchema = z.strictObject({
  /** Empty: the preset's name. */
  name: z.string().trim().max(120).default(''),
  config: runConfigSchema,
  datasetId: datasetIdSchema,
  tags: z.array(tagSchema).max(20).default([]),
  /** `start`: queue it, which starts it at once if the lane is free; `keep`: only create it. */
  then: z.enum(['start', 'keep']),
  /**
   * Start from the weights of this checkpoint; the networks must agree. Steps, budget, learning rate and the optimizer's
   * moments start from scratch.
   */
  branchFrom: z
    .strictObject({ runId: runIdSchema, step: z.int().min(0) })
    .nullable()
    .default(null),
});
export type NewRun = z.infer<typeof newRunSchema>;

/** Estimated time and memory of a run. */
export interface RunEstimate {
  readonly parameters: number;
  /** null while the speed of this machine is unknown. */
  readonly stepMilliseconds: number | null;
  /** Where it probably lies, fastest first; null as `stepMilliseconds`. */
  readonly stepRange: readonly [number, number] | null;
  /** Steps that it will do until the first limit ends it; null while unknown. */
  readonly totalSteps: number | null;
  /** Fewest and most; null where they are known exactly, or not at all. */
  readonly stepsRange: readonly [number, number] | null;
  /** At most the budget in minutes, which is also the estimate while the speed of this machine is unknown. */
  readonly totalSeconds: number | null;
  /** Shortest and longest; null as `stepsRange`. */
  readonly secondsRange: readonly [number, number] | null;
  readonly memoryBytes: number;
  readonly checkpointBytes: number;
  /** Where the estimate comes from, in one sentence: an earlier run, or the operations and the measured speed. */
  readonly explanation: string;
}

const budgetSchema = z.strictObject({
  epochs: z.int().min(1).optional(),
  steps: z.int().min(1).optional(),
  minutes: z.number().positive().optional(),
});

/** Solvers and numbers of steps whose quality and cost an evaluation measures. */
const curveSchema = z.strictObject({
  solvers: z.array(z.enum(solverNames)).min(1, 'choose a solver').max(4, 'at most four solvers'),
  steps: z
    .array(
      z.int('whole numbers, such as 1, 2, 4, 8').min(1, 'at least one step').max(1000, 'at most 1000 steps'),
    )
    .min(1, 'whole numbers, such as 1, 2, 4, 8')
    .max(10, 'at most ten numbers'),
});

export const evaluationRequestSchema = z.strictObject({
  id: runIdSchema,
  images: z.int().min(1).max(10_000).default(100),
  samples: z.int().min(1).max(64).default(1),
  solver: z.enum(solverNames).default('heun'),
  steps: z.int().min(1).max(1000).default(10),
  /**
   * Measures quality against the number of function evaluations: one row per solver and number of steps, which replace
   * `solver` and `steps`. Needs two samples or more.
   */
  curve: curveSchema.optional(),
  keepRatio: z.number().gt(0).max(1).optional(),
  /** Default: the law of the run with its options; for random pixels always `numpy`. */
  maskLaw: z.enum(maskLawNames).optional(),
  /** Options of `maskLaw`. */
  markSize: z.number().gt(0).max(largestMarkSize).optional(),
  blocks: z.int().min(1).max(mostBlocks).optional(),
  mixture: mixtureSchema.optional(),
  phase: z.enum(bayerPhases).optional(),
  maskSeed: z.int().min(0).optional(),
  /** Standard deviation of the noise on observed values; default: as in the run. */
  observationNoise: z.number().min(0).max(largestNoise).optional(),
  /** Decay of the EMA of the weights, or `off` for the weights of the last step; default: the main EMA of the run. */
  ema: z.union([z.literal('off'), z.number().gt(0).lt(1)]).optional(),
  /** Default: as in the run. */
  symmetries: z.literal([1, 2, 8]).optional(),
  /** Default: the data the run was trained on. */
  datasetId: datasetIdSchema.optional(),
  /** Evaluate even if the images differ from those the run was trained on. */
  acceptChangedData: z.boolean().optional(),
});

export const trainingRequests = {
  'training.estimate': answers<RunEstimate>()(
    z.strictObject({ config: runConfigSchema, datasetId: datasetIdSchema }),
  ),
  'training.create': answers<RunRecord>()(newRunSchema),
  /** Creates and starts the demo run: `tiny`, generated shapes and letters, three minutes. */
  'training.demo': answers<RunRecord>()(z.strictObject({})),
  /** Starts or resumes a run, at once if the lane is free, otherwise in turn. A budget extends a finished run. */
  'training.start': answers<QueueState>()(
    oneRun.extend({
      budget: budgetSchema.optional(),
      /** How the learning rate continues under a longer budget. */
      schedule: z.enum(scheduleChoices).optional(),
      /** Continue even if the images differ from those the run was trained on. */
      acceptChangedData: z.boolean().optional(),
    }),
  ),
  /** Writes a checkpoint and frees the lane. */
  'training.pause': answers<QueueState>()(oneRun),
  'training.stop': answers<QueueState>()(oneRun),
  'training.evaluate': answers<QueueState>()(evaluationRequestSchema),
  /** How long the evaluation of these runs takes, one after the other. */
  'training.estimateEvaluation': answers<TimeEstimate>()(
    evaluationRequestSchema.omit({ id: true }).extend({ ids: z.array(runIdSchema).min(1).max(10) }),
  ),
  'queue.get': answers<QueueState>()(z.strictObject({})),
  /** Removes a waiting job, or cancels the running evaluation or study. */
  'queue.remove': answers<QueueState>()(z.strictObject({ id: runIdSchema, kind: z.enum(laneJobKinds) })),
  /** Moves a waiting job to a position, 0 = next. */
  'queue.move': answers<QueueState>()(
    z.strictObject({
      id: runIdSchema,
      kind: z.enum(laneJobKinds),
      position: z.int().min(0).max(10_000),
    }),
  ),
  /** Releases a held queue. */
  'queue.release': answers<QueueState>()(z.strictObject({})),
} as const;
