/** Charts of a report: training, results with their intervals, image by image, and cost. */

import { isClassical, type RunRow } from '../../../shared/pure/comparisonOfRuns.ts';
import { histogramOf } from '../../../shared/pure/pairedStatistics.ts';
import { smooth } from '../../../shared/pure/smooth.ts';
import type { SvgChart, SvgMark } from '../../../shared/pure/svgChart.ts';
import type { ReportRun } from './gatherComparison.ts';
import { pairsOfRuns, type ReportModel } from './reportModel.ts';

/** `name`: of its file, without the ending. */
export interface ReportChart {
  readonly name: string;
  readonly chart: SvgChart;
}

export const trainingCharts = (model: ReportModel): ReportChart[] =>
  [lossChart(model), progressChart(model)].flatMap(orNothing);
export const resultCharts = (model: ReportModel): ReportChart[] =>
  [intervalChart(model), differenceChart(model)].flatMap(orNothing);
export const costCharts = (model: ReportModel): ReportChart[] => [qualityChart(model)].flatMap(orNothing);

export type Point = readonly [x: number, y: number];

/** Classical methods belong to no run. */
const classicalColour = '#75757d';
const smoothing = 0.9;

/** Without marks there is nothing to see. */
export function orNothing(chart: ReportChart | null): ReportChart[] {
  return chart && chart.chart.marks.length > 0 ? [chart] : [];
}

/** In the colour and dash of its run. */
export function runLine(
  model: ReportModel,
  runId: string,
  points: readonly Point[],
  hasDots = false,
): SvgMark[] {
  const style = model.styles.get(runId);
  if (!style || points.length === 0) return [];
  const label = model.names.get(runId) ?? runId;
  return [{ kind: 'line', label, colour: style.light, dash: style.dash, points, hasDots }];
}

function lossChart(model: ReportModel): ReportChart {
  const points = ({ curves: { loss } }: ReportRun) =>
    Array.from(smooth(loss.values, smoothing), (value, index): Point => [loss.steps[index], value]);
  return {
    name: 'chart-loss',
    chart: {
      title: 'Training loss, running mean',
      ...{ x: { title: 'step' }, y: { title: 'loss', isLogarithmic: true } },
      marks: model.runs.flatMap((run) => runLine(model, run.summary.id, points(run))),
    },
  };
}

function progressChart(model: ReportModel): ReportChart {
  const points = ({ curves }: ReportRun) =>
    curves['evaluation/psnr'].values.map((value, index): Point => [
      curves['evaluation/psnr'].processSeconds[index] / 60,
      value,
    ]);
  return {
    name: 'chart-psnr',
    chart: {
      title: 'PSNR of evaluations while training',
      ...{ x: { title: 'minutes of training' }, y: { title: 'PSNR, dB' } },
      marks: model.runs.flatMap((run) => runLine(model, run.summary.id, points(run), true)),
    },
  };
}

/** Mean PSNR with its interval: classical methods, then the row that stands for each run. */
function intervalChart(model: ReportModel): ReportChart | null {
  const { comparison } = model;
  if (!comparison) return null;
  const classical = comparison.evaluation.rows
    .filter(isClassical)
    .map((row) => ({ row, colour: classicalColour }));
  const own = comparison.chosen.map(({ row, runId }) => ({ row, colour: colourOf(model, runId) }));
  const known = [...classical, ...own].filter(({ row }) => row.psnrInterval !== null);
  return {
    name: 'chart-results',
    chart: {
      title: 'PSNR with its 95 % interval',
      x: { title: 'PSNR, dB', range: rangeOf(known.flatMap(({ row }) => row.psnrInterval ?? [])) },
      y: { title: '', categories: known.map(({ row }) => row.method) },
      marks: known.flatMap(({ row, colour }, index): SvgMark[] => {
        if (row.psnrInterval === null || row.psnr === null) return [];
        const [low, high] = row.psnrInterval;
        return [{ kind: 'interval', colour, row: index, low, mean: row.psnr, high }];
      }),
    },
  };
}

/** All values with some room at both ends; undefined without any. */
function rangeOf(values: readonly number[]): readonly [number, number] | undefined {
  if (values.length === 0) return undefined;
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const room = 0.04 * (high - low || 1);
  return [low - room, high + room];
}

/** Differences of the second run to the first; with more runs the table tells the others. */
function differenceChart(model: ReportModel): ReportChart | null {
  const [pair] = pairsOfRuns(model, 'psnr');
  const histogram = pair && histogramOf(pair.statistics.differences);
  const [, chosen] = model.comparison?.chosen ?? [];
  if (!histogram || !chosen) return null;
  const bars = histogram.counts.map((value, index) => {
    return { from: histogram.edges[index], to: histogram.edges[index + 1], value };
  });
  const most = Math.max(...histogram.counts);
  return {
    name: 'chart-differences',
    chart: {
      title: `PSNR of ${pair.row.method} − ${pair.reference.method}`,
      ...{ x: { title: 'difference, dB' }, y: { title: 'images' } },
      marks: [
        { kind: 'bars', label: '', colour: colourOf(model, chosen.runId), bars },
        { kind: 'rule', from: [0, 0], to: [0, most] },
      ],
    },
  };
}

/** A point each number of function evaluations a sample took. */
function qualityChart(model: ReportModel): ReportChart {
  const pointsOf = (rows: readonly RunRow[]) =>
    rows
      .flatMap(({ row: { nfe, samples, psnr } }): Point[] =>
        samples === 1 && psnr !== null ? [[nfe, psnr]] : [],
      )
      .sort(([one], [other]) => one - other);
  const marks = model.runs.flatMap(({ summary: { id } }) => {
    const points = pointsOf((model.comparison?.rows ?? []).filter(({ runId }) => runId === id));
    return points.length > 1 ? runLine(model, id, points, true) : [];
  });
  return {
    name: 'chart-quality',
    chart: {
      title: 'PSNR of the posterior mean (1 NFE) and of one sample',
      ...{ x: { title: 'function evaluations (NFE)', isLogarithmic: true }, y: { title: 'PSNR, dB' } },
      marks,
    },
  };
}

function colourOf({ styles }: ReportModel, runId: string): string {
  return styles.get(runId)?.light ?? classicalColour;
}
