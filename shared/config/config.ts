/**
 * The configuration of a run: one typed record with its defaults. The resolved record is stored with the run and in every
 * checkpoint. Each leaf has a title for forms, and a unit in `meta.unit` where it has one.
 */

import { z } from 'zod';
import { largestNoise } from '../images/observationNoise.ts';
import { hasKeepRatioRange, keepRatioRange } from '../images/mask.ts';
import {
  bayerPhases,
  defaultMixture,
  defaultPhase,
  largestMarkSize,
  maskLawNames,
  mixtureSchema,
  mostBlocks,
  observesChannels,
  traitsOfLaw,
} from '../masks/laws.ts';
import { count, flag, natural } from './configLeaf.ts';
import { findMaskProblem } from './maskProblem.ts';
import { fieldSchema, traitsOf } from './networks/registry.ts';
import { optimSchema } from './optimConfig.ts';
import { objectiveSchema, pathSchema } from './pathConfig.ts';
import { samplerSchema } from './samplerConfig.ts';

const cropScale = (title: string, initial: number, help = '') =>
  z.number().gt(0).max(1).default(initial).meta({ title, help });

const dataSchema = z.strictObject({
  source: z.string().default('synthetic').meta({ title: 'Data source' }),
  imageSize: z.int().min(11).max(256).default(32).meta({ title: 'Image size', unit: 'pixels' }),
  /** Earlier versions ignored the layout of a folder; their runs keep their split. */
  folderLayout: z.enum(['ignored', 'honoured']).default('ignored').meta({
    title: 'Folders named train, validation, test',
    help: 'Whether folders of these names divide a folder of images.',
  }),
  /** Other sources have images of one size, and are used as without it. */
  crops: flag('Random crops', false, 'Random crops of a folder’s images in place of whole images.'),
  cropScaleMin: cropScale('Smallest scale of crops', 0.25),
  cropScaleMax: cropScale('Largest scale of crops', 1, '1: the pixels of the files.'),
  flips: flag('Mirror at random', false, 'Mirrors training images left to right.'),
  turns: flag('Turn at random', false, 'Turns training images by quarters.'),
  /** At most a fifth of all images. 0: evaluations during training use test images, as in the notebook. */
  validationImages: natural(
    'Validation images',
    0,
    'images',
    'Taken from the end of the training split and kept out of training, for its evaluations. 0: test images.',
  ),
});

/** null: equal to keepRatio. */
const ratioLimit = (title: string) => z.number().gt(0).max(1).nullable().default(null).meta({ title });

const maskSchema = z
  .strictObject({
    law: z.enum(maskLawNames).default('numpy').meta({ title: 'Mask law' }),
    seed: natural('Mask seed', 42),
    /** For every image that is scored, and for training unless it has a range of its own. */
    keepRatio: z.number().gt(0).max(1).default(0.2).meta({ title: 'Known fraction of the pixels' }),
    keepRatioMin: ratioLimit('Smallest known fraction in training'),
    keepRatioMax: ratioLimit('Largest known fraction in training'),
    targetRatio: z
      .number()
      .gt(0)
      .max(1)
      .default(0.2)
      .meta({ title: 'Target fraction', help: 'Fraction of the pixels that are training targets.' }),
    /** null: from small to large. Laws without strokes or letters ignore it. */
    markSize: z.number().gt(0).max(largestMarkSize).nullable().default(null).meta({
      title: 'Size of strokes or letters',
      help: 'Width of strokes or height of letters, as a fraction of the image’s side; empty: from small to large.',
    }),
    /** Laws without blocks ignore it. */
    blocks: z.int().min(1).max(mostBlocks).default(1).meta({ title: 'Hidden blocks' }),
    /** Only the law `mixture` reads it; its laws do not read `markSize` and `blocks`. */
    mixture: mixtureSchema.default(defaultMixture).meta({ title: 'Laws of the mixture' }),
    /** Only the law \`bayer\` reads it. */
    phase: z
      .enum(bayerPhases)
      .default(defaultPhase)
      .meta({ title: 'Bayer pattern', help: 'Channels of the upper left 2 × 2 pixels.' }),
    /** 0: values are exact, and pasted into every result. Otherwise nothing is pasted, and results are denoised too. */
    observationNoise: z.number().min(0).max(largestNoise).default(0).meta({
      title: 'Noise on known values',
      help: 'Standard deviation, colours from 0 to 1. With noise, nothing is pasted.',
    }),
    /** 0: every image keeps its own mask. Otherwise training samples a mask from a pool of this size for every image and step. */
    pool: natural(
      'Pool of masks',
      0,
      'masks',
      'Training samples a mask from a pool of this size for every image and step; 0: one fixed mask per image.',
    ),
  })
  .refine(
    (mask) => {
      const { smallest, largest } = keepRatioRange(mask);
      return smallest <= largest;
    },
    {
      message: 'keepRatioMin must not exceed keepRatioMax; keepRatio replaces a limit that is not set',
      path: ['keepRatioMax'],
    },
  )
  .refine((mask) => mask.pool === 0 || traitsOfLaw(mask.law).isRandomAccess, {
    message: 'pool needs law = counter, or any other law but numpy',
    path: ['pool'],
  });

const trainSchema = z.strictObject({
  batchSize: count('Batch size', 64, 'images'),
  epochs: count('Epochs', 100),
  /** null: determined by the epochs. */
  steps: z.int().min(1).nullable().default(null).meta({ title: 'Steps' }),
  /** Training time over all segments; null: no limit. */
  minutes: z.number().positive().nullable().default(null).meta({ title: 'Training time', unit: 'minutes' }),
  logEverySteps: count('Log every', 10, 'steps'),
  checkpointEverySteps: count('Checkpoint every', 500, 'steps'),
  evaluateEverySteps: natural('Evaluate every', 500, 'steps', '0: never.'),
  evaluationImages: count('Images per evaluation', 32, 'images', 'Of the evaluations while the run trains.'),
  evaluate: z.enum(['sample', 'posterior mean']).default('sample').meta({
    title: 'Scored while training',
    help: 'A sample of the sampler below, or the posterior mean in one evaluation of the network.',
  }),
  previewEverySteps: natural('Preview every', 500, 'steps', '0: never.'),
  /** null: intervals in steps. Otherwise they count for checkpoints only; an interval of 0 still means never. */
  timesPerRun: z.int().min(1).max(1000).nullable().default(null).meta({
    title: 'Evaluations per run',
    help: 'About so many evaluations, previews and checkpoints over the whole budget, for example 20; empty: every so many steps.',
  }),
  keepCheckpoints: z
    .int()
    .min(2)
    .default(3)
    .meta({ title: 'Checkpoints kept', help: 'The best one is kept in addition.' }),
});

export const runConfigSchema = z
  .strictObject({
    preset: z.string().default('custom').meta({ title: 'Preset' }),
    seed: natural('Seed', 42),
    data: dataSchema.prefault({}),
    mask: maskSchema.prefault({}),
    field: fieldSchema.prefault({}),
    path: pathSchema.prefault({}),
    objective: objectiveSchema.prefault({}),
    optim: optimSchema.prefault({}),
    train: trainSchema.prefault({}),
    sampler: samplerSchema.prefault({}),
  })
  .refine(({ data }) => data.cropScaleMin <= data.cropScaleMax, {
    message: 'cropScaleMin must not exceed cropScaleMax',
    path: ['data', 'cropScaleMax'],
  })
  .refine(
    ({ field, path }) =>
      field.residual === 'none' || path.prediction === 'data' || path.residualDeviation > 0,
    {
      message: 'a residual needs path.prediction = data, or path.residualDeviation',
      path: ['field', 'residual'],
    },
  )
  .refine(({ field, mask }) => !hasKeepRatioRange(mask) || !traitsOf(field.kind).readsList, {
    message:
      'a range of fractions needs field.kind = unet or local: this network reads the same number of observed pixels of every image',
    path: ['mask', 'keepRatioMax'],
  })
  .superRefine(({ data, field, mask }, context) => {
    const isMixture = mask.law === 'mixture';
    const isOfChannels = observesChannels(mask.law);
    const isRange = field.kind === 'local' && hasKeepRatioRange(mask);
    const problem =
      isMixture || isOfChannels || isRange ? findMaskProblem(field, mask, data.imageSize) : null;
    if (problem === null) return;
    context.addIssue({
      code: 'custom',
      message:
        isMixture || isOfChannels
          ? problem
          : 'the smallest fraction must observe at least field.neighbours pixels',
      path: ['mask', isMixture ? 'mixture' : isOfChannels ? 'law' : 'keepRatioMin'],
    });
  })
  .refine(({ field, path }) => path.residualDeviation === 0 || field.residual !== 'none', {
    message: 'residualDeviation needs field.residual = thin-plate',
    path: ['path', 'residualDeviation'],
  })
  .refine(({ field, path }) => path.unit === 'colours' || field.residual !== 'none', {
    message: 'unit = residual needs field.residual = thin-plate',
    path: ['path', 'unit'],
  })
  .refine(({ field, objective }) => objective.shortcutShare === 0 || field.stepConditioning, {
    message: 'shortcutShare needs field.stepConditioning = true',
    path: ['objective', 'shortcutShare'],
  })
  // Without shortcuts, nothing trains the network's response to the size of a step.
  .refine(({ field, objective }) => objective.shortcutShare > 0 || !field.stepConditioning, {
    message: 'stepConditioning needs objective.shortcutShare above 0',
    path: ['field', 'stepConditioning'],
  })
  // The mean velocity of a step is defined along a straight path.
  .refine(
    ({ path, objective }) =>
      objective.shortcutShare === 0 ||
      (path.kind === 'linear' && ['velocity', 'data'].includes(path.prediction)),
    {
      message: 'shortcutShare needs path.kind = linear and path.prediction = velocity or data',
      path: ['objective', 'shortcutShare'],
    },
  );

export type RunConfig = z.infer<typeof runConfigSchema>;
/** Input of the schema: only what differs from the defaults, which are the notebook's numbers. */
export type RunConfigInput = z.input<typeof runConfigSchema>;
export type { FieldConfig } from './networks/registry.ts';
export type PathConfig = RunConfig['path'];
export type OptimConfig = RunConfig['optim'];
export type MaskConfig = RunConfig['mask'];
export type ObjectiveConfig = RunConfig['objective'];
export { type MeasuredResidual, pathScales } from './pathConfig.ts';
export { samplerSchema, solverNames } from './samplerConfig.ts';
export type SamplerConfig = RunConfig['sampler'];

/** The settings that decide which pixels a data source gives. */
export interface ReadingOptions extends Pick<RunConfig['data'], 'imageSize' | 'folderLayout'> {
  /** null: whole images. */
  readonly crops: CropScales | null;
}

/** Scales of crops: pixels of a crop per pixel of the image along a side, in (0, 1]. */
export interface CropScales {
  readonly smallest: number;
  readonly largest: number;
}

/** Returns how the images of a configuration are read. */
export function readingOf({
  imageSize,
  folderLayout,
  crops,
  cropScaleMin: smallest,
  cropScaleMax: largest,
}: RunConfig['data']): ReadingOptions {
  return { imageSize, folderLayout, crops: crops ? { smallest, largest } : null };
}

type Method = 'flow' | 'denoiser' | 'score';

/** Returns the method of a path: `score` predicts noise or its score, `flow` follows a straight path or predicts a velocity, `denoiser` predicts data. */
export function methodOf({ kind, prediction }: Pick<PathConfig, 'kind' | 'prediction'>): Method {
  if (prediction === 'noise' || prediction === 'score') return 'score';
  return kind === 'linear' || prediction === 'velocity' ? 'flow' : 'denoiser';
}

/** Returns the configuration as it was before its run measured the unit of its path. */
export function withoutMeasurement(config: RunConfig): RunConfig {
  return { ...config, path: { ...config.path, measured: null } };
}
