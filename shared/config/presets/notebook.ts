/**
 * The notebook's numbers, defects included (no token kinds, time added to colours, queries without their state, frozen
 * masks, a plain decoder): the baseline for ever. What is not listed is the schema's default, which is the notebook's.
 */

import type { Preset } from './preset.ts';

/** Steps of an epoch of 50 000 images in batches of 64, the last partial batch left out. */
const epoch = 781;

export const notebook: Preset = {
  name: 'notebook',
  title: 'Notebook',
  description:
    'The notebook exactly, defects included: Perceiver IO with 512 latents × 512, batch 64, 100 epochs. 27 million parameters; wants a GPU, and does not learn at small sizes.',
  config: {
    train: {
      evaluate: 'sample',
      evaluationImages: 160,
      evaluateEverySteps: 2 * epoch,
      previewEverySteps: 5 * epoch,
      checkpointEverySteps: epoch,
    },
    sampler: { solver: 'heun', steps: 50 },
  },
};
