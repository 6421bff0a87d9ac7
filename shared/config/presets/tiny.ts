/** The smallest network that beats the thin plate: minutes on two cores. */

import type { Preset } from './preset.ts';

export const tiny: Preset = {
  name: 'tiny',
  title: 'Tiny',
  description:
    'Three minutes on two CPU cores. A small Perceiver with three upgrades: queries carry the state, time conditions every read-out norm, and the field predicts the difference to the thin plate.',
  config: {
    data: { flips: true, validationImages: 64 },
    mask: { law: 'counter', pool: 64, targetRatio: 0.25 },
    field: {
      latents: 32,
      dim: 64,
      fourierFeatures: 32,
      fourierScale: 3,
      blocks: 1,
      heads: 4,
      dropout: 0,
      queryCarriesState: true,
      timeConditioning: 'adaptive',
      readBlocks: 2,
      residual: 'thin-plate',
      patch: 7,
    },
    path: { prediction: 'data', start: 'classical', startNoise: 0.1 },
    objective: { startShare: 0.5 },
    optim: { learningRate: 2e-3, schedule: 'constant', warmupSteps: 50, ema: 0.995 },
    train: {
      batchSize: 16,
      evaluate: 'posterior mean',
      evaluationImages: 64,
      epochs: 1000,
      minutes: 3,
      checkpointEverySteps: 250,
      evaluateEverySteps: 250,
      previewEverySteps: 250,
    },
    sampler: { solver: 'heun', steps: 10 },
  },
};
