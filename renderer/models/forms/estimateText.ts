/** What a run will take, in words; and what of it is too much. */

import { formatBytes, formatCount, formatDuration } from '../../../shared/text/format.ts';
import type { RunConfig } from '../../../shared/config/config.ts';
import type { RunEstimate } from '../../../shared/contract/training.ts';

/** `0.8 ms`, `45 ms`, `1.2 s`, `14 s`. */
export function formatMilliseconds(milliseconds: number): string {
  if (milliseconds < 9.95) return `${milliseconds.toFixed(1)} ms`;
  if (milliseconds < 999.5) return `${milliseconds.toFixed(0)} ms`;
  const seconds = milliseconds / 1000;
  return seconds < 9.95 ? `${seconds.toFixed(1)} s` : formatDuration(seconds);
}

/** One line for a preset's card: `68 thousand parameters · 45 ms a step · about 3 min 00 s`. */
export function summariseEstimate({ parameters, stepMilliseconds, totalSeconds }: RunEstimate): string {
  const certainty = stepMilliseconds === null ? 'at most' : 'about';
  return (
    [
      formatParameters(parameters),
      stepMilliseconds === null ? null : `${formatMilliseconds(stepMilliseconds)} a step`,
      totalSeconds === null ? null : `${certainty} ${formatDuration(totalSeconds)}`,
    ]
      .filter((part) => part !== null)
      // A line may break between the parts only.
      .map((part) => part.replaceAll(' ', '\u00a0'))
      .join(' · ')
  );
}

/** `950 parameters`, `68 thousand parameters`, `1.7 million parameters`. */
export function formatParameters(count: number): string {
  if (count < 9950) return `${formatCount(count)} parameters`;
  if (count < 999_500) return `${formatCount(count / 1000)} thousand parameters`;
  const millions = count / 1e6;
  return `${millions < 99.5 ? millions.toFixed(1) : formatCount(millions)} million parameters`;
}

/** Bytes of all checkpoints a run keeps at a time: the newest, the best, and the one being written. */
export function keptBytes(config: RunConfig, estimate: RunEstimate): number {
  return estimate.checkpointBytes * (config.train.keepCheckpoints + 2);
}

/** A sentence where the disk cannot hold the run's checkpoints; null where it can or nothing is known. */
export function warnOfDisk(needed: number, freeBytes: number | null): string | null {
  if (freeBytes === null || needed <= freeBytes) return null;
  return `The checkpoints will take ${formatBytes(needed)}, but the disk has ${formatBytes(freeBytes)} left: free some space, or keep fewer checkpoints.`;
}
