/** A report of several runs as numbers and words, before it becomes HTML or tables. */

import type { ReportRequest } from '../../../shared/comparison.ts';
import type { EvaluationRow } from '../../../shared/metric.ts';
import { commonProtocols, type ProtocolGroup } from '../../../shared/pure/commonProtocols.ts';
import {
  type ComparisonOfRuns,
  comparisonOfRuns,
  isClassical,
  type RunRow,
  uniqueNames,
} from '../../../shared/pure/comparisonOfRuns.ts';
import {
  type PairedMetric,
  type PairedStatistics,
  pairedStatistics,
} from '../../../shared/pure/pairedStatistics.ts';
import { assignRunStyles, type RunStyle } from '../../../shared/pure/runColours.ts';
import type { ReportRun } from './gatherComparison.ts';

/** A row against another one, image by image. */
export interface Pair {
  readonly row: EvaluationRow;
  readonly reference: EvaluationRow;
  readonly statistics: PairedStatistics;
}

export interface ReportModel {
  readonly title: string;
  readonly question: string;
  /** The program's. */
  readonly version: string;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
  readonly runs: readonly ReportRun[];
  /** Names by run id, each once. */
  readonly names: ReadonlyMap<string, string>;
  readonly styles: ReadonlyMap<string, RunStyle>;
  /** The protocol of most runs and their rows on it; null where no run was evaluated. */
  readonly group: ProtocolGroup | null;
  readonly comparison: ComparisonOfRuns | null;
  /** Protocols of which no number is shown. */
  readonly otherGroups: readonly ProtocolGroup[];
}

/** Metrics that paired tables show. */
export const pairedColumns = ['psnr', 'ssim'] as const satisfies readonly PairedMetric[];

export function createReportModel(
  runs: readonly ReportRun[],
  from: Pick<ReportRequest, 'title' | 'question'> & { readonly version: string; readonly createdAt: string },
): ReportModel {
  const [group = null, ...otherGroups] = commonProtocols(runs);
  const names = uniqueNames(runs);
  return {
    title: from.title || `Comparison of ${[...names.values()].join(', ')}`,
    ...{ question: from.question, version: from.version, createdAt: from.createdAt },
    ...{ runs, names, group, otherGroups },
    styles: assignRunStyles(runs.map(({ summary }) => summary.id)),
    comparison: group && comparisonOfRuns(runs, group),
  };
}

/** Every run after the first against the first, by the rows that stand for them. */
export function pairsOfRuns({ comparison }: ReportModel, metric: PairedMetric): Pair[] {
  const [reference, ...others] = comparison?.chosen ?? [];
  return others.flatMap(({ row }) => pairOf(row, reference.row, metric));
}

/** Every run against every classical method. */
export function pairsToClassical({ comparison }: ReportModel, metric: PairedMetric): Pair[] {
  if (!comparison) return [];
  const classical = comparison.evaluation.rows.filter(isClassical);
  return comparison.chosen.flatMap(({ row }) => classical.flatMap((other) => pairOf(row, other, metric)));
}

/** The run with the best PSNR against the next; null where there are no two with numbers of images. */
export function bestPair({ comparison }: ReportModel): { best: RunRow; next: RunRow; pair: Pair } | null {
  const quality = ({ row }: RunRow) => row.psnr ?? Infinity;
  const [best, next] = [...(comparison?.chosen ?? [])].sort((one, other) =>
    quality(one) === quality(other) ? 0 : quality(other) - quality(one),
  );
  const [pair] = best && next ? pairOf(best.row, next.row, 'psnr') : [];
  return pair ? { best, next, pair } : null;
}

function pairOf(row: EvaluationRow, reference: EvaluationRow, metric: PairedMetric): Pair[] {
  if (!row.perImage || !reference.perImage) return [];
  const statistics = pairedStatistics(row.perImage, reference.perImage, metric);
  return statistics ? [{ row, reference, statistics }] : [];
}
