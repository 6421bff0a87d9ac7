/** lab resume */

import type { RunConfig } from '../../../shared/config/config.ts';
import { type ScheduleChoice, scheduleChoices } from '../../../shared/config/optimConfig.ts';
import { forecastRates, formatRate } from '../../../shared/config/longerBudget.ts';
import type { RunRecord } from '../../../shared/run.ts';
import { checkResumable } from '../../jobs/training.ts';
import { applyBudget, budgetOptions } from '../configOptions.ts';
import { type CommandDefinition, UsageError, runArguments } from '../command.ts';
import { runOf, withStore } from '../labStore.ts';
import { absoluteSource } from '../typedPaths.ts';
import {
  changedDataName,
  changedDataOption,
  readChoice,
  readFlag,
  readText,
  valueOption,
} from '../options.ts';
import type { Output } from '../output.ts';
import { followTraining, reportEnd } from '../trainingSession.ts';

export const resume: CommandDefinition = {
  usage: '<run|preset> [--steps N | --epochs N | --minutes M] [--data SOURCE]',
  arguments: runArguments,
  options: {
    ...budgetOptions,
    'learning-rate-schedule': valueOption(
      'CHOICE',
      'Learning rate under a longer budget: stretch the schedule over it, keep the last rate, or restart.',
      'stretch',
    ),
    data: valueOption('SOURCE', 'Present place of the images of the run: folder:path or cifar10[:path].'),
    ...changedDataOption,
  },
  positionals: { min: 1, max: 1 },
  run: (invocation) =>
    withStore(invocation, async (store) => {
      const { values, output } = invocation;
      const run = runOf(store, invocation);
      const config = applyBudget(run.config, values);
      const schedule = readChoice(values, 'learning-rate-schedule', scheduleChoices);
      if (schedule !== undefined && config === undefined)
        throw new UsageError(
          '--learning-rate-schedule needs a longer budget. Add --steps N, --epochs N or --minutes M.',
        );
      const data = readText(values, 'data');
      const source = data === undefined ? undefined : absoluteSource(data);
      const acceptChangedData = readFlag(values, changedDataName);
      checkResumable(run, config);
      if (config) reportRates(run, config, { schedule, output });
      const options = { id: run.id, config, schedule, source, acceptChangedData };
      return reportEnd(await followTraining(store, options, output), output);
    }),
};

const choiceTexts: Readonly<Record<ScheduleChoice, string>> = {
  stretch: 'its schedule is stretched over the longer budget',
  keep: 'it keeps its last value',
  restart: 'its schedule restarts',
};

/** Notes how the learning rate continues, unless every choice gives the same rate. */
function reportRates(
  run: RunRecord,
  longer: RunConfig,
  { schedule = 'stretch', output }: { schedule: ScheduleChoice | undefined; output: Output },
): void {
  const forecast = forecastRates(run, longer);
  if (!forecast || new Set(Object.values(forecast.next)).size === 1) return;
  const { step, last, next } = forecast;
  const { learningRate, warmupSteps } = longer.optim;
  const textOf = (choice: ScheduleChoice) =>
    choice === 'restart' && warmupSteps > 0
      ? `${choiceTexts.restart}, warming up to ${formatRate(learningRate)}`
      : choiceTexts[choice];
  const others = scheduleChoices
    .filter((choice) => choice !== schedule)
    .map((choice) => `${choice} (${formatRate(next[choice])}: ${textOf(choice)})`);
  output.note(
    `Learning rate: ${formatRate(last)} at step ${step}, ${formatRate(next[schedule])} at step ${step + 1}: ${textOf(schedule)}. ` +
      `Other choices: --learning-rate-schedule ${others.join(' or ')}.`,
  );
}
