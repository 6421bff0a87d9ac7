/** Paired differences as text: the verdict at the top of a report, and the lines of its tables. */

import { comparisonVerdict, formatProbability } from '../../../shared/comparison/comparisonVerdict.ts';
import { describeGroups } from '../../../shared/comparison/comparisonOfGroups.ts';
import { signed } from '../../../shared/numbers/nonFinite.ts';
import { pairedMetrics, type PairedMetric } from '../../../shared/comparison/pairedStatistics.ts';
import { type Pair, pairedColumns, type ReportModel } from './reportModel.ts';

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

/** Returns the verdict: which run is best, by how much, with what confidence and at what cost. */
export function describeVerdict({ runs, comparison, grouped }: ReportModel): string {
  if (grouped)
    return (
      describeGroups(grouped.results) ??
      'No two of these groups were evaluated on one protocol, so none can be called the better.'
    );
  const verdict = comparison && comparisonVerdict(runs, comparison);
  return (
    verdict?.text ?? 'No two of these runs were evaluated on one protocol, so none can be called the better.'
  );
}

/** Returns one line per pair and metric, for the terminal and the report. */
export function pairLines(
  pairsOf: (metric: PairedMetric) => readonly Pair[],
  metrics: readonly PairedMetric[] = pairedColumns,
): string[][] {
  return metrics.flatMap((metric) => pairsOf(metric).map((pair) => pairLine(pair, metric)));
}

function pairLine({ row, reference, statistics }: Pair, metric: PairedMetric): string[] {
  const { title, unit } = pairedMetrics[metric];
  const { mean, wins, ties, losses, signTest } = statistics;
  const ends = mean?.interval.map((end) => formatDifference(end, metric));
  return [
    row.method,
    reference.method,
    mean === null ? '–' : `${formatDifference(mean.mean, metric)} ${unit || title}`,
    ends ? `[${ends.join(', ')}]` : '–',
    ...[wins, ties, losses].map(String),
    formatProbability(signTest),
  ];
}

/** Formats a difference with its sign and the metric's decimals. */
function formatDifference(value: number, metric: PairedMetric): string {
  return signed(value, pairedMetrics[metric].digits);
}
