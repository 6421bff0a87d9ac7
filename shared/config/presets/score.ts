/** The tiny preset's network as a score model: the noise of the variance-preserving SDE, undone step by step. */

import type { Preset } from './preset.ts';
import { tiny } from './tiny.ts';

export const score: Preset = {
  name: 'score',
  title: 'Score',
  description:
    'Three minutes on two CPU cores. The tiny network predicts the noise of the VP-SDE, which is score matching weighted by σ², and samples by the ancestral step with Langevin corrections.',
  config: {
    ...tiny.config,
    path: { kind: 'variance-preserving', prediction: 'noise', residualDeviation: 0.1 },
    objective: { time: 'stratified' },
    sampler: { solver: 'langevin', steps: 50 },
  },
};
