/** The averages of its weights that a run keeps. */

import type { OptimConfig } from './config.ts';

/** The main average and the further ones, by their names in a state and a checkpoint. */
const averageKinds = ['average', 'average.2', 'average.3', 'average.4'] as const;
export type AverageKind = (typeof averageKinds)[number];

export interface KeptAverage {
  readonly kind: AverageKind;
  readonly decay: number;
}

/** The settings that determine the averages. */
export type Averaging = Pick<OptimConfig, 'ema' | 'emaMore'>;

/** Returns the averages of a run, the main one first. */
export function keptAverages({ ema, emaMore }: Averaging): readonly KeptAverage[] {
  if (ema === 0) return [];
  return [ema, ...emaMore].map((decay, index) => ({ kind: averageKinds[index], decay }));
}

/** An average by its decay, or the weights of the last step. */
export type WeightsChoice = number | 'off';

/**
 * Returns the chosen average; null for the weights of the last step.
 * @throws Error listing the averages that the run keeps when `choice` is none of them.
 */
export function findAverage(averaging: Averaging, choice: WeightsChoice): KeptAverage | null {
  if (choice === 'off') return null;
  const kept = keptAverages(averaging);
  const found = kept.find(({ decay }) => decay === choice);
  if (found) return found;
  const decays = kept.map(({ decay }) => decay);
  const list = decays.length > 0 ? `those of ${decays.join(', ')}` : 'none';
  throw new Error(
    `The run keeps no average of decay ${choice}: it keeps ${list}, and "off" takes the weights of the last step.`,
  );
}
