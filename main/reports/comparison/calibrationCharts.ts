/** Charts of what samples know of their errors. */

import type { SvgMark } from '../../../shared/pure/svgChart.ts';
import { orNothing, type Point, type ReportChart, runLine } from './reportCharts.ts';
import type { ReportModel } from './reportModel.ts';

export const calibrationCharts = (model: ReportModel): ReportChart[] =>
  [coverageChart(model), rankChart(model)].flatMap(orNothing);

function coverageChart(model: ReportModel): ReportChart {
  const marks = distributions(model).flatMap(({ runId, coverage50, coverage80, coverage90 }) =>
    runLine(
      model,
      runId,
      [
        [0.5, coverage50],
        [0.8, coverage80],
        [0.9, coverage90],
      ],
      true,
    ),
  );
  const rule: SvgMark = { kind: 'rule', from: [0, 0], to: [1, 1] };
  return {
    name: 'chart-coverage',
    chart: {
      title: 'Share of the truth inside central intervals; the straight line is calibrated',
      ...{ x: { title: 'said', range: [0, 1] }, y: { title: 'found', range: [0, 1] } },
      marks: marks.length > 0 ? [rule, ...marks] : [],
    },
  };
}

/** Lines rather than bars: those of several runs lie over one another. */
function rankChart(model: ReportModel): ReportChart {
  const marks = distributions(model).flatMap(({ runId, rankHistogram }) =>
    runLine(
      model,
      runId,
      // With other numbers of samples there are other numbers of ranks: flat is 1 for all.
      rankHistogram.map((share, rank): Point => [
        rank / Math.max(1, rankHistogram.length - 1),
        share * rankHistogram.length,
      ]),
      true,
    ),
  );
  return {
    name: 'chart-ranks',
    chart: {
      title: 'Rank of the truth among the samples; flat at 1 is calibrated',
      ...{ x: { title: 'rank, from lowest to highest' }, y: { title: 'share × ranks' } },
      marks: marks.length > 0 ? [{ kind: 'rule', from: [0, 1], to: [1, 1] }, ...marks] : [],
    },
  };
}

/** The first row with a distribution of each run. */
function distributions({ runs, comparison }: ReportModel) {
  return runs.flatMap(({ summary: { id } }) => {
    const found = comparison?.rows.find(({ runId, row }) => runId === id && row.distribution !== null);
    return found?.row.distribution ? [{ runId: id, ...found.row.distribution }] : [];
  });
}
