/** Charts of what samples know of their errors. */

import { coverageChart, type NamedDistribution } from '../../../shared/comparison/comparisonCharts.ts';
import type { RunRow } from '../../../shared/comparison/comparisonOfRuns.ts';
import { finestDistribution } from '../../../shared/comparison/qualityCurve.ts';
import type { SvgMark } from '../../../shared/charts/svgChart.ts';
import { lookOf, type ReportChart } from './reportCharts.ts';
import type { ReportModel } from './reportModel.ts';

export function calibrationCharts(model: ReportModel): ReportChart[] {
  const rows = calibratedRows(model).flatMap(({ runId, row: { distribution } }) =>
    distribution ? [{ ...lookOf(model, runId), distribution }] : [],
  );
  if (rows.length === 0) return [];
  return [{ name: 'chart-coverage', chart: coverageChart(rows) }, rankChart(rows)];
}

/** Of each run the row whose samples took the most evaluations. */
export function calibratedRows({ runs, comparison }: ReportModel): RunRow[] {
  return runs.flatMap(({ summary: { id } }) => {
    const own = (comparison?.rows ?? []).filter(({ runId }) => runId === id);
    const finest = finestDistribution(own.map(({ row }) => row));
    return own.filter(({ row }) => row === finest);
  });
}

/** Lines rather than bars: those of several runs lie over one another. */
function rankChart(rows: readonly NamedDistribution[]): ReportChart {
  const lines = rows.map(({ name, colour, dash, distribution: { rankHistogram } }): SvgMark => ({
    ...{ kind: 'line', label: name, colour, dash, hasDots: true },
    // With other numbers of samples there are other numbers of ranks: flat is 1 for all.
    points: rankHistogram.map((share, rank) => [
      rank / Math.max(1, rankHistogram.length - 1),
      share * rankHistogram.length,
    ]),
  }));
  return {
    name: 'chart-ranks',
    chart: {
      title: 'Rank of the truth among the samples; flat at 1 is calibrated',
      ...{ x: { title: 'Rank, from lowest (0) to highest (1)' }, y: { title: 'Share × number of ranks' } },
      marks: [{ kind: 'rule', from: [0, 1], to: [1, 1] }, ...lines],
    },
  };
}
