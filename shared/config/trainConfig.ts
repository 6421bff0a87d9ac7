/** `train` of a configuration: batches, the budget, and how often a run is logged, evaluated, previewed and saved. */

import { z } from 'zod';
import { about, choice, count, natural } from './configLeaf.ts';

export const trainSchema = z.strictObject({
  batchSize: count(
    'Batch size',
    64,
    about('Images in a step. More: smoother gradients, and slower steps.', '16 to 64'),
    'images',
  ),
  epochs: count(
    'Epochs',
    100,
    about(
      'Passes over the training images after which the run ends, if no other limit ends it first.',
      '100',
    ),
  ),
  /** null: determined by the epochs. */
  steps: z
    .int()
    .min(1)
    .nullable()
    .default(null)
    .meta({
      title: 'Steps',
      ...about('Steps after which the run ends, in place of epochs; empty: epochs.', '1000 to 100 000'),
    }),
  /** Training time over all segments; null: no limit. */
  minutes: z
    .number()
    .positive()
    .nullable()
    .default(null)
    .meta({
      title: 'Training time',
      unit: 'minutes',
      ...about('Time after which the run ends, without pauses and loading; empty: no limit.', '3 to 60'),
    }),
  logEverySteps: count(
    'Log every',
    10,
    about('Steps from one point of the curves to the next.', '10'),
    'steps',
  ),
  checkpointEverySteps: count(
    'Checkpoint every',
    500,
    about('Steps that are lost at most if the machine fails.', '250 to 1000'),
    'steps',
  ),
  evaluateEverySteps: natural(
    'Evaluate every',
    500,
    about('Steps from one evaluation during training to the next. 0: never.', '250 to 1000'),
    'steps',
  ),
  evaluationImages: count(
    'Images per evaluation',
    32,
    about('Images that each evaluation during training scores.', '32 to 256'),
    'images',
  ),
  evaluate: choice(
    'Scored while training',
    { sample: 'A sample', 'posterior mean': 'Posterior mean' },
    'sample',
    about(
      'A sample of the sampler below, or the posterior mean in one evaluation of the network.',
      'posterior mean, which is faster',
    ),
  ),
  previewEverySteps: natural(
    'Preview every',
    500,
    about('Steps from one preview to the next. 0: never.', '250 to 1000'),
    'steps',
  ),
  previewImages: z
    .int()
    .min(1)
    .max(16)
    .default(4)
    .meta({
      title: 'Images per preview',
      unit: 'images',
      ...about('Images that each preview shows, the first ones of those that evaluations score.', '4 to 16'),
    }),
  /** null: intervals in steps. Otherwise they count for checkpoints only; an interval of 0 still means never. */
  timesPerRun: z
    .int()
    .min(1)
    .max(1000)
    .nullable()
    .default(null)
    .meta({
      title: 'Evaluations per run',
      ...about(
        'About so many evaluations, previews and checkpoints over the whole budget; empty: every so many steps.',
        '20',
      ),
    }),
  keepCheckpoints: z
    .int()
    .min(2)
    .default(3)
    .meta({
      title: 'Checkpoints kept',
      ...about('Newest checkpoints that are kept; the best one is kept in addition.', '3'),
    }),
});

/** Returns whether changes of these parameters put an interval in steps in place of a number of times per run. */
export function setsInterval(paths: readonly string[]): boolean {
  const intervals = ['train.evaluateEverySteps', 'train.previewEverySteps'];
  return !paths.includes('train.timesPerRun') && paths.some((path) => intervals.includes(path));
}
