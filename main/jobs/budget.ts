/** How long a run trains in all: what replaces the budget of its configuration. */

import type { RunConfig } from '../../shared/config.ts';

/** Counts from the beginning of the run; steps or epochs, not both. */
export interface Budget {
  readonly steps?: number;
  readonly epochs?: number;
  readonly minutes?: number;
}

/** The configuration with another budget; the old one is gone whole. */
export function applyBudget(config: RunConfig, { steps, epochs, minutes }: Budget): RunConfig {
  const train = {
    ...config.train,
    steps: steps ?? null,
    epochs: epochs ?? config.train.epochs,
    minutes: minutes ?? null,
  };
  return { ...config, train };
}
