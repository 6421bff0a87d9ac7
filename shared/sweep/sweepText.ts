/** The results of a sweep in words, for the terminal, the page and reports. */

import { formatDuration, formatPercent, formatPlural } from '../text/format.ts';
import type { Interval } from '../comparison/bootstrap.ts';
import { formatRepeatedMean } from '../comparison/seedStatistics.ts';
import type { Importance, SweepAnalysis } from './analyseSweep.ts';
import { describeValues, formatSwept, shortPath } from './expandSweep.ts';
import { describeRung } from './halving.ts';
import { compareScores } from './sweepScore.ts';
import type { SweepDetail } from './sweepViews.ts';
import { metricOf, type SweepSpec, type SweptMetric } from './sweep.ts';

/** Formats a value of a metric with its unit: `24.31 dB`; a dash if there is none. */
export function formatScore(value: number | null, metric: SweptMetric): string {
  if (value === null) return '–';
  const { decimals, unit } = metricOf(metric);
  const text = Number.isFinite(value) ? value.toFixed(decimals) : value > 0 ? 'exact' : String(value);
  return unit === '' || !Number.isFinite(value) ? text : `${text} ${unit}`;
}

/** Formats a mean with half the width of its interval: `24.31 ± 0.12 dB`. */
export function formatMean(mean: number | null, interval: Interval | null, metric: SweptMetric): string {
  if (mean === null || interval === null) return formatScore(mean, metric);
  const { decimals, unit } = metricOf(metric);
  const text = formatRepeatedMean({ mean, interval }, decimals);
  return unit === '' ? text : `${text} ${unit}`;
}

/** Says which setting is best, by how much and how surely. */
export function describeVerdict(
  { settings, best, lead }: SweepAnalysis,
  { objective: { metric } }: Pick<SweepSpec, 'objective'>,
): string {
  const named = (setting: number) => {
    const found = settings.find((each) => each.setting === setting);
    return found && describeValues(found.values) !== '' ? describeValues(found.values) : 'the only setting';
  };
  const winner = settings.find(({ setting }) => setting === best);
  if (!winner) return 'No run has been scored with its whole budget yet.';
  const first = `Best so far: ${named(winner.setting)}, with ${formatMean(winner.mean, winner.interval, metric)}.`;
  if (!lead) return first;
  const by = `It is ${formatScore(lead.difference, metric)} better than ${named(lead.setting)}`;
  if (lead.probability === null || lead.interval === null)
    return `${first} ${by}; with one seed each, that may be chance.`;
  const [low, high] = lead.interval.map((end) => formatScore(end, metric));
  const how = lead.method === 'paired by seed' ? 'seeds in pairs' : "Welch's t";
  return `${first} ${by} (95 % interval ${low} to ${high}, ${how}): better with a probability of ${formatPercent(lead.probability)}. The best of many settings looks better than it is; more seeds make it surer.`;
}

/** One text for each rung of a sweep with early stopping: how many runs were scored there, and the best score. */
export function describeRungs({
  rungs,
  list,
  spec: { objective },
}: Pick<SweepDetail, 'rungs' | 'list' | 'spec'>): string[] {
  if (rungs.length === 1) return [];
  return rungs.map((rung, place) => {
    const found = list.flatMap((member) => member.rungs.filter((each) => each.rung === place));
    const scores = found.flatMap(({ score }) => (score === null ? [] : [score]));
    const [best] = scores.toSorted((one, other) => compareScores(one, other, objective));
    const text = `${describeRung(rung)}: ${found.length} of ${formatPlural(list.length, 'run')}`;
    return best === undefined ? text : `${text}, at best ${formatScore(best, objective.metric)}`;
  });
}

/** One line for each parameter: how much of the variance it explains. */
export function describeImportance(importance: readonly Importance[]): string[] {
  return importance.map(({ paths, explained, interval }) => {
    const range =
      interval === null ? '' : ` (95 % interval ${interval.map((end) => formatPercent(end)).join(' to ')})`;
    return `${paths.map((path) => shortPath(path, paths)).join(' with ')}: ${formatPercent(explained)} of the variance${range}`;
  });
}

/** Heading and rows of the table of settings, best first: values, seeds, score, evaluations of the network, time. */
export function settingsTable(
  { settings }: SweepAnalysis,
  { objective: { metric } }: Pick<SweepSpec, 'objective'>,
): string[][] {
  const paths = Object.keys(settings.at(0)?.values ?? {});
  const heading = [
    ...paths.map((path) => shortPath(path, paths)),
    'seeds',
    metricOf(metric).heading.join(' '),
    'NFE',
    'trained',
  ];
  const rows = settings.map(({ values, scored, members, mean, interval, nfe, seconds }) => [
    ...paths.map((path) => formatSwept(values[path])),
    scored === members ? String(members) : `${scored} of ${members}`,
    formatMean(mean, interval, metric),
    nfe === null ? '–' : String(Number(nfe.toFixed(1))),
    seconds === null ? '–' : formatDuration(seconds),
  ]);
  return [heading, ...rows];
}
