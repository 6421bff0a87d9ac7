/**
 * The configuration of a run: one typed record with its defaults. The resolved record is stored with the run and in every
 * checkpoint. Each leaf has a title for forms, and a unit in `meta.unit` where it has one.
 */

import { z } from 'zod';
import '../text/schemaMessages.ts';
import { hasKeepRatioRange } from '../images/mask.ts';
import { observesChannels } from '../masks/laws.ts';
import { about, type About, choice, flag, natural } from './configLeaf.ts';
import { maskSchema } from './maskConfig.ts';
import { findMaskProblem } from './maskProblem.ts';
import { fieldSchema, queriesOf, traitsOf } from './networks/registry.ts';
import { optimSchema } from './optimConfig.ts';
import { objectiveSchema, pathSchema } from './pathConfig.ts';
import { samplerSchema } from './samplerConfig.ts';
import { trainSchema } from './trainConfig.ts';

const cropScale = (title: string, initial: number, texts: About) =>
  z
    .number()
    .gt(0)
    .max(1)
    .default(initial)
    .meta({ title, ...texts });

const dataSchema = z.strictObject({
  source: z.string().default('synthetic').meta({ title: 'Data source' }),
  imageSize: z
    .int()
    .min(11)
    .max(256)
    .default(32)
    .meta({
      title: 'Image size',
      unit: 'pixels',
      ...about(
        'Side of the squares that the run is trained on. Time grows with their area.',
        '32 for CIFAR-10, 48 to 64 for crops of photographs',
      ),
    }),
  /** Earlier versions ignored the layout of a folder; their runs keep their split. */
  folderLayout: choice(
    'Folders named train, validation, test',
    { ignored: 'Ignored', honoured: 'Divide the images' },
    'ignored',
    about(
      'Whether folders of these names divide a folder of images.',
      'divide the images; ignored for runs of earlier versions',
    ),
  ),
  /** Other sources have images of one size, and are used as without it. */
  crops: flag(
    'Random crops',
    false,
    about(
      'Random crops of a folder’s images in place of whole images, new in every step.',
      'on for photographs, off for small images',
    ),
  ),
  cropScaleMin: cropScale(
    'Smallest scale of crops',
    0.25,
    about(
      'Pixels of a crop per pixel of the file along a side, at least; at ¼, each is the mean of 4 × 4.',
      '0.25',
    ),
  ),
  cropScaleMax: cropScale(
    'Largest scale of crops',
    1,
    about('The same, at most. 1: the pixels of the files.', '1'),
  ),
  flips: flag(
    'Mirror at random',
    false,
    about(
      'Mirrors training images left to right.',
      'on, unless left and right differ, as in text',
      'Krizhevsky et al. 2012',
    ),
  ),
  turns: flag(
    'Turn at random',
    false,
    about('Turns training images by quarters.', 'off for photographs; on for textures and views from above'),
  ),
  /** At most a fifth of all images. 0: evaluations during training use test images, as in the notebook. */
  validationImages: natural(
    'Validation images',
    0,
    about(
      'Taken from the end of the training split and kept out of training, for its evaluations. 0: test images.',
      '64 to 1000, at most a fifth of the images',
    ),
    'images',
  ),
});

export const runConfigSchema = z
  .strictObject({
    preset: z.string().default('custom').meta({ title: 'Preset' }),
    seed: natural(
      'Seed',
      42,
      about(
        'Start of all random numbers: weights, order of the images, noise.',
        'any; other seeds show how much results vary',
      ),
    ),
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
    const isOfChannels = observesChannels(mask);
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
    message: 'a measured unit needs field.residual = thin-plate',
    path: ['path', 'unit'],
  })
  .refine(({ field, path }) => path.unit !== 'local' || field.kind === 'unet', {
    message: 'unit = local needs field.kind = unet, which is given the whole estimate of an image',
    path: ['path', 'unit'],
  })
  .refine(({ field, path }) => path.noise === 'white' || queriesOf(field) === 'grid', {
    message: 'noise = pink needs a network that predicts all pixels, such as field.kind = unet',
    path: ['path', 'noise'],
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
export type ClassicalEstimate = PathConfig['estimate'];
export type OptimConfig = RunConfig['optim'];
export type MaskConfig = RunConfig['mask'];
export type ObjectiveConfig = RunConfig['objective'];
export { type MeasuredResidual, type PathScales, pathScales } from './pathConfig.ts';
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
