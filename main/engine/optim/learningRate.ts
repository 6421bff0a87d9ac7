/** Learning rate schedules: pure functions of the step. */

import type { OptimConfig } from '../../../shared/config.ts';

/**
 * Learning rate at `step` (from 0): Loshchilov & Hutter 2017, eq. 5, one period, floor 0. `cosine` is annealed per epoch over
 * `epochs`, `budget` step by step over `spent`, the share of the run's budget that is spent, in [0, 1].
 */
export function learningRateAt(
  step: number,
  options: Pick<OptimConfig, 'learningRate' | 'schedule' | 'warmupSteps'> & {
    stepsPerEpoch: number;
    epochs: number;
    spent?: number;
  },
): number {
  const warmth = options.warmupSteps > 0 ? Math.min(1, (step + 1) / options.warmupSteps) : 1;
  if (options.schedule === 'constant') return options.learningRate * warmth;
  const epoch = Math.min(Math.floor(step / options.stepsPerEpoch), options.epochs);
  const annealed = options.schedule === 'cosine' ? epoch / options.epochs : Math.min(1, options.spent ?? 0);
  return options.learningRate * warmth * 0.5 * (1 + Math.cos(Math.PI * annealed));
}
