/**
 * Sweeps: many runs that answer one question, such as which learning rate is best.
 *
 * - `sweep.ts` (this file): the schema of a sweep, `sweepSpecSchema`, and its record. A setting is one combination of the
 *   varied values; a member is one setting with one seed, and becomes one ordinary run, which names its sweep and its number
 *   there (`SweepLink` in `runList.ts`).
 * - `expandSweep.ts`: `expandSweep(spec)` → every member with its values, seed, checked configuration and name. It is a pure
 *   function of the specification, so that members are known by their numbers on every machine.
 * - `halving.ts`: `rungsOf(spec)` → the budgets at which members are scored; `chooseNext(members, rule)` → which member is
 *   computed next and up to which rung. Without halving there is one rung, the whole budget.
 * - `sweepScore.ts`: `evaluationRequestOf(spec)` → the protocol by which every member is scored; `scoreEvaluation` → its score.
 * - `analyseSweep.ts`: `analyseSweep(members, spec)` → mean and interval of every setting over its seeds, which one is best
 *   and how surely, and which parameters matter.
 * - `sweepViews.ts`: what requests answer: `SweepSummary`, `SweepDetail` with its `SweepMemberView`s, `SweepPlan`.
 *
 * Stored by `main/store/sweeps.ts`, computed here by `main/jobs/sweeps/`, requested by `shared/contract/sweeps.ts`.
 */

import { z } from 'zod';
import { slurmPlaceSchema } from './slurm.ts';
import { runConfigSchema } from '../config/config.ts';
import { evaluationRequestSchema } from '../contract/training.ts';
import { ensembleMetrics, imageMetrics } from '../metric.ts';
import { anyNumber } from '../numbers/anyNumber.ts';
import { runIdSchema, tagSchema } from '../runList.ts';

/** Most members of a sweep; also the most combinations of a grid that is computed completely. */
export const mostMembers = 10_000;

const parameterPath = z
  .string()
  .regex(/^[a-zA-Z]+(\.[a-zA-Z0-9]+)?$/, 'expected the path of a parameter, such as optim.learningRate')
  .refine((path) => path !== 'seed', 'expected another parameter: seeds are given as "seeds"');
const parameterValue = z.union([z.number(), z.string(), z.boolean(), z.null(), z.array(z.number())]);
export type SweptValue = z.infer<typeof parameterValue>;

const isDistinct = (values: readonly unknown[]) =>
  new Set(values.map((value) => JSON.stringify(value))).size === values.length;
const distinct = 'expected every value once';

/** One dimension of a sweep: a parameter and its values, or several parameters that vary together. */
export const sweepAxisSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('list'),
    path: parameterPath,
    values: z.array(parameterValue).min(1).max(1000).refine(isDistinct, distinct),
  }),
  /** `from`, `from + step`, … up to `to`. */
  z
    .strictObject({
      kind: z.literal('range'),
      path: parameterPath,
      from: z.number(),
      to: z.number(),
      step: z.number(),
    })
    .refine(({ from, to, step }) => step !== 0 && (to - from) / step >= 0, {
      message: 'expected a step that leads from the first value to the last',
      path: ['step'],
    })
    .refine(({ from, to, step }) => (to - from) / step < 1000, {
      message: 'expected at most 1000 values',
      path: ['step'],
    }),
  /** `count` values from `from` to `to`, each the same factor from the next. */
  z.strictObject({
    kind: z.literal('log'),
    path: parameterPath,
    from: z.number().positive(),
    to: z.number().positive(),
    count: z.int().min(2).max(1000),
  }),
  /** Parameters that vary together; every row has one value for each path. */
  z
    .strictObject({
      kind: z.literal('joint'),
      paths: z.array(parameterPath).min(2).max(20).refine(isDistinct, 'expected every parameter once'),
      rows: z.array(z.array(parameterValue)).min(1).max(1000).refine(isDistinct, 'expected every row once'),
    })
    .refine(({ paths, rows }) => rows.every((row) => row.length === paths.length), {
      message: 'expected one value for each parameter in every row',
      path: ['rows'],
    }),
]);
export type SweepAxis = z.infer<typeof sweepAxisSchema>;

/** Returns the parameters that an axis varies. */
export function pathsOf(axis: SweepAxis): readonly string[] {
  return axis.kind === 'joint' ? axis.paths : [axis.path];
}

/** Metrics that rank runs. */
export const sweptMetricNames = [
  'psnr',
  'psnrUnobserved',
  'ssim',
  'ssimGaussian',
  'mse',
  'mae',
  'spectrumError',
  'crps',
  'energyScore',
] as const;
export type SweptMetric = (typeof sweptMetricNames)[number];

/** Describes a metric: its heading, unit, decimals and better direction. */
export function metricOf(metric: SweptMetric) {
  return { ...imageMetrics, ...ensembleMetrics }[metric];
}

const ensembleNames: readonly string[] = Object.keys(ensembleMetrics);

/** Rows of an evaluation that can be scored. */
export const scoredRows = ['posterior mean', 'one sample', 'mean of samples'] as const;

/** What is optimised: a metric of the final evaluation. Its better direction is that of the metric: `metricOf(metric).better`. */
const objectiveSchema = z
  .strictObject({
    metric: z.enum(sweptMetricNames).default('psnr'),
    row: z.enum(scoredRows).default('posterior mean'),
    /**
     * The protocol of the evaluation. Masks and noise that are left out are those of the base configuration, so that all
     * members are scored on the same images with the same masks.
     */
    protocol: evaluationRequestSchema
      .omit({ id: true, datasetId: true, curve: true, acceptChangedData: true })
      .prefault({}),
  })
  .refine(({ row, protocol }) => row !== 'mean of samples' || protocol.samples > 1, {
    message: 'the mean of samples needs protocol.samples above 1',
    path: ['row'],
  })
  .refine(({ metric, row }) => !ensembleNames.includes(metric) || row === 'mean of samples', {
    message: 'this metric compares several samples: it needs row = mean of samples',
    path: ['row'],
  });
export type SweepObjective = z.infer<typeof objectiveSchema>;

/** Budget of every run; null: that of the configuration. */
const budgetSchema = z
  .union([z.strictObject({ steps: z.int().min(1) }), z.strictObject({ minutes: z.number().positive() })])
  .nullable();
export type SweepBudget = z.infer<typeof budgetSchema>;

/**
 * Asynchronous successive halving: a member is scored at every rung and continues only if it is among the best 1/eta of the
 * members scored there so far. Rungs are at minimum · eta^k, below the budget.
 * Li et al. 2020, "A System for Massively Parallel Hyperparameter Tuning", MLSys, arXiv:1810.05934, Algorithm 2.
 */
const halvingSchema = z.strictObject({
  eta: z.int().min(2).max(10).default(3),
  /** Budget of the first rung, in the unit of the sweep's budget. */
  minimum: z.number().positive(),
});
export type Halving = z.infer<typeof halvingSchema>;

export const sweepNameSchema = z
  .string()
  .trim()
  .min(1, 'a name is needed')
  .max(60)
  .regex(/^\P{Cc}*$/u, 'expected text in one line');

export const sweepSpecSchema = z
  .strictObject({
    name: sweepNameSchema,
    /** What members have in common; its seed counts only if no seeds are given. */
    base: runConfigSchema,
    /** The last one varies fastest. None: only the seeds vary. */
    axes: z.array(sweepAxisSchema).max(20).default([]),
    /** Repeats of every setting. Empty: the seed of the base configuration. */
    seeds: z.array(z.int().min(0)).max(1000).refine(isDistinct, 'expected every seed once').default([]),
    /** All combinations, or so many of them chosen at random without repetition. */
    design: z
      .discriminatedUnion('kind', [
        z.strictObject({ kind: z.literal('grid') }),
        z.strictObject({
          kind: z.literal('random'),
          count: z.int().min(1).max(mostMembers),
          seed: z.int().min(0).default(0),
        }),
      ])
      .prefault({ kind: 'grid' }),
    budget: budgetSchema.default(null),
    objective: objectiveSchema.prefault({}),
    /** Early stopping; null: every member gets its whole budget. */
    halving: halvingSchema.nullable().default(null),
    /** Tags of every run. */
    tags: z.array(tagSchema).max(20).default([]),
  })
  .refine(({ axes }) => isDistinct(axes.flatMap(pathsOf)), {
    message: 'two axes vary the same parameter',
    path: ['axes'],
  })
  .superRefine(({ axes, budget, halving }, context) => {
    const isFixed = budget !== null || halving !== null;
    const clash = axes.flatMap(pathsOf).find((path) => isFixed && budgetPaths.includes(path));
    const report = (message: string, path: string) =>
      context.addIssue({ code: 'custom', message, path: [path] });
    if (clash !== undefined)
      report(`${clash} cannot vary, because the sweep has a budget for every run`, 'axes');
    if (halving !== null && budget === null) report('halving needs a budget in steps or minutes', 'halving');
    else if (halving !== null && halving.minimum >= amountOf(budget))
      report('halving needs a minimum below the budget', 'halving');
    if (halving !== null && budget !== null && 'steps' in budget && !Number.isInteger(halving.minimum))
      report('halving needs a whole number of steps as its minimum', 'halving');
  });
export type SweepSpec = z.infer<typeof sweepSpecSchema>;
export type SweepSpecInput = z.input<typeof sweepSpecSchema>;

const budgetPaths: readonly string[] = ['train.steps', 'train.minutes', 'train.epochs'];

/** Returns the steps or minutes of a budget; infinite if there is none. */
export function amountOf(budget: SweepBudget): number {
  if (budget === null) return Infinity;
  return 'steps' in budget ? budget.steps : budget.minutes;
}

/** A budget at which members are scored; the last one is the whole budget, which is null if it is that of the configurations. */
export type SweepRung = SweepBudget;

/** What the user wants of a sweep; `finished` is set once nothing is left to compute. */
export const sweepStates = ['idle', 'running', 'paused', 'stopped', 'finished'] as const;
export type SweepState = (typeof sweepStates)[number];

/** Where the members are computed. */
export const sweepPlaceSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('local') }),
  slurmPlaceSchema,
]);
export type SweepPlace = z.infer<typeof sweepPlaceSchema>;

/** A sweep as it is stored. */
export const sweepRecordSchema = z.strictObject({
  id: runIdSchema,
  name: sweepNameSchema,
  spec: sweepSpecSchema,
  state: z.enum(sweepStates),
  place: sweepPlaceSchema,
  /** Why it was paused by itself, and the next step; null if it was not. */
  error: z.string().nullable(),
  /** ISO 8601, UTC. */
  createdAt: z.iso.datetime(),
});
export type SweepRecord = Readonly<z.infer<typeof sweepRecordSchema>>;

/** The score of a member at one rung; the last rung is the whole budget. */
export const rungScoreSchema = z.strictObject({
  member: z.int().min(0),
  /** Counted from 0. */
  rung: z.int().min(0),
  runId: runIdSchema,
  /** Step of the checkpoint that was scored. */
  step: z.int().min(0),
  /** Value of the sweep's metric; null: the run diverged. */
  score: anyNumber.nullable(),
  /** Function evaluations of the network for the scored image; null as `score`. */
  nfe: z.int().nullable(),
  /** ISO 8601, UTC. */
  scoredAt: z.iso.datetime(),
});
export type RungScore = Readonly<z.infer<typeof rungScoreSchema>>;
