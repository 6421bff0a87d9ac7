/** `mask` of a configuration: which pixels of an image are known, and which of them training predicts. */

import { z } from 'zod';
import { largestNoise } from '../images/observationNoise.ts';
import { keepRatioRange } from '../images/mask.ts';
import {
  type BayerPhase,
  defaultMixture,
  defaultPhase,
  largestMarkSize,
  type MaskLaw,
  maskLawNames,
  mixtureSchema,
  mostBlocks,
  traitsOfLaw,
} from '../masks/laws.ts';
import { about, type About, choice, natural } from './configLeaf.ts';

/** null: equal to keepRatio. */
const ratioLimit = (title: string, texts: About) =>
  z
    .number()
    .gt(0)
    .max(1)
    .nullable()
    .default(null)
    .meta({ title, ...texts });

const titlesOfLaws = Object.fromEntries(maskLawNames.map((law) => [law, traitsOfLaw(law).title])) as Record<
  MaskLaw,
  string
>;

export const maskSchema = z
  .strictObject({
    law: choice(
      'Mask law',
      titlesOfLaws,
      'numpy',
      about(
        'Which pixels of an image are known.',
        'random pixels by counter; all but strokes, text or blocks for damage; a mixture for photographs',
      ),
    ),
    seed: natural(
      'Mask seed',
      42,
      about('Start of the random numbers of the masks.', 'the same in runs that are compared'),
    ),
    /** For every image that is scored, and for training unless it has a range of its own. */
    keepRatio: z
      .number()
      .gt(0)
      .max(1)
      .default(0.2)
      .meta({
        title: 'Known fraction of the pixels',
        ...about(
          'Of every image that is scored, and of training images unless training has a range of its own.',
          '0.1 to 0.3 for random pixels, 0.7 to 0.95 for damage',
        ),
      }),
    keepRatioMin: ratioLimit(
      'Smallest known fraction in training',
      about(
        'Training samples the fraction for each image, from this one on; empty: the known fraction.',
        'empty, or half of the known fraction',
      ),
    ),
    keepRatioMax: ratioLimit(
      'Largest known fraction in training',
      about(
        'Training samples the fraction for each image, up to this one; empty: the known fraction.',
        'empty, or twice the known fraction',
      ),
    ),
    targetRatio: z
      .number()
      .gt(0)
      .max(1)
      .default(0.2)
      .meta({
        title: 'Target fraction',
        ...about('Fraction of the pixels that are training targets; more take more time.', '0.2 to 0.8'),
      }),
    /** null: from small to large. Laws without strokes or letters ignore it. */
    markSize: z
      .number()
      .gt(0)
      .max(largestMarkSize)
      .nullable()
      .default(null)
      .meta({
        title: 'Size of strokes or letters',
        ...about(
          'Width of strokes or height of letters, as a fraction of the image’s side; empty: from small to large.',
          'empty, or 0.02 to 0.1',
        ),
      }),
    /** Laws without blocks ignore it. */
    blocks: z
      .int()
      .min(1)
      .max(mostBlocks)
      .default(1)
      .meta({
        title: 'Hidden blocks',
        ...about('Blocks that are hidden in each image; their area follows from the fraction.', '1 to 4'),
      }),
    /** Only the law `mixture` reads it; its laws do not read `markSize` and `blocks`. */
    mixture: mixtureSchema.default(defaultMixture).meta({
      title: 'Laws of the mixture',
      ...about(
        'Laws with their weights and ranges, separated by commas; each mask is of one of them.',
        'strokes 3 keep=0.6..0.95, text 2 keep=0.7..0.95, uniform keep=0.1..0.3',
      ),
    }),
    /** Only the law `bayer` reads it. */
    phase: choice(
      'Bayer pattern',
      { RGGB: 'RGGB', GRBG: 'GRBG', GBRG: 'GBRG', BGGR: 'BGGR' } satisfies Record<BayerPhase, string>,
      defaultPhase,
      about('Channels of the upper left 2 × 2 pixels.', 'RGGB, or that of your camera', 'Bayer 1976'),
    ),
    /** 0: values are exact, and pasted into every result. Otherwise nothing is pasted, and results are denoised too. */
    observationNoise: z
      .number()
      .min(0)
      .max(largestNoise)
      .default(0)
      .meta({
        title: 'Noise on known values',
        ...about(
          'Standard deviation, colours from 0 to 1. With noise, nothing is pasted.',
          '0 for exact values, 0.02 to 0.1 for noisy ones',
        ),
      }),
    /** 0: every image keeps its own mask. Otherwise training samples a mask from a pool of this size for every image and step. */
    pool: natural(
      'Pool of masks',
      0,
      about(
        'Training samples a mask from a pool of this size for every image and step; 0: one fixed mask per image.',
        '64 to 128; 0 as in the notebook',
      ),
      'masks',
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
