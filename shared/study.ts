/** A study of a run: what its network does along the solutions of a few images. One file describes it, one more holds the arrays of each image. */

import { z } from 'zod';
import { solverNames } from './config/config.ts';
import { runIdSchema } from './runList.ts';

export const studyRequestSchema = z.strictObject({
  id: runIdSchema,
  /** Images of the test split. */
  images: z
    .array(z.int().min(0).max(1_000_000))
    .min(1, 'choose an image')
    .max(8, 'at most eight images')
    .default([0, 1, 2, 3]),
  /** Samples of each image whose spread is followed. */
  samples: z.int().min(2, 'a spread needs two samples or more').max(32).default(8),
});
export type StudyRequest = Omit<z.output<typeof studyRequestSchema>, 'id'>;

const solverRecordSchema = z.strictObject({
  solver: z.enum(solverNames),
  steps: z.int().min(1),
  nfe: z.number().positive(),
  /** Root mean squared difference from the fine solution over hidden values; the start is the same. */
  error: z.number().min(0),
  /** dB of one sample, per image, then averaged; null where every image is exact. */
  psnr: z.number().nullable(),
});
export type SolverRecord = z.infer<typeof solverRecordSchema>;

const numbersOverTime = z.array(z.number());

export const studySchema = z.strictObject({
  format: z.literal(2),
  /** Of the weights. */
  step: z.int().min(0),
  /** ISO 8601, UTC. */
  createdAt: z.string(),
  height: z.int().min(1),
  width: z.int().min(1),
  samples: z.int().min(2),
  /** What was observed, in words. */
  protocol: z.string(),
  /** Times of the states, from 0 to 1. */
  times: numbersOverTime.min(3),
  images: z
    .array(
      z.strictObject({
        /** Index in the test split. */
        index: z.int().min(0),
        /** Root mean squared difference to the truth over hidden values, of the state x_t and of the expected data x̂₁. */
        stateDistance: numbersOverTime,
        dataDistance: numbersOverTime,
        /** Root mean squared standard deviation of the samples' states over hidden values. */
        spread: numbersOverTime,
      }),
    )
    .min(1),
  /** Times at which sensitivities were computed; empty where the images are too large for them. */
  sensitivityTimes: z.array(z.number()),
  /** Times at which attention was read; empty for networks without attention to the observed pixels. */
  attentionTimes: z.array(z.number()),
  solvers: z.array(solverRecordSchema),
  /** Evaluations of the fine solution, and its PSNR as those of `solvers`. */
  fineEvaluations: z.number().positive(),
  finePsnr: z.number().nullable(),
  /**
   * Hidden values of all images in bins of equal size, by their spread: the root mean squared spread of half of the samples,
   * which includes the factor √(1 + 1/N), and the error of their mean. Empty for fewer than four samples.
   */
  spreadSkill: z.array(z.strictObject({ spread: z.number().min(0), error: z.number().min(0) })),
  seconds: z.number().min(0),
});
export type Study = z.infer<typeof studySchema>;

/** The arrays of one image; P pixels, T times, n observed pixels, Q queries, K times of sensitivities, L times of attention. */
export interface StudyImage {
  /** P × 3, in [0, 1]. */
  readonly truth: Float32Array;
  /** n row-major indices. */
  readonly observed: Int32Array;
  /** n × 3. */
  readonly observedValues: Float32Array;
  /** T × P × 3: the states x_t of the first sample, neither clamped nor pasted. */
  readonly states: Float32Array;
  /** T × P × 3: the data x̂₁ that the network expects at each state. */
  readonly data: Float32Array;
  /** T × P: ‖dx/dt‖ over the channels of each pixel. */
  readonly speed: Float32Array;
  /** T × P: ‖dv/dt‖ along the solution. */
  readonly curvature: Float32Array;
  /** T × P: standard deviation of the samples' states. */
  readonly spread: Float32Array;
  /** Q row-major indices, one for each block of `blockSide`² pixels. */
  readonly queries: Int32Array;
  /** K × Q × n: |∂x̂₁(query)/∂observed|. */
  readonly sensitivity: Float32Array;
  /** L × Q × n: fraction of the query's attention at each observed pixel; for each query they sum to 1. */
  readonly attention: Float32Array;
}

export const studyArrayNames = [
  'truth',
  'observed',
  'observedValues',
  'states',
  'data',
  'speed',
  'curvature',
  'spread',
  'queries',
  'sensitivity',
  'attention',
] as const satisfies readonly (keyof StudyImage)[];

/** Names of the arrays that hold whole numbers; the others hold float32 numbers. */
export const wholeStudyArrays: readonly (keyof StudyImage)[] = ['observed', 'queries'];

/** Steps of the trajectories; there is one state more. */
export const studySteps = 32;

/** The fine solution that solvers are compared with: fourth-order steps. */
export const fineSteps = 64;

/** Solvers that follow the equation without new noise, with their evaluations per step. */
export const studiedSolvers = { euler: 1, ddim: 1, heun: 2, midpoint: 2, rk4: 4 } as const;

/** Numbers of evaluations at which they are compared. */
export const studiedBudgets: readonly number[] = [1, 2, 4, 8, 16, 32, 64];

/** Times at which sensitivities and attention are computed, and the cost of a gradient in evaluations. */
const conditioningTimes = 2;
export const gradientCost = 3;

/** Sensitivities through the classical estimate are computed for at most so many pairs of a pixel and an observed one. */
export const mostSensitivityPairs = 2 ** 24;

/** Returns about how many evaluations of the network a study takes for each image. */
export function countStudyEvaluations({
  samples,
  size,
  steps = studySteps,
  budgets = studiedBudgets,
  hasSensitivity,
}: {
  readonly samples: number;
  readonly size: Pick<Study, 'height' | 'width'>;
  readonly steps?: number;
  readonly budgets?: readonly number[];
  readonly hasSensitivity: boolean;
}): number {
  const ofSolvers = Object.values(studiedSolvers)
    .flatMap((perStep) => budgets.filter((budget) => budget % perStep === 0))
    .reduce((sum, budget) => sum + budget, 0);
  const trajectories = (2 * samples + 1) * steps;
  const gradients = hasSensitivity ? gradientCost * studyQueries(size).length : 0;
  return trajectories + studiedSolvers.rk4 * fineSteps + ofSolvers + conditioningTimes * (1 + gradients);
}

/** At most so many pixels of an image are queried for sensitivities. */
const mostQueries = 256;

/** Returns the side of the blocks of pixels that share a query. */
export function blockSide({ height, width }: Pick<Study, 'height' | 'width'>): number {
  return Math.max(1, Math.ceil(Math.sqrt((height * width) / mostQueries)));
}

/** Returns the queries of an image: the middle pixel of each block, row by row. */
export function studyQueries(size: Pick<Study, 'height' | 'width'>): Int32Array {
  const side = blockSide(size);
  const middle = (block: number, length: number) =>
    Math.min(length - 1, block * side + Math.floor((side - 1) / 2));
  const across = Math.ceil(size.width / side);
  const down = Math.ceil(size.height / side);
  return Int32Array.from({ length: across * down }, (_, query) => {
    const row = middle(Math.floor(query / across), size.height);
    return row * size.width + middle(query % across, size.width);
  });
}

/** Returns the number of the query whose block holds a pixel. */
export function queryOfPixel(pixel: number, size: Pick<Study, 'height' | 'width'>): number {
  const side = blockSide(size);
  const across = Math.ceil(size.width / side);
  const [row, column] = [Math.floor(pixel / size.width), pixel % size.width];
  return Math.floor(row / side) * across + Math.floor(column / side);
}

/** Returns the address below the media root of the arrays of a study's image, a safetensors file. */
export function studyMedia(runId: string, image: number): string {
  return `runs/${runId}/study/${image}.safetensors`;
}
