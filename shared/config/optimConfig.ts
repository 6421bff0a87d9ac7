/** `optim` of a configuration: how the weights are updated, and which averages of them are kept. */

import { z } from 'zod';
import { about, choice, natural, fraction } from './configLeaf.ts';

/** How the learning rate continues when a run gets a longer budget than its schedule was made for. */
export const scheduleChoices = [
  /** The schedule is stretched over the whole longer budget, so that the rate rises to its value under that schedule. */
  'stretch',
  /** The rate remains at its last value. */
  'keep',
  /** The schedule starts again and ends with the longer budget. */
  'restart',
] as const;
export type ScheduleChoice = (typeof scheduleChoices)[number];

const extensionSchema = z.strictObject({
  schedule: z.enum(scheduleChoices).exclude(['stretch']),
  /** First step of the longer budget. */
  fromStep: z.int().min(1),
  fromSeconds: z.number().min(0),
  /** The budget before. */
  totalSteps: z.int().min(1),
  minutes: z.number().positive().nullable(),
});

export const optimSchema = z
  .strictObject({
    kind: choice(
      'Optimiser',
      { adamw: 'AdamW', muon: 'Muon, with AdamW for small layers' },
      'adamw',
      about(
        'How gradients change the weights. Muon orthogonalises the steps of hidden layers: fewer steps to the same quality, each a little slower.',
        'Muon, with the same learning rate as AdamW',
        'Jordan et al. 2024; Liu et al. 2025',
      ),
    ),
    learningRate: z
      .number()
      .positive()
      .default(1e-4)
      .meta({
        title: 'Learning rate',
        ...about('Size of the steps by which the weights change.', '1e-4 to 2e-3'),
      }),
    beta1: fraction(
      'Adam β₁',
      0.9,
      about('Memory of the mean of the gradients.', '0.9', 'Kingma and Ba 2015'),
    ),
    beta2: fraction(
      'Adam β₂',
      0.999,
      about('Memory of the mean of their squares.', '0.99 to 0.999', 'Kingma and Ba 2015'),
    ),
    epsilon: z
      .number()
      .positive()
      .default(1e-8)
      .meta({
        title: 'Adam ε',
        ...about('Added to the divisor of every step, which may be zero.', '1e-8', 'Kingma and Ba 2015'),
      }),
    /** Decoupled (AdamW), for matrices and kernels only; times the learning rate, it is the fraction that a step removes. */
    weightDecay: fraction(
      'Weight decay',
      0,
      about(
        'Times the learning rate, the fraction of matrices and kernels that a step removes, against overfitting. 0: off.',
        '0 to 0.1',
        'Loshchilov and Hutter 2019',
      ),
    ),
    /** `cosine` falls per epoch over the epochs, `budget` over the limit that ends the run: steps, epochs or minutes. */
    schedule: choice(
      'Learning rate schedule',
      { cosine: 'Cosine over epochs', constant: 'Constant', budget: 'Cosine over budget' },
      'cosine',
      about(
        'Falls along a cosine over the epochs or over whichever limit ends the run, or not at all.',
        'cosine over budget',
        'Loshchilov and Hutter 2017',
      ),
    ),
    /** Created when a run gets a longer budget; a new run has none. */
    extensions: z.array(extensionSchema).max(1000).readonly().default([]),
    warmupSteps: natural(
      'Linear warm-up',
      0,
      about('Steps over which the learning rate rises to its value.', '50 to 1000', 'Goyal et al. 2017'),
      'steps',
    ),
    clipNorm: z
      .number()
      .positive()
      .default(1)
      .meta({
        title: 'Largest gradient norm',
        ...about(
          'Longer gradients are shortened to it, so that no single batch can end the training.',
          '1',
          'Pascanu et al. 2013',
        ),
      }),
    ema: z
      .number()
      .min(0)
      .lt(1)
      .default(0)
      .meta({
        title: 'Decay of the EMA',
        ...about(
          'EMA: exponential moving average. Samples use the averaged weights, which vary less; 0: off.',
          '0.995 for 1000 steps, 0.9999 for 100 000',
          'Polyak and Juditsky 1992',
        ),
      }),
    /** Kept in addition to the main average, to be chosen when the run is evaluated. */
    emaMore: z
      .array(z.number().gt(0).lt(1))
      .max(3)
      .default([])
      .meta({
        title: 'Decays of further EMAs',
        ...about('Further EMAs of the weights, to choose from in an evaluation.', 'none, or 0.99, 0.999'),
      }),
  })
  .refine(({ ema, emaMore }) => emaMore.length === 0 || ema > 0, {
    message: 'emaMore needs ema above 0',
    path: ['emaMore'],
  })
  .refine(({ ema, emaMore }) => new Set([ema, ...emaMore]).size === 1 + emaMore.length, {
    message: 'emaMore must name each decay once, and not that of ema',
    path: ['emaMore'],
  });
