/** Short texts about the compute lane, for the status bar and the header of a run. */

import type { LaneProgress } from '../../../shared/queue.ts';
import {
  formatCount,
  formatDuration,
  formatPercent,
  formatProgress,
  formatRate,
  formatTimeLeft,
} from '../../../shared/text/format.ts';

/** Seconds of silence that are mentioned; three times as long is a warning. */
const quietLimit = 20;

/**
 * Returns step or image, percentage, rate and time left of a job, as far as they are known. A study counts evaluations of the
 * network, thousands of them, which say less than its percentage.
 */
export function describeLane(lane: LaneProgress): string[] {
  const unit = { training: 'step', evaluation: 'image', study: null }[lane.job.kind];
  const isCounted = unit !== null && (lane.done > 0 || lane.total !== null);
  const parts = [
    isCounted ? `${unit} ${formatProgress(lane.done, lane.total)}` : '',
    lane.fraction === null ? '' : formatPercent(lane.fraction),
    lane.stepsPerSecond === null ? '' : formatRate(lane.stepsPerSecond),
    lane.secondsLeft === null ? '' : formatTimeLeft(lane.secondsLeft, lane.secondsLeftSpread),
  ];
  return parts.filter((part) => part !== '');
}

/** Returns the name of a job without the parts that all active jobs have in common, as the runs of one sweep have its name. */
export function nameAmong(name: string, all: readonly string[]): string {
  const parts = name.split(' · ');
  const others = all.map((each) => each.split(' · '));
  const isShared = (part: string, place: number) =>
    others.length > 1 && place < parts.length - 1 && others.every((each) => each[place] === part);
  const own = parts.findIndex((part, place) => !isShared(part, place));
  return parts.slice(own).join(' · ');
}

/** Describes what was last known of the active jobs after the connection was lost; it may have changed since. */
export function describeLastKnown(active: readonly Pick<LaneProgress, 'job' | 'phase' | 'done'>[]): string {
  if (active.length === 0) return 'Nothing was being computed then.';
  return active.map(describeLast).join(' ');
}

function describeLast(lane: Pick<LaneProgress, 'job' | 'phase' | 'done'>): string {
  const name = `“${lane.job.name}”`;
  if (lane.phase === 'pausing') return `${name} was being paused then.`;
  if (lane.job.kind === 'evaluation') return `${name} was being evaluated then.`;
  if (lane.job.kind === 'study') return `${name} was being studied then.`;
  return `${name} was at step ${formatCount(lane.done)} then; whether it still trains is not known.`;
}

/** Returns what the job does: the phase of a training, `evaluating` or `studying`. */
export function describeWork({ job, phase }: Pick<LaneProgress, 'job' | 'phase'>): string {
  return { training: phase, evaluation: 'evaluating', study: 'studying' }[job.kind];
}

/** Describes how long the compute process has been silent; null while that is not unusual. */
export function describeSilence(lane: LaneProgress): { text: string; isWarning: boolean } | null {
  if (lane.quietSeconds < quietLimit) return null;
  return {
    text: `quiet for ${formatDuration(lane.quietSeconds)}`,
    isWarning: lane.quietSeconds >= 3 * quietLimit,
  };
}

/** `2 waiting`; empty if nothing waits. */
export function describeWaiting(count: number, isHeld: boolean): string {
  if (count === 0) return '';
  return isHeld ? `${formatCount(count)} held` : `${formatCount(count)} waiting`;
}

/** Seconds of silence that are normal: compiling the graph may take a minute, a training step does not. */
const patience = { training: 30, other: 120 };

/** Returns a warning if the compute process has been silent for too long, else an empty text. */
export function silenceWarning({
  phase,
  quietSeconds,
}: Pick<LaneProgress, 'phase' | 'quietSeconds'>): string {
  const limit = phase === 'training' ? patience.training : patience.other;
  if (quietSeconds < limit) return '';
  return `nothing heard for ${formatDuration(quietSeconds)}; if this continues, stop the run and resume it`;
}
