/** A report of several runs as numbers and words, before it becomes HTML or tables. */

import type { ReportRequest } from '../../../shared/comparison/comparison.ts';
import type { EvaluationRow } from '../../../shared/metric.ts';
import { commonProtocols, type ProtocolGroup } from '../../../shared/comparison/commonProtocols.ts';
import {
  type ComparisonOfRuns,
  comparisonOfRuns,
  isClassical,
  uniqueNames,
} from '../../../shared/comparison/comparisonOfRuns.ts';
import {
  type PairedMetric,
  type PairedStatistics,
  pairedStatistics,
} from '../../../shared/comparison/pairedStatistics.ts';
import { runPalette, type RunStyle } from '../../../shared/charts/runColours.ts';
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
    styles: new Map(runs.map(({ summary }, index) => [summary.id, styleAt(index)])),
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

const dashes: readonly (readonly number[])[] = [[], [6, 3], [2, 3], [8, 3, 2, 3]];

/** By its place in the report, so that the first ones differ as much as colours can, on grey paper by their dashes. */
function styleAt(index: number): RunStyle {
  return { ...runPalette[index % runPalette.length], dash: dashes[index % dashes.length] };
}

function pairOf(row: EvaluationRow, reference: EvaluationRow, metric: PairedMetric): Pair[] {
  if (!row.perImage || !reference.perImage) return [];
  const statistics = pairedStatistics(row.perImage, reference.perImage, metric);
  return statistics ? [{ row, reference, statistics }] : [];
}
