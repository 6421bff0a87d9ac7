/** Learning rate schedules: pure functions of the step and, with a budget in minutes, of the time. */

import type { OptimConfig, RunConfig } from './config.ts';

/** The progress of a run: steps done, and seconds of training. */
export interface TrainingPlace {
  readonly step: number;
  readonly seconds: number;
}

export interface ScheduleBudget {
  readonly totalSteps: number;
  /** null: no limit. */
  readonly minutes: RunConfig['train']['minutes'];
}

export interface ScheduleLength extends ScheduleBudget {
  readonly stepsPerEpoch: number;
}

type Schedule = Pick<OptimConfig, 'learningRate' | 'schedule' | 'warmupSteps' | 'extensions'>;

/**
 * Returns the learning rate of the step after `at.step` steps: Loshchilov & Hutter 2017, eq. 5, one period, floor 0.
 * `cosine` is annealed per epoch, `budget` step by step over the limit that ends the run. A longer budget stretches the
 * period, unless an extension specifies otherwise.
 */
export function learningRateAt(at: TrainingPlace, optim: Schedule, length: ScheduleLength): number {
  const { extensions } = optim;
  const index = extensions.findLastIndex(({ fromStep }) => fromStep <= at.step);
  const extension = index < 0 ? null : extensions[index];
  if (extension?.schedule === 'keep') {
    const last = { step: extension.fromStep - 1, seconds: extension.fromSeconds };
    return learningRateAt(
      last,
      { ...optim, extensions: extensions.slice(0, index) },
      { ...length, ...budgetBefore(extension) },
    );
  }
  const next = extensions.at(index + 1);
  const start = extension ? { step: extension.fromStep, seconds: extension.fromSeconds } : beginning;
  return annealedRate(at, start, optim, next ? { ...length, ...budgetBefore(next) } : length);
}

const beginning: TrainingPlace = { step: 0, seconds: 0 };

function budgetBefore({ totalSteps, minutes }: OptimConfig['extensions'][number]): ScheduleBudget {
  return { totalSteps, minutes };
}

/** Returns the rate within one period from `start` to the end of the budget. */
function annealedRate(
  at: TrainingPlace,
  start: TrainingPlace,
  optim: Schedule,
  length: ScheduleLength,
): number {
  const { learningRate, schedule, warmupSteps } = optim;
  const step = at.step - start.step;
  const warmth = warmupSteps > 0 ? Math.min(1, (step + 1) / warmupSteps) : 1;
  if (schedule === 'constant') return learningRate * warmth;
  const epochs = Math.ceil((length.totalSteps - start.step) / length.stepsPerEpoch);
  const annealed =
    schedule === 'cosine'
      ? Math.min(Math.floor(step / length.stepsPerEpoch), epochs) / epochs
      : spentFraction(at, length, start);
  return learningRate * warmth * 0.5 * (1 + Math.cos(Math.PI * annealed));
}

/**
 * Returns the fraction of the budget from `start` on that is spent, of steps or of time, whichever is closer to its end.
 * Without a limit in minutes it depends on the step only, so that a resumed run repeats it bit for bit.
 */
export function spentFraction(
  at: TrainingPlace,
  budget: ScheduleBudget,
  start: TrainingPlace = beginning,
): number {
  const { totalSteps, minutes } = budget;
  const ofTime = minutes === null ? 0 : (at.seconds - start.seconds) / (minutes * 60 - start.seconds);
  return Math.min(1, Math.max((at.step - start.step) / (totalSteps - start.step), ofTime));
}
