/** When a run evaluates, previews and writes checkpoints: every so many steps, or so many times a run. */

import type { RunConfig } from '../../../shared/config/config.ts';

/** What is due after a step. */
export interface DueWork {
  readonly evaluates: boolean;
  readonly previews: boolean;
  readonly saves: boolean;
}

/** A point of a run; `seconds` of training precede it. */
interface Point {
  readonly step: number;
  readonly seconds: number;
}

/**
 * Returns what is due after a step, from a point of the run on. With `timesPerRun`, evaluations, previews and checkpoints
 * come with every such fraction of the budget, of steps or of minutes, whichever is further, and intervals in steps
 * count for checkpoints only; an interval of 0 still means never. In a budget of minutes, evaluations and previews wait while they
 * would take more than a fifth of the time, so that a slow machine still trains.
 */
export function createCadence(
  train: RunConfig['train'],
  from: Point & { readonly totalSteps: number },
): (step: number, seconds: number) => DueWork {
  const { timesPerRun: times, evaluateEverySteps, previewEverySteps, checkpointEverySteps } = train;
  const partsUntil = ({ step, seconds }: Point) => {
    const bySteps = (step * (times ?? 0)) / from.totalSteps;
    const byTime = train.minutes === null ? 0 : (seconds * (times ?? 0)) / (60 * train.minutes);
    return Math.floor(Math.max(bySteps, byTime));
  };
  let parts = partsUntil(from);
  const rest = createRest(from.seconds);
  return (step, seconds) => {
    const isResting = rest.read(seconds) && train.minutes !== null;
    const saves = isMultiple(step, checkpointEverySteps);
    if (times === null)
      return {
        evaluates: isMultiple(step, evaluateEverySteps),
        previews: isMultiple(step, previewEverySteps),
        saves,
      };
    const isDue = !isResting && partsUntil({ step, seconds }) > parts;
    if (isDue) {
      parts = partsUntil({ step, seconds });
      rest.begin();
    }
    return {
      evaluates: isDue && evaluateEverySteps > 0,
      previews: isDue && previewEverySteps > 0,
      saves: isDue || saves,
    };
  };
}

/** Training lasts at least that many times as long as the evaluation before it. */
const restFactor = 4;

/** Measures how long the work after a step takes, and the time of training that follows it. */
function createRest(start: number) {
  let [last, stepTime, until] = [start, 0, start];
  let hasWork = false;
  return {
    /** The step that has just been read is followed by work. */
    begin: () => void (hasWork = true),
    /** Returns whether training must continue without work, given the seconds after a step. */
    read(seconds: number): boolean {
      const passed = seconds - last;
      if (hasWork) until = seconds + restFactor * Math.max(0, passed - stepTime);
      else stepTime = passed;
      [last, hasWork] = [seconds, false];
      return seconds < until;
    },
  };
}

function isMultiple(step: number, every: number): boolean {
  return every > 0 && step % every === 0;
}
