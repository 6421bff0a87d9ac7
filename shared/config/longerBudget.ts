/** The budget of a run, and how the learning rate continues when it is extended. */

import type { RunConfig } from './config.ts';
import type { ScheduleChoice } from './optimConfig.ts';
import { areCropped } from '../dataset.ts';
import type { RunRecord } from '../run.ts';
import { learningRateAt } from './learningRate.ts';

/** Counts from the beginning of the run; steps or epochs, not both. */
export interface Budget {
  readonly steps?: number;
  readonly epochs?: number;
  readonly minutes?: number;
}

/** Returns the configuration with another budget, which replaces the old one completely. */
export function applyBudget(config: RunConfig, { steps, epochs, minutes }: Budget): RunConfig {
  const train = {
    ...config.train,
    steps: steps ?? null,
    epochs: epochs ?? config.train.epochs,
    minutes: minutes ?? null,
  };
  return { ...config, train };
}

/** Returns the configuration with a longer budget, whose learning rate continues as chosen from `fromStep` on. */
export function extendSchedule(
  run: Pick<RunRecord, 'config' | 'totalSteps' | 'processSeconds'>,
  longer: RunConfig,
  { schedule = 'stretch', fromStep }: { schedule?: ScheduleChoice; fromStep: number },
): RunConfig {
  const { extensions } = run.config.optim;
  const earlier = extensions.filter((extension) => extension.fromStep < fromStep);
  const withExtensions = (list: typeof extensions) => ({
    ...longer,
    optim: { ...longer.optim, extensions: list },
  });
  if (schedule === 'stretch' || fromStep === 0 || run.totalSteps === null) return withExtensions(earlier);
  // If the run was extended twice without a step in between, the schedule before both is the one that ended.
  const before = extensions.find((extension) => extension.fromStep === fromStep);
  const { totalSteps, minutes } = before ?? { totalSteps: run.totalSteps, minutes: run.config.train.minutes };
  return withExtensions([
    ...earlier,
    { schedule, fromStep, fromSeconds: run.processSeconds, totalSteps, minutes },
  ]);
}

/** Crops of each image in an epoch: what a photograph of 512 × 512 pixels has side by side if they are 64 pixels wide. */
export const cropsPerEpoch = 64;

/** Returns the steps of an epoch, without images held out for validation and without a partial last batch. */
export function countEpochSteps(
  { data, train }: RunConfig,
  images: number,
  hasOwnValidation = false,
): number {
  const held = hasOwnValidation ? 0 : Math.min(data.validationImages, Math.floor(images / 5));
  const examples = (images - held) * (areCropped(data) ? cropsPerEpoch : 1);
  return Math.max(1, Math.floor(examples / train.batchSize));
}

export interface RateForecast {
  /** The last step that was trained, and its learning rate. */
  readonly step: number;
  readonly last: number;
  /** The rate of the step after it, by choice. */
  readonly next: Readonly<Record<ScheduleChoice, number>>;
}

/** Forecasts the learning rate under a longer budget; null for a run that has not been trained, or whose data were never read. */
export function forecastRates(
  run: Pick<RunRecord, 'config' | 'dataset' | 'totalSteps' | 'step' | 'processSeconds'>,
  longer: RunConfig,
): RateForecast | null {
  const { config, dataset, totalSteps, step, processSeconds: seconds } = run;
  if (step === 0 || totalSteps === null || dataset === null) return null;
  const stepsPerEpoch = countEpochSteps(config, dataset.count, dataset.splits?.validation !== undefined);
  const { minutes } = config.train;
  const last = learningRateAt({ step: step - 1, seconds }, config.optim, {
    totalSteps,
    minutes,
    stepsPerEpoch,
  });
  const nextBy = (schedule: ScheduleChoice) => {
    const { optim, train } = extendSchedule(run, longer, { schedule, fromStep: step });
    const length = {
      totalSteps: train.steps ?? train.epochs * stepsPerEpoch,
      minutes: train.minutes,
      stepsPerEpoch,
    };
    return learningRateAt({ step, seconds }, optim, length);
  };
  return {
    step,
    last,
    next: { stretch: nextBy('stretch'), keep: nextBy('keep'), restart: nextBy('restart') },
  };
}

/** Formats a learning rate, e.g. `1.4e-6`. */
export function formatRate(rate: number): string {
  return rate === 0 ? '0' : Number(rate.toPrecision(3)).toExponential();
}
