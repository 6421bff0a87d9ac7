/** The tiny preset's network as a denoiser: pure noise becomes an image along the cosine path. */

import type { Preset } from './preset.ts';
import { tiny } from './tiny.ts';

export const denoiser: Preset = {
  name: 'denoiser',
  title: 'Denoiser',
  description:
    'Three minutes on two CPU cores. The tiny network predicts the image from noise on a cosine path, weighted by min-SNR with a floor, and samples by DDIM.',
  config: {
    ...tiny.config,
    path: { kind: 'cosine', prediction: 'data' },
    objective: { time: 'stratified', startShare: 0.5, weighting: 'min-snr', snrFloor: 1 },
    sampler: { solver: 'ddim', steps: 20 },
  },
};
