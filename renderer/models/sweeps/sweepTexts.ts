/** What the page says of a sweep: its state, the states of its members, values, and the verdict in one sentence. */

import {
  mdiAlertCircle,
  mdiCheckCircle,
  mdiClockOutline,
  mdiCloseOctagon,
  mdiPauseCircle,
  mdiPlayCircle,
  mdiStopCircle,
  mdiTimerSand,
} from '@mdi/js';
import { findConfigParameter } from '../../../shared/config/configParameters.ts';
import { describeSetting, titleOf } from '../../../shared/sweep/expandSweep.ts';
import { formatPlural } from '../../../shared/text/format.ts';
import type { Lead, SettingResult, SweepAnalysis } from '../../../shared/sweep/analyseSweep.ts';
import { confidence, type Interval } from '../../../shared/comparison/bootstrap.ts';
import { studentQuantile } from '../../../shared/numbers/studentT.ts';
import { metricOf, type SweepState, type SweptMetric } from '../../../shared/sweep/sweep.ts';
import {
  type MemberState,
  memberStates,
  type SweepDetail,
  type SweepSummary,
} from '../../../shared/sweep/sweepViews.ts';
import type { StatusDisplay } from '../ui/statusDisplay.ts';

export const memberDisplay: Readonly<Record<MemberState, StatusDisplay>> = {
  planned: { icon: mdiClockOutline, colour: 'secondary', label: 'planned', meaning: 'Not started yet.' },
  active: {
    icon: mdiPlayCircle,
    colour: 'primary',
    label: 'active',
    meaning: 'Being computed, or in the middle of its budget.',
  },
  waiting: {
    icon: mdiTimerSand,
    colour: 'info',
    label: 'waiting',
    meaning: 'Scored early; it continues if it is among the best there.',
  },
  'stopped early': {
    icon: mdiStopCircle,
    colour: 'secondary',
    label: 'stopped early',
    meaning: 'It was not among the best when it was scored early.',
  },
  done: { icon: mdiCheckCircle, colour: 'success', label: 'done', meaning: 'Scored with its whole budget.' },
  paused: {
    icon: mdiPauseCircle,
    colour: 'info',
    label: 'paused',
    meaning: 'Paused or stopped, by itself or with the sweep; it continues when it or the sweep is resumed.',
  },
  diverged: {
    icon: mdiAlertCircle,
    colour: 'error',
    label: 'diverged',
    meaning: 'Its loss or weights became infinite or not a number.',
  },
  failed: {
    icon: mdiCloseOctagon,
    colour: 'error',
    label: 'failed',
    meaning: 'Its training or its evaluation failed; resume the sweep to try it again.',
  },
};

export const sweepDisplay: Readonly<Record<SweepState, StatusDisplay>> = {
  idle: {
    icon: mdiClockOutline,
    colour: 'secondary',
    label: 'not started',
    meaning: 'Created, not started.',
  },
  running: {
    icon: mdiPlayCircle,
    colour: 'primary',
    label: 'running',
    pastLabel: 'was running',
    meaning: 'Its runs are computed as the machine becomes free.',
  },
  paused: {
    icon: mdiPauseCircle,
    colour: 'info',
    label: 'paused',
    meaning: 'No runs are started; resume it to continue.',
  },
  stopped: {
    icon: mdiStopCircle,
    colour: 'secondary',
    label: 'stopped',
    meaning: 'Stopped before all runs were computed; it can be resumed.',
  },
  finished: {
    icon: mdiCheckCircle,
    colour: 'success',
    label: 'finished',
    meaning: 'Nothing is left to compute.',
  },
};

/** In the order in which their numbers are listed. */
export const statesInOrder: readonly MemberState[] = [
  'done',
  'active',
  'waiting',
  'paused',
  'planned',
  'stopped early',
  'diverged',
  'failed',
];

/** Where its runs are computed, if not on this machine; null if they are. */
export function describePlace({ place }: Pick<SweepSummary, 'place'>): string | null {
  if (place.kind === 'local') return null;
  const { host } = place.options;
  return host === null ? 'on a Slurm cluster' : `on the Slurm cluster of ${host}`;
}

/** Number of all members. */
export function countMembers({ members }: Pick<SweepSummary, 'members'>): number {
  return memberStates.reduce((sum, state) => sum + members[state], 0);
}

/** Members that need no further computation. */
export function countEnded({ members }: Pick<SweepSummary, 'members'>): number {
  return members.done + members['stopped early'] + members.diverged;
}

/** `12 done, 3 active, 9 planned`; states without members are left out. */
export function describeMembers({ members }: Pick<SweepSummary, 'members'>): string {
  return statesInOrder
    .filter((state) => members[state] > 0)
    .map((state) => `${members[state]} ${state}`)
    .join(', ');
}

/** Title with its unit, such as `Time limit, min`. */
export function titleWithUnit(path: string): string {
  const unit = findConfigParameter(path)?.unit ?? '';
  return unit ? `${titleOf(path)}, ${unit}` : titleOf(path);
}

/** A score in the decimals of its metric; `–` for none. */
export function formatScore(metric: SweptMetric, score: number | null): string {
  return score === null ? '–' : formatNumber(score, metric);
}

/** `24.31 dB`. */
export function scoreWithUnit(metric: SweptMetric, score: number): string {
  const { unit } = metricOf(metric);
  return `${formatNumber(score, metric)}${unit ? ` ${unit}` : ''}`;
}

/** `± 0.12` where the interval is symmetric about its mean, which it is by Student's t; empty for none. */
export function formatHalf(metric: SweptMetric, interval: Interval | null): string {
  return interval ? `± ${formatNumber((interval[1] - interval[0]) / 2, metric)}` : '';
}

/** `0.02 to 0.31`. */
function formatInterval(metric: SweptMetric, [low, high]: Interval): string {
  return `${formatNumber(low, metric)} to ${formatNumber(high, metric)}`;
}

function formatNumber(value: number, metric: SweptMetric): string {
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '−∞';
  return value.toFixed(metricOf(metric).decimals).replace('-', '−');
}

/** From this probability on, a setting is said to win. */
const sure = 0.95;

export interface SweepVerdict {
  readonly text: string;
  /** Whether one setting is better than the next one, as surely as can be asked. */
  readonly isDecided: boolean;
}

/** Says in one sentence which setting wins, by how much and how surely, or what would help to decide it. */
export function sweepVerdict({ analysis, spec, members, seeds }: SweepDetail): SweepVerdict {
  const open = (text: string) => ({ text, isDecided: false });
  const best = find(analysis, analysis.best);
  const { metric } = spec.objective;
  if (!best || best.mean === null) return open(describeWaiting(members));
  const name = describeSetting(best.values);
  const score = `${scoreWithUnit(metric, best.mean)}${best.interval ? ` ${formatHalf(metric, best.interval)}` : ''}`;
  const { lead } = analysis;
  const second = lead && find(analysis, lead.setting);
  if (!lead || !second)
    return open(
      `${name}: ${score}. ${analysis.settings.length > 1 ? 'No other setting has as many scored seeds yet.' : 'There is no other setting to compare it with.'}`,
    );
  const difference = scoreWithUnit(metric, lead.difference);
  const other = describeSetting(second.values);
  if (lead.probability === null) {
    const left = members.planned + members.active + members.waiting + members.paused;
    const advice =
      seeds < 2
        ? 'add seeds'
        : left > 0
          ? 'wait for their other seeds'
          : 'their other seeds were stopped early or failed';
    return open(
      `${name} is best so far with ${score}, ${difference} better than ${other}. Each has one scored seed, so that the difference may be chance: ${advice}.`,
    );
  }
  if (lead.probability >= sure)
    return {
      text: `${name} wins with ${score}: ${difference} better than ${other}${describeLead(metric, lead)}.`,
      isDecided: true,
    };
  return open(
    `Not decided: ${name} is best with ${score}, but only ${difference} better than ${other}${describeLead(metric, lead)}. ${describeMoreSeeds(lead, best.scored)}`,
  );
}

function find({ settings }: SweepAnalysis, setting: number | null): SettingResult | undefined {
  return settings.find((each) => each.setting === setting);
}

function describeWaiting(members: SweepSummary['members']): string {
  const lost = members.diverged + members.failed;
  const left = members.planned + members.active + members.waiting + members.paused;
  if (left === 0 && lost > 0) return `No run has a score: ${formatPlural(lost, 'run')} diverged or failed.`;
  return 'No run has been scored with its whole budget yet.';
}

/** `, 95 % interval 0.02 to 0.31, 97 % sure (paired by seed)`. */
function describeLead(metric: SweptMetric, { interval, probability, method }: Lead): string {
  const range = interval ? `, 95 % interval ${formatInterval(metric, interval)}` : '';
  return `${range}, ${formatSureness(probability ?? 0.5)} sure (${method === 'Welch' ? 'Welch’s t' : method})`;
}

/** `97 %`; never 100 %. */
function formatSureness(probability: number): string {
  return probability > 0.999 ? 'more than 99.9 %' : `${Number((100 * probability).toPrecision(3))} %`;
}

/** More seeds than this are not a suggestion. */
const mostSeeds = 50;

/**
 * Says how many seeds would decide a lead of this size, if it stays: the fewest at which it is as large as the one-sided
 * quantile of Student's t times its standard error, which falls with the square root of their number.
 */
function describeMoreSeeds({ difference, interval, method }: Lead, seeds: number): string {
  if (interval === null || difference <= 0) return 'More seeds would show whether they differ at all.';
  const freedom = (count: number) => (method === 'Welch' ? 2 : 1) * (count - 1);
  const half = (interval[1] - interval[0]) / 2;
  const error = half / studentQuantile((1 + confidence) / 2, freedom(seeds));
  const isDecided = (count: number) =>
    difference >= studentQuantile(sure, freedom(count)) * error * Math.sqrt(seeds / count);
  const more = Array.from({ length: mostSeeds }, (_, index) => index + 1).find((count) =>
    isDecided(seeds + count),
  );
  return more === undefined
    ? `More than ${mostSeeds} further seeds each would be needed to distinguish such a small difference from chance.`
    : `About ${formatPlural(more, 'more seed', 'more seeds')} each would decide it, if the difference stays.`;
}

/** Settings that the introduction of a report lists. */
const mostReported = 20;

/** Returns what the fields of a report of a sweep contain at first: its question, the verdict, and the scores of the best settings. */
export function proposeReport(detail: SweepDetail) {
  const { name, spec, analysis, seeds } = detail;
  const { metric } = spec.objective;
  const titles = detail.paths.map(titleOf);
  const scored = analysis.settings.filter(({ mean }) => mean !== null);
  const lines = scored.slice(0, mostReported).map(({ values, mean, interval, scored: count }, index) => {
    const score = `${formatScore(metric, mean)}${interval ? ` ${formatHalf(metric, interval)}` : ''}`;
    return `${index + 1}. ${describeSetting(values)}: ${score} (${formatPlural(count, 'seed')})`;
  });
  const more =
    scored.length > lines.length ? `\n\nThe best ${lines.length} of ${scored.length} settings.` : '';
  const unit = metricOf(metric).unit;
  const caption = `${metric.toUpperCase()}${unit ? ` in ${unit}` : ''}: mean over seeds ± half of the 95 % interval by Student’s t.`;
  return {
    title: name,
    question:
      titles.length === 0
        ? `How much do ${seeds} seeds differ?`
        : `Which ${new Intl.ListFormat('en').format(titles.map((title) => title.toLowerCase()))} is best?`,
    introduction: `${sweepVerdict(detail).text}\n\n${describeMembers(detail)}.\n\n### Settings\n\n${lines.join('\n')}\n\n${caption}${more}`,
  };
}
