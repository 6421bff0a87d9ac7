/** Paired differences in words: the sentence at the top of a report, and the lines of its tables. */

import { formatDuration, formatPlural } from '../../../shared/pure/format.ts';
import { pairedMetrics, type PairedMetric } from '../../../shared/pure/pairedStatistics.ts';
import { bestPair, type Pair, pairedColumns, type ReportModel } from './reportModel.ts';

export const pairHeadings = [
  'Run',
  'against',
  'difference',
  '95 % interval',
  'wins',
  'ties',
  'losses',
  'sign test',
] as const;

/** Which run is the best, by how much, how surely, on how many images and at what cost. */
export function describeVerdict(model: ReportModel): string {
  const found = bestPair(model);
  if (!found)
    return 'No two of these runs have numbers per image on one protocol, so none can be called the better.';
  const { best, next, pair } = found;
  const { mean, images, wins, losses, ties } = pair.statistics;
  const name = (runId: string) => `“${model.names.get(runId) ?? runId}”`;
  const counts = `it is the better on ${wins}, the worse on ${losses}${ties > 0 ? `, as good on ${ties}` : ''}`;
  const on = `on ${formatPlural(images, 'image')}`;
  const cost = `Trained: ${costs(model)}.`;
  if (mean === null) return `${name(best.runId)} has the highest PSNR ${on}; ${counts}. ${cost}`;
  const [low, high] = mean.interval.map((end) => formatDifference(end, 'psnr'));
  const by = `${formatDifference(mean.mean, 'psnr')} dB PSNR (95 % interval ${low} to ${high})`;
  const isSure = mean.interval[0] > 0;
  const start = isSure
    ? `${name(best.runId)} is better than ${name(next.runId)} by ${by} ${on}`
    : `${name(best.runId)} and ${name(next.runId)} cannot be told apart ${on}: the difference is ${by}`;
  return `${start}; ${counts} (sign test ${formatProbability(pair.statistics.signTest)}). ${cost}`;
}

/** One line a pair and metric, for the terminal and the report. */
export function pairLines(pairsOf: (metric: PairedMetric) => readonly Pair[]): string[][] {
  return pairedColumns.flatMap((metric) => pairsOf(metric).map((pair) => pairLine(pair, metric)));
}

function pairLine({ row, reference, statistics }: Pair, metric: PairedMetric): string[] {
  const { title, unit } = pairedMetrics[metric];
  const { mean, wins, ties, losses, signTest } = statistics;
  const ends = mean?.interval.map((end) => formatDifference(end, metric));
  return [
    ...[row.method, reference.method],
    mean === null ? '–' : `${formatDifference(mean.mean, metric)} ${unit || title}`,
    ends ? `[${ends.join(', ')}]` : '–',
    ...[wins, ties, losses].map(String),
    formatProbability(signTest),
  ];
}

/** `p = 0.031`, `p < 0.0001`. */
export function formatProbability(p: number): string {
  return p < 1e-4 ? 'p < 0.0001' : `p = ${Number(p.toPrecision(2))}`;
}

/** With its sign and the metric's decimals. */
function formatDifference(value: number, metric: PairedMetric): string {
  const text = Math.abs(value).toFixed(pairedMetrics[metric].digits);
  return `${value < 0 ? '−' : '+'}${text}`;
}

function costs({ runs, names }: ReportModel): string {
  return runs
    .map(
      ({ summary }) => `“${names.get(summary.id) ?? summary.id}” ${formatDuration(summary.processSeconds)}`,
    )
    .join(', ');
}
