/** The tiny preset's family, four times as wide: for an hour on a workstation's CPU. */

import type { Preset } from './preset.ts';
import { tiny } from './tiny.ts';

export const small: Preset = {
  name: 'small',
  title: 'Small',
  description:
    'An hour on a CPU: the tiny preset with 128 latents × 128, three context blocks and three read-out blocks. 1.7 million parameters.',
  config: {
    ...tiny.config,
    field: { ...tiny.config.field, latents: 128, dim: 128, fourierFeatures: 64, blocks: 3, readBlocks: 3 },
    optim: { ...tiny.config.optim, learningRate: 1e-3, ema: 0.999 },
    train: {
      ...tiny.config.train,
      minutes: 60,
      checkpointEverySteps: 500,
      evaluateEverySteps: 500,
      previewEverySteps: 500,
    },
  },
};
