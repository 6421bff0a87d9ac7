/** The name of a generative method, which is nothing but a path and what is predicted along it. */

import type { PathConfig } from './config.ts';

export type Method = 'flow' | 'denoiser' | 'score';

/** `score` predicts noise or its score, `flow` goes a straight path or predicts a velocity, `denoiser` predicts data. */
export function methodOf({ kind, prediction }: Pick<PathConfig, 'kind' | 'prediction'>): Method {
  if (prediction === 'noise' || prediction === 'score') return 'score';
  return kind === 'linear' || prediction === 'velocity' ? 'flow' : 'denoiser';
}
