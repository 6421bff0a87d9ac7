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
import {
  type ComparedGroup,
  groupComparedRuns,
  type GroupResult,
  groupResults,
  protocolOf,
  representGroups,
} from '../../../shared/comparison/comparisonOfGroups.ts';
import { assignRunStyles, type RunStyle } from '../../../shared/charts/runColours.ts';
import { configurationWords, type Grouping } from '../../../shared/runGroups.ts';
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
  /** Of groups one run each, which has the name of its group. */
  readonly runs: readonly ReportRun[];
  /** null: each run is compared by itself. */
  readonly grouped: GroupedReport | null;
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

/** The groups of a report and what they scored. */
export interface GroupedReport {
  readonly by: Grouping;
  readonly groups: readonly ComparedGroup<ReportRun>[];
  readonly results: readonly GroupResult[];
}

/** Metrics that paired tables show. */
export const pairedColumns = ['psnr', 'ssim'] as const satisfies readonly PairedMetric[];

export function createReportModel(
  all: readonly ReportRun[],
  from: Pick<ReportRequest, 'title' | 'question'> &
    Partial<Pick<ReportRequest, 'introduction' | 'sections' | 'groupBy'>> & {
      readonly version: string;
      readonly createdAt: string;
    },
): ReportModel {
  const { protocol: group, others: otherGroups, runs, grouped } = groupReport(all, from.groupBy ?? null);
  const names = uniqueNames(runs);
  return {
    title: from.title || `Comparison of ${[...names.values()].join(', ')}`,
    question: from.question,
    introduction: from.introduction ?? '',
    sections: from.sections ?? reportSectionIds,
    version: from.version,
    createdAt: from.createdAt,
    runs,
    grouped,
    names,
    group,
    otherGroups,
    styles: assignRunStyles(runs.map(({ summary }) => summary.id)),
    comparison: group && comparisonOfRuns(runs, group),
  };
}

/** Groups the runs of a report, if that is requested. Of each group one run represents it. */
function groupReport(all: readonly ReportRun[], by: ReportRequest['groupBy']) {
  const [protocol = null, ...others] = commonProtocols(all);
  if (by === null) return { protocol, others, runs: all, grouped: null };
  const groups = groupComparedRuns(all, by, configurationWords);
  const runs = representGroups(groups, protocol);
  const results = protocol ? groupResults(groups, comparisonOfRuns(all, protocol)) : [];
  return { protocol: protocol && protocolOf(protocol, runs), others, runs, grouped: { by, groups, results } };
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
