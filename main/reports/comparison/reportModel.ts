/** The contents of a report of several runs, independent of HTML and file formats. */

import {
  type ReportRequest,
  type ReportSectionId,
  reportSectionIds,
} from '../../../shared/comparison/comparison.ts';
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
import { assignRunStyles, type RunStyle } from '../../../shared/charts/runColours.ts';
import type { ReportRun } from './gatherComparison.ts';

/** Two rows compared image by image. */
export interface Pair {
  readonly row: EvaluationRow;
  readonly reference: EvaluationRow;
  readonly statistics: PairedStatistics;
}

export interface ReportModel {
  readonly title: string;
  readonly question: string;
  /** Paragraphs are separated by empty lines; may be empty. */
  readonly introduction: string;
  /** Sections to include. */
  readonly sections: readonly ReportSectionId[];
  /** Version of the program. */
  readonly version: string;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
  readonly runs: readonly ReportRun[];
  /** Unique names by run id. */
  readonly names: ReadonlyMap<string, string>;
  /** The same as in the application's comparison of these runs. */
  readonly styles: ReadonlyMap<string, RunStyle>;
  /** The protocol that most runs share; null if no run was evaluated. */
  readonly group: ProtocolGroup | null;
  readonly comparison: ComparisonOfRuns | null;
  /** Protocols whose results are not shown. */
  readonly otherGroups: readonly ProtocolGroup[];
}

/** Metrics that paired tables show. */
export const pairedColumns = ['psnr', 'ssim'] as const satisfies readonly PairedMetric[];

export function createReportModel(
  runs: readonly ReportRun[],
  from: Pick<ReportRequest, 'title' | 'question'> &
    Partial<Pick<ReportRequest, 'introduction' | 'sections'>> & {
      readonly version: string;
      readonly createdAt: string;
    },
): ReportModel {
  const [group = null, ...otherGroups] = commonProtocols(runs);
  const names = uniqueNames(runs);
  return {
    title: from.title || `Comparison of ${[...names.values()].join(', ')}`,
    question: from.question,
    introduction: from.introduction ?? '',
    sections: from.sections ?? reportSectionIds,
    version: from.version,
    createdAt: from.createdAt,
    runs,
    names,
    group,
    otherGroups,
    styles: assignRunStyles(runs.map(({ summary }) => summary.id)),
    comparison: group && comparisonOfRuns(runs, group),
  };
}

/** Compares every further run with the first, using the rows that represent them. */
export function pairsOfRuns({ comparison }: ReportModel, metric: PairedMetric): Pair[] {
  const [reference, ...others] = comparison?.chosen ?? [];
  return others.flatMap(({ row }) => pairOf(row, reference.row, metric));
}

/** Compares every run with every classical method. */
export function pairsToClassical({ comparison }: ReportModel, metric: PairedMetric): Pair[] {
  if (!comparison) return [];
  const classical = comparison.evaluation.rows.filter(isClassical);
  return comparison.chosen.flatMap(({ row }) => classical.flatMap((other) => pairOf(row, other, metric)));
}

function pairOf(row: EvaluationRow, reference: EvaluationRow, metric: PairedMetric): Pair[] {
  if (!row.perImage || !reference.perImage) return [];
  const statistics = pairedStatistics(row.perImage, reference.perImage, metric);
  return statistics ? [{ row, reference, statistics }] : [];
}
