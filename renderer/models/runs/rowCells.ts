/** Contents of the cells of a run row. */

import { formatFixed, signed } from '../../../shared/numbers/nonFinite.ts';
import { formatPsnr } from '../../../shared/numbers/psnrMean.ts';
import { titleOfNetwork } from '../../../shared/config/networks/registry.ts';
import { titleOfPreset } from '../../../shared/config/presets.ts';
import type { LaneProgress } from '../../../shared/queue.ts';
import type { RunColumn, RunSummary } from '../../../shared/runList.ts';
import {
  formatCount,
  formatDuration,
  formatProgress,
  formatRate,
  formatSignificant,
  formatTimeLeft,
} from '../../../shared/text/format.ts';
import { describeLane, describeWork } from '../frame/laneText.ts';

/** Columns with plain text. */
export type TextColumn = Exclude<
  RunColumn,
  'status' | 'name' | 'device' | 'progress' | 'course' | 'createdAt' | 'updatedAt' | 'tags'
>;

export function cellText(run: RunSummary, column: TextColumn): string {
  switch (column) {
    case 'preset':
      return titleOfPreset(run.preset);
    case 'field':
      return titleOfNetwork(run.field);
    case 'method':
    case 'source':
      return run[column];
    case 'step':
      return formatCount(run.step);
    case 'loss':
      return formatSignificant(run.loss, 3);
    case 'bestPsnr':
      return formatPsnr(run.bestPsnr);
    case 'gain':
      return formatGain(run.gain);
    case 'bestSsim':
      return formatFixed(run.bestSsim, 3);
    case 'processSeconds':
      return run.processSeconds === 0 ? '–' : formatDuration(run.processSeconds);
  }
}

/** `+1.86`. */
function formatGain(gain: number | null): string {
  return gain === null ? '–' : signed(gain);
}

export interface RowProgress {
  /** 0 to 1; null if the total is unknown. */
  readonly fraction: number | null;
  /** `1200 of 5000`. */
  readonly text: string;
}

/** Returns completed steps; for the active training from the lane, which is ahead of the store. */
export function rowProgress(run: RunSummary, lane: LaneProgress | null): RowProgress {
  const isTraining = lane?.job.kind === 'training';
  const done = isTraining ? Math.max(lane.done, run.step) : run.step;
  const fraction = (isTraining ? lane.fraction : null) ?? run.fraction;
  return { fraction, text: formatProgress(done, run.totalSteps) };
}

/** Returns the line below the status of the active run: time left, the rate before that is known, or the phase before both are. */
export function laneLine(lane: LaneProgress): string {
  if (lane.job.kind !== 'training') return [describeWork(lane), ...describeLane(lane).slice(0, 1)].join(' ');
  if (lane.stepsPerSecond === null) return lane.phase;
  return lane.secondsLeft === null ? formatRate(lane.stepsPerSecond) : formatTimeLeft(lane.secondsLeft);
}

/** Returns all that is known about the active job, for the tooltip. */
export function laneSentence(lane: LaneProgress): string {
  return `${lane.phase}: ${describeLane(lane).join(', ')}`;
}

/** `waiting, next`, `waiting, 2nd`; `held, next` while the queue is held. */
export function describePlace(place: number, isHeld: boolean): string {
  return `${isHeld ? 'held' : 'waiting'}, ${place === 1 ? 'next' : ordinal(place)}`;
}

/** `1st`, `22nd`. */
export function ordinal(place: number): string {
  const isTeen = Math.floor(place / 10) % 10 === 1;
  const ending = isTeen ? 'th' : (['th', 'st', 'nd', 'rd'][place % 10] ?? 'th');
  return `${place}${ending}`;
}

interface SparkBox {
  readonly width: number;
  readonly height: number;
}

/**
 * Returns the SVG path of a sparkline, lowest value at the bottom; logarithmic if all values are positive.
 * Empty if there are fewer than two finite values.
 */
export function sparkPath(values: readonly number[], { width, height }: SparkBox): string {
  const finite = values.filter(Number.isFinite);
  if (finite.length < 2) return '';
  const levels = finite.every((value) => value > 0) ? finite.map(Math.log) : finite;
  const low = Math.min(...levels);
  const span = Math.max(...levels) - low;
  const points = levels.map((level, index) => {
    const x = (index / (levels.length - 1)) * width;
    const y = span === 0 ? height / 2 : height - ((level - low) / span) * height;
    return `${round(x)} ${round(y)}`;
  });
  return `M${points.join('L')}`;
}

function round(pixels: number): number {
  return Math.round(pixels * 10) / 10;
}
