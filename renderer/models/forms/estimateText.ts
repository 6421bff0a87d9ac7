/** Formats the estimated cost of a run, and warns if the disk is too small for it. */

import { formatBytes, formatCount, formatDuration } from '../../../shared/text/format.ts';
import { formatRange, formatRoughDuration } from '../../../shared/text/timeRange.ts';
import type { RunConfig } from '../../../shared/config/config.ts';
import type { RunEstimate } from '../../../shared/contract/training.ts';

/** Formats a duration as `0.8 ms`, `45 ms`, `1.2 s` or `14 s`. */
export function formatMilliseconds(milliseconds: number): string {
  if (milliseconds < 9.95) return `${milliseconds.toFixed(1)} ms`;
  if (milliseconds < 999.5) return `${milliseconds.toFixed(0)} ms`;
  const seconds = milliseconds / 1000;
  return seconds < 9.95 ? `${seconds.toFixed(1)} s` : formatDuration(seconds);
}

/** Formats the training time in few characters, `10 min` or `2 to 9 h`; null while unknown. */
export function summariseTime({ totalSeconds, secondsRange }: RunEstimate): string | null {
  return totalSeconds === null ? null : formatRange(totalSeconds, secondsRange, formatRoughDuration);
}

/** Formats `12 ms`, or a range as `8 to 25 ms`; null while unknown. */
export function describeStepTime({ stepMilliseconds, stepRange }: RunEstimate): string | null {
  return stepMilliseconds === null ? null : formatRange(stepMilliseconds, stepRange, formatMilliseconds);
}

/** Formats `about 3 min 20 s`, `2 to 9 h`, or `at most 3 min 00 s` where only the budget is known; null while unknown. */
export function describeTrainingTime({
  stepMilliseconds,
  totalSeconds,
  secondsRange,
}: RunEstimate): string | null {
  if (totalSeconds === null) return null;
  if (stepMilliseconds === null) return `at most ${formatDuration(totalSeconds)}`;
  const text = formatRange(totalSeconds, secondsRange, (seconds) =>
    secondsRange === null ? formatDuration(seconds).replace(/ 00 s$/, '') : formatRoughDuration(seconds),
  );
  return text.includes(' to ') ? text : `about ${text}`;
}

/** Formats `1240` for a budget in steps, `900 to 1800` where minutes end the run; null while unknown. */
export function describeSteps({ totalSteps, stepsRange }: RunEstimate): string | null {
  if (totalSteps === null) return null;
  if (stepsRange === null) return formatCount(totalSteps);
  const text = formatRange(totalSteps, stepsRange, (steps) => formatCount(Number(steps.toPrecision(2))));
  return text.includes(' to ') ? text : `about ${text}`;
}

/** Returns the bytes of all checkpoints that a run keeps at a time, including the best and the one being written. */
export function keptBytes(config: RunConfig, estimate: RunEstimate): number {
  return estimate.checkpointBytes * (config.train.keepCheckpoints + 2);
}

/** Returns a warning if the disk cannot hold the run's checkpoints; null if it can or its free space is unknown. */
export function warnOfDisk(needed: number, freeBytes: number | null): string | null {
  if (freeBytes === null || needed <= freeBytes) return null;
  return `The checkpoints need ${formatBytes(needed)}, but only ${formatBytes(freeBytes)} are free. Free some space or keep fewer checkpoints.`;
}
