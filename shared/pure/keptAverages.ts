/** Which averages of its weights a run keeps. */

import type { OptimConfig } from '../config.ts';

/** The main average and the further ones, as they are named in a state and a checkpoint. */
export const averageKinds = ['average', 'average.2', 'average.3', 'average.4'] as const;
export type AverageKind = (typeof averageKinds)[number];

export interface KeptAverage {
  readonly kind: AverageKind;
  readonly decay: number;
}

/** What of a configuration says so. */
export type Averaging = Pick<OptimConfig, 'ema' | 'emaMore'>;

/** The main average first; none where a run keeps no average. */
export function keptAverages({ ema, emaMore }: Averaging): readonly KeptAverage[] {
  if (ema === 0) return [];
  return [ema, ...emaMore].map((decay, index) => ({ kind: averageKinds[index], decay }));
}
