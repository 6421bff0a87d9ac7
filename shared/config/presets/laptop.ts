/** The default: a small U-Net that goes on getting better for as long as it is given. */

import type { Preset } from './preset.ts';
import { tiny } from './tiny.ts';

export const laptop: Preset = {
  name: 'laptop',
  title: 'Laptop',
  description:
    'Ten minutes on two CPU cores; any other time by --minutes, to whose end the learning rate falls. A U-Net of three resolutions predicts the difference to the thin plate at every pixel. 1.1 million parameters.',
  config: {
    ...tiny.config,
    mask: { law: 'counter', pool: 64, targetRatio: 0.8 },
    field: {
      kind: 'unet',
      dim: 32,
      levels: 3,
      blocks: 2,
      dropout: 0,
      timeConditioning: 'adaptive',
      residual: 'thin-plate',
    },
    optim: { learningRate: 2e-3, schedule: 'budget', warmupSteps: 50, ema: 0.995 },
    train: { ...tiny.config.train, minutes: 10 },
    sampler: { ...tiny.config.sampler, symmetries: 2 },
  },
};
