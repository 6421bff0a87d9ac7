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
 * count for checkpoints only; an interval of 0 still means never.
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
  return (step, seconds) => {
    const saves = isMultiple(step, checkpointEverySteps);
    if (times === null)
      return {
        evaluates: isMultiple(step, evaluateEverySteps),
        previews: isMultiple(step, previewEverySteps),
        saves,
      };
    const before = parts;
    parts = Math.max(before, partsUntil({ step, seconds }));
    const isDue = parts > before;
    return {
      evaluates: isDue && evaluateEverySteps > 0,
      previews: isDue && previewEverySteps > 0,
      saves: isDue || saves,
    };
  };
}

function isMultiple(step: number, every: number): boolean {
  return every > 0 && step % every === 0;
}
