/** The lane's state as the short texts of the status bar. */

import type { LaneProgress } from '../../../shared/queue.ts';
import {
  formatCount,
  formatDuration,
  formatPercent,
  formatProgress,
  formatRate,
  formatTimeLeft,
} from '../../../shared/text/format.ts';

/** Quiet for longer than this (seconds) is worth a word; three times as long is worth a warning. */
const quietLimit = 20;

/** What the status bar tells of a job, in order; empty ones are left out. */
export function describeLane(lane: LaneProgress): string[] {
  const unit = lane.job.kind === 'training' ? 'step' : 'image';
  const parts = [
    lane.done > 0 || lane.total !== null ? `${unit} ${formatProgress(lane.done, lane.total)}` : '',
    lane.share === null ? '' : formatPercent(lane.share),
    lane.stepsPerSecond === null ? '' : formatRate(lane.stepsPerSecond),
    lane.secondsLeft === null ? '' : formatTimeLeft(lane.secondsLeft, lane.secondsLeftSpread),
  ];
  return parts.filter((part) => part !== '');
}

/** How long the compute process has said nothing; null while that is nothing unusual. */
export function describeQuiet(lane: LaneProgress): { text: string; isWarning: boolean } | null {
  if (lane.quietSeconds < quietLimit) return null;
  return {
    text: `quiet for ${formatDuration(lane.quietSeconds)}`,
    isWarning: lane.quietSeconds >= 3 * quietLimit,
  };
}

/** `2 waiting`; empty when none waits. */
export function describeWaiting(count: number, isHeld: boolean): string {
  if (count === 0) return '';
  return isHeld ? `${formatCount(count)} held` : `${formatCount(count)} waiting`;
}

/** Compiling the graph may take a minute without a word; anything else does not. */
const patience = { training: 30, other: 120 };

/** A sentence when the compute process has been quiet for long; empty else. */
export function quietWarning({ phase, quietSeconds }: Pick<LaneProgress, 'phase' | 'quietSeconds'>): string {
  const limit = phase === 'training' ? patience.training : patience.other;
  if (quietSeconds < limit) return '';
  return `nothing heard for ${formatDuration(quietSeconds)}; if this goes on, stop it and resume`;
}
