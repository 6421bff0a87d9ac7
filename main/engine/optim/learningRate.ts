/** Learning rate schedules: pure functions of the step. */

import type { OptimConfig } from '../../../shared/config.ts';

/** Learning rate at `step` (from 0). Cosine is annealed per epoch over `epochs` (Loshchilov & Hutter 2017, eq. 5, one period, floor 0). */
export function learningRateAt(
  step: number,
  options: Pick<OptimConfig, 'learningRate' | 'schedule' | 'warmupSteps'> & {
    stepsPerEpoch: number;
    epochs: number;
  },
): number {
  const warmth = options.warmupSteps > 0 ? Math.min(1, (step + 1) / options.warmupSteps) : 1;
  if (options.schedule === 'constant') return options.learningRate * warmth;
  const epoch = Math.min(Math.floor(step / options.stepsPerEpoch), options.epochs);
  return options.learningRate * warmth * 0.5 * (1 + Math.cos((Math.PI * epoch) / options.epochs));
}
