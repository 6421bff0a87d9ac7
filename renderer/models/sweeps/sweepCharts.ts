/** The charts of a sweep: the metric against each parameter, and the learning curves of all members. */

import { describeSetting, formatValue } from '../../../shared/sweep/expandSweep.ts';
import { logarithmicTicks, niceTicks, tickText } from '../../../shared/charts/svgFrame.ts';
import type { SvgAxis, SvgChart, SvgMark } from '../../../shared/charts/svgChart.ts';
import { runPalette } from '../../../shared/charts/runColours.ts';
import { pathsOf, type SweptMetric } from '../../../shared/sweep/sweep.ts';
import type { SweepDetail, SweepMemberView } from '../../../shared/sweep/sweepViews.ts';
import type { RunCurve } from '../charts/curve.ts';
import { metricTitle } from './sweepForm.ts';
import { fractionOf, scoreKey, type SweepColumn, sweepColumns, valueAtFraction } from './sweepColumns.ts';

/** Means are joined by a line up to so many values. */
const mostJoined = 12;

/** Returns the chart of one parameter: a dot for every scored run, and the mean at each value. */
function parameterChart(
  column: SweepColumn,
  list: readonly SweepMemberView[],
  metric: SweptMetric,
  colour: string,
): SvgChart {
  const placeOf = (member: SweepMemberView) =>
    column.kind === 'number'
      ? Number(member.values[column.key])
      : column.names.indexOf(formatValue(column.key, member.values[column.key]));
  const points = list.flatMap((member) =>
    member.score !== null && Number.isFinite(member.score) ? [[placeOf(member), member.score] as const] : [],
  );
  const groups = [...Map.groupBy(points, ([x]) => x)].sort(([one], [other]) => one - other);
  const means = groups.map(([x, own]) => [x, own.reduce((sum, [, y]) => sum + y, 0) / own.length] as const);
  const marks: SvgMark[] = [{ kind: 'points', label: '', series: 'run', colour, points }];
  if (means.length <= mostJoined && means.length < points.length)
    marks.unshift({
      kind: 'line',
      label: '',
      series: 'mean of the runs',
      colour,
      dash: [4, 3],
      points: means,
      opacity: 0.7,
    });
  return {
    title: `${metricTitle(metric).split(',')[0]} against ${column.title.split(',')[0].toLowerCase()}`,
    x: axisOf(column),
    y: { title: metricTitle(metric) },
    marks,
  };
}

function axisOf(column: SweepColumn): SvgAxis {
  if (column.kind === 'names') {
    const rows = column.names.map((_, row) => row);
    return {
      title: column.title,
      range: [-0.5, column.names.length - 0.5],
      ticks: () => rows,
      format: (row) => column.names[row] ?? '',
    };
  }
  const { title, isLogarithmic, values } = column;
  // A few values are labelled themselves, and values without a score keep their place.
  const ticks = values.length <= 6 && values.length > 1 ? { ticks: () => values } : {};
  const margin = 0.04;
  const range =
    values.length > 1
      ? { range: [valueAtFraction(column, -margin), valueAtFraction(column, 1 + margin)] as const }
      : {};
  return { title, isLogarithmic, ...ticks, ...range };
}

/** Returns a chart for each varied parameter. */
export function parameterCharts(detail: SweepDetail, isDark: boolean): SvgChart[] {
  const { spec, list } = detail;
  const paths = spec.axes.flatMap(pathsOf);
  return sweepColumns(detail)
    .filter(({ key }) => paths.includes(key))
    .map((column) =>
      parameterChart(column, list, spec.objective.metric, isDark ? runPalette[0].dark : runPalette[0].light),
    );
}

export interface CurveLook {
  readonly isDark: boolean;
  readonly grey: string;
  readonly title: string;
  readonly isLogarithmic: boolean;
}

/** Returns the learning curves of all members: the best settings in colours, with names, and stopped ones grey behind all others. */
export function learningCurves(
  { list }: Pick<SweepDetail, 'list'>,
  curves: ReadonlyMap<string, RunCurve>,
  best: readonly number[],
  { isDark, grey, title, isLogarithmic }: CurveLook,
): SvgChart {
  const tone = (index: number) => (isDark ? runPalette[index].dark : runPalette[index].light);
  const named = new Set<number>();
  const lines = list.flatMap((member): { layer: number; mark: SvgMark }[] => {
    const curve = member.runId === null ? undefined : curves.get(member.runId);
    if (!curve) return [];
    const points = curve.x.map((x, index) => [x, curve.values[index]] as const);
    const place = best.indexOf(member.setting);
    const isEnded =
      member.state === 'stopped early' || member.state === 'diverged' || member.state === 'failed';
    const line = { kind: 'line', dash: [], points, label: '', series: member.name } as const;
    if (isEnded) return [{ layer: 0, mark: { ...line, colour: grey, opacity: 0.35 } }];
    if (place < 0)
      return [{ layer: 1, mark: { ...line, colour: tone(6), opacity: best.length > 0 ? 0.4 : 0.8 } }];
    const label = named.has(member.setting) ? '' : describeSetting(member.values);
    named.add(member.setting);
    return [{ layer: 2, mark: { ...line, colour: tone(place), label } }];
  });
  return {
    title,
    hasLegend: true,
    x: { title: 'Step' },
    y: { title, isLogarithmic },
    marks: lines.sort((one, other) => one.layer - other.layer).map(({ mark }) => mark),
  };
}

/** Returns the labelled values of a column, from the bottom to the top of its axis. */
export function columnTicks(
  column: SweepColumn,
  count: number,
): { readonly value: number; readonly text: string }[] {
  if (column.kind === 'names')
    return column.names.map((text, row) => ({ value: 1 - (row + 0.5) / column.names.length, text }));
  const { low, high, isLogarithmic, values } = column;
  // A few values of a parameter are labelled themselves; scores, which may lie close together, are not.
  const isLabelled = values.length === 1 || (column.key !== scoreKey && values.length <= count);
  const own = isLabelled ? values : (isLogarithmic ? logarithmicTicks : niceTicks)(low, high, count);
  const texts = distinctTexts(own);
  return own.map((value, index) => ({ value: fractionOf(column, value), text: texts[index] }));
}

/** Returns the texts of numbers in as few digits as distinguish them, at least four. */
function distinctTexts(values: readonly number[]): string[] {
  const textsIn = (digits: number) => values.map((value) => tickText(Number(value.toPrecision(digits))));
  const digits = [4, 5, 6, 8, 10].find((each) => new Set(textsIn(each)).size === values.length) ?? 12;
  return textsIn(digits);
}
