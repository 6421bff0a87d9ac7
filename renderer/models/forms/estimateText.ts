/** Formats the estimated cost of a run, and warns if the disk is too small for it. */

import { formatBytes, formatCount, formatDuration } from '../../../shared/text/format.ts';
import type { RunConfig } from '../../../shared/config/config.ts';
import type { RunEstimate } from '../../../shared/contract/training.ts';

/** Formats a duration as `0.8 ms`, `45 ms`, `1.2 s` or `14 s`. */
export function formatMilliseconds(milliseconds: number): string {
  if (milliseconds < 9.95) return `${milliseconds.toFixed(1)} ms`;
  if (milliseconds < 999.5) return `${milliseconds.toFixed(0)} ms`;
  const seconds = milliseconds / 1000;
  return seconds < 9.95 ? `${seconds.toFixed(1)} s` : formatDuration(seconds);
}

/** Returns one line for a preset's card: `68 thousand parameters · 45 ms per step · about 3 min 00 s`. */
export function summariseEstimate({ parameters, stepMilliseconds, totalSeconds }: RunEstimate): string {
  const certainty = stepMilliseconds === null ? 'at most' : 'about';
  return (
    [
      formatParameters(parameters),
      stepMilliseconds === null ? null : `${formatMilliseconds(stepMilliseconds)} per step`,
      totalSeconds === null ? null : `${certainty} ${formatDuration(totalSeconds)}`,
    ]
      .filter((part) => part !== null)
      // Lines may break only between the parts.
      .map((part) => part.replaceAll(' ', '\u00a0'))
      .join(' · ')
  );
}

/** Formats a count as `950 parameters`, `68 thousand parameters` or `1.7 million parameters`. */
export function formatParameters(count: number): string {
  if (count < 9950) return `${formatCount(count)} parameters`;
  if (count < 999_500) return `${formatCount(count / 1000)} thousand parameters`;
  const millions = count / 1e6;
  return `${millions < 99.5 ? millions.toFixed(1) : formatCount(millions)} million parameters`;
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
