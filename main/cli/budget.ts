/** `--steps`, `--epochs`, `--minutes`: how long a run trains. */

import type { RunConfig } from '../../shared/config/config.ts';
import { applyBudget as withBudget } from '../../shared/config/longerBudget.ts';
import { type OptionValues, UsageError } from './command.ts';
import { readInteger, readPositive, valueOption } from './options.ts';

export const budgetOptions = {
  steps: valueOption('N', 'Train this many steps in all.'),
  epochs: valueOption('N', 'Train this many epochs in all.'),
  minutes: valueOption('M', 'Train this many minutes in all.'),
};

/**
 * The configuration with the budget the user gave, which replaces the preset's; undefined where none was given.
 * @throws UsageError when steps and epochs are both given.
 */
export function applyBudget(config: RunConfig, values: OptionValues): RunConfig | undefined {
  const steps = readInteger(values, 'steps');
  const epochs = readInteger(values, 'epochs');
  const minutes = readPositive(values, 'minutes');
  if (steps !== undefined && epochs !== undefined)
    throw new UsageError('Give --steps or --epochs, not both.');
  if (steps === undefined && epochs === undefined && minutes === undefined) return undefined;
  return withBudget(config, { steps, epochs, minutes });
}
