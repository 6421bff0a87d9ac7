/** Charts of a report: training, results with their intervals, image by image, and cost. */

import type { SvgChart, SvgMark } from '../../../shared/charts/svgChart.ts';
import {
  comparableCosts,
  coverageChart,
  differenceChart,
  type NamedDistribution,
  type NamedStyle,
  qualityChart,
} from '../../../shared/comparison/comparisonCharts.ts';
import { groupCurveCharts } from '../../../shared/comparison/groupCurves.ts';
import { isClassical, type RunRow } from '../../../shared/comparison/comparisonOfRuns.ts';
import { groupByBasis } from '../../../shared/comparison/scoreBasis.ts';
import { histogramOf } from '../../../shared/comparison/pairedStatistics.ts';
import { finestDistribution, qualityCurve } from '../../../shared/comparison/qualityCurve.ts';
import { smooth } from '../../../shared/numbers/curves.ts';
import type { ReportRun } from './gatherComparison.ts';
import { pairsOfRuns, type ReportModel } from './reportModel.ts';

/** A chart and the name of its file, without extension. */
export interface ReportChart {
  readonly name: string;
  readonly chart: SvgChart;
}

/** Runs that were scored on other data or masks have charts of their own. */
export const trainingCharts = (model: ReportModel): ReportChart[] => [
  ...groupCurves(model),
  ...runCurves(model),
];
const runCurves = (model: ReportModel): ReportChart[] =>
  groupByBasis(model.runs, ({ summary }) => summary.scores).flatMap(({ basis, items }, index, groups) =>
    [lossChart(model, items), progressChart(model, items)].flatMap(orNothing).map(({ name, chart }) => ({
      name: index === 0 ? name : `${name}-${index + 1}`,
      chart: groups.length === 1 ? chart : { ...chart, title: `${chart.title}: ${basis.label}` },
    })),
  );
export const resultCharts = (model: ReportModel): ReportChart[] =>
  [intervalChart(model), firstDifferenceChart(model)].flatMap(orNothing);

/** Mean curves of groups with their bands over seeds. */
function groupCurves(model: ReportModel): ReportChart[] {
  const groups = (model.grouped?.groups ?? []).map(({ name, runs }) => {
    const first = runs.find(({ summary }) => model.styles.has(summary.id)) ?? runs[0];
    return {
      style: { ...styleOf(model, first.summary.id), name },
      runs: runs.map(({ summary, config, curves }) => ({
        basis: summary.scores,
        seed: config.seed,
        ...curves['evaluation/psnr'],
      })),
    };
  });
  return groupCurveCharts(groups, 'PSNR, dB').map((chart, index) => ({
    name: index === 0 ? 'chart-groups' : `chart-groups-${index + 1}`,
    chart,
  }));
}

export type Point = readonly [x: number, y: number];

/** Colour of classical methods, which belong to no run. */
const classicalColour = '#75757d';
const smoothing = 0.9;

/** Returns the chart as a list that is empty if there is nothing to draw. */
function orNothing(chart: ReportChart | null): ReportChart[] {
  return chart && chart.chart.marks.length > 0 ? [chart] : [];
}

/** Returns a line with the colour and dash pattern of its run. */
function runLine(model: ReportModel, runId: string, points: readonly Point[], hasDots = false): SvgMark[] {
  if (points.length === 0) return [];
  const { name, colour, dash } = styleOf(model, runId);
  return [{ kind: 'line', label: name, colour, dash, points, hasDots }];
}

function lossChart(model: ReportModel, runs: readonly ReportRun[]): ReportChart {
  const points = ({ curves: { loss } }: ReportRun) =>
    Array.from(smooth(loss.values, smoothing), (value, index): Point => [loss.steps[index], value]);
  return {
    name: 'chart-loss',
    chart: {
      title: 'Training loss, running mean',
      hasLegend: true,
      x: { title: 'step' },
      y: { title: 'loss', isLogarithmic: true },
      marks: runs.flatMap((run) => runLine(model, run.summary.id, points(run))),
    },
  };
}

function progressChart(model: ReportModel, runs: readonly ReportRun[]): ReportChart {
  const points = ({ curves }: ReportRun) =>
    curves['evaluation/psnr'].values.map((value, index): Point => [
      curves['evaluation/psnr'].processSeconds[index] / 60,
      value,
    ]);
  return {
    name: 'chart-psnr',
    chart: {
      title: 'PSNR of evaluations while training',
      hasLegend: true,
      x: { title: 'minutes of training' },
      y: { title: 'PSNR, dB' },
      marks: runs.flatMap((run) => runLine(model, run.summary.id, points(run), true)),
    },
  };
}

/** Mean PSNR with its interval: classical methods, then the row that represents each run. */
function intervalChart(model: ReportModel): ReportChart | null {
  const { comparison } = model;
  if (!comparison) return null;
  const classical = comparison.evaluation.rows
    .filter(isClassical)
    .map((row) => ({ row, colour: classicalColour }));
  const own = comparison.chosen.map(({ row, runId }) => ({ row, colour: styleOf(model, runId).colour }));
  const known = [...classical, ...own].filter(({ row }) => row.psnrInterval !== null);
  return {
    name: 'chart-results',
    chart: {
      title: 'PSNR with its 95 % interval',
      x: { title: 'PSNR, dB', range: rangeOf(known.flatMap(({ row }) => row.psnrInterval ?? [])) },
      y: { title: '', categories: known.map(({ row }) => row.method) },
      marks: known.flatMap(({ row, colour }, index): SvgMark[] => {
        if (row.psnrInterval === null || row.psnr === null || !Number.isFinite(row.psnr)) return [];
        const [low, high] = row.psnrInterval;
        return [{ kind: 'interval', colour, row: index, low, mean: row.psnr, high }];
      }),
    },
  };
}

/** Returns the range of the values with a margin at both ends; undefined if there are none. */
function rangeOf(values: readonly number[]): readonly [number, number] | undefined {
  if (values.length === 0) return undefined;
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const room = 0.04 * (high - low || 1);
  return [low - room, high + room];
}

/** Differences between the second and the first run; further runs are in the table only. */
function firstDifferenceChart(model: ReportModel): ReportChart | null {
  const [pair] = pairsOfRuns(model, 'psnr');
  const histogram = pair && histogramOf(pair.statistics.differences);
  const [, chosen] = model.comparison?.chosen ?? [];
  if (!histogram || !chosen) return null;
  const chart = differenceChart(histogram, 'PSNR, dB', styleOf(model, chosen.runId));
  const title = `PSNR of ${pair.row.method} − ${pair.reference.method}`;
  return { name: 'chart-differences', chart: { ...chart, title } };
}

/** Quality against cost, for runs that were sampled with several solvers or numbers of steps. */
export function costCharts(model: ReportModel): ReportChart[] {
  const curves = model.runs.flatMap(({ summary: { id } }) => {
    const rows = (model.comparison?.rows ?? []).filter(({ runId }) => runId === id);
    const points = qualityCurve({ rows: rows.map(({ row }) => row) });
    return points.length > 1 ? [{ ...styleOf(model, id), points }] : [];
  });
  if (curves.length === 0) return [];
  return comparableCosts(curves).map((cost) => {
    return { name: `chart-${cost}`, chart: { ...qualityChart(curves, cost), hasLegend: true } };
  });
}

export function styleOf({ styles, names }: ReportModel, runId: string): NamedStyle {
  const { light, dash } = styles.get(runId) ?? { light: classicalColour, dash: [] };
  return { name: names.get(runId) ?? runId, colour: light, dash };
}

export function calibrationCharts(model: ReportModel): ReportChart[] {
  const rows = calibratedRows(model).flatMap(({ runId, row: { distribution } }) =>
    distribution ? [{ ...styleOf(model, runId), distribution }] : [],
  );
  if (rows.length === 0) return [];
  return [{ name: 'chart-coverage', chart: coverageChart(rows) }, rankChart(rows)];
}

/** Returns the row with the most function evaluations per sample for each run. */
export function calibratedRows({ runs, comparison }: ReportModel): RunRow[] {
  return runs.flatMap(({ summary: { id } }) => {
    const own = (comparison?.rows ?? []).filter(({ runId }) => runId === id);
    const finest = finestDistribution(own.map(({ row }) => row));
    return own.filter(({ row }) => row === finest);
  });
}

/** Rank histograms as lines rather than bars, because several runs overlap. */
function rankChart(rows: readonly NamedDistribution[]): ReportChart {
  const lines = rows.map(({ name, colour, dash, distribution: { rankHistogram } }): SvgMark => ({
    kind: 'line',
    label: name,
    colour,
    dash,
    hasDots: true,
    // The number of ranks depends on the number of samples; normalised, a flat histogram is 1 for every run.
    points: rankHistogram.map((fraction, rank) => [
      rank / Math.max(1, rankHistogram.length - 1),
      fraction * rankHistogram.length,
    ]),
  }));
  return {
    name: 'chart-ranks',
    chart: {
      title: 'Rank of the truth among the samples; flat at 1 is calibrated',
      x: { title: 'Rank, from lowest (0) to highest (1)' },
      y: { title: 'Fraction × number of ranks' },
      marks: [{ kind: 'rule', from: [0, 1], to: [1, 1] }, ...lines],
    },
  };
}
