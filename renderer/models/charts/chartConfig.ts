/** Translates a chart model into a Chart.js configuration. */

import type {
  ChartConfiguration,
  ChartDataset,
  ChartType,
  Scale,
  Tick,
  TooltipItem,
  TooltipPositionerFunction,
} from 'chart.js';
import type { ReferenceLine } from '../../../shared/comparison/trainingReferences.ts';
import type { ChartLine, ChartMarker, ChartModel } from './chartModel.ts';
import { metricTitle } from './chartModel.ts';
import { type ChartTheme, withAlpha } from './chartTheme.ts';
import { axisTitles, clockTicks, durationTicks, formatTick, isTimeAxis } from './axisTicks.ts';
import { describePlace, describePoint } from './crosshair.ts';

/** What chartLibrary.ts adds to Chart.js. */
declare module 'chart.js' {
  interface TooltipPositionerMap {
    freeCorner: TooltipPositionerFunction<ChartType>;
  }
  // Generic because the declaration in the library is.
  interface PluginOptionsByType<TType extends ChartType> {
    markers?: MarkerOptions & { readonly chart?: TType };
  }
}

export interface MarkerOptions {
  readonly markers: readonly ChartMarker[];
  readonly references: readonly ReferenceLine[];
  readonly colour: string;
  readonly background: string;
}

type LineConfiguration = ChartConfiguration<'line', { x: number; y: number }[]>;
type ScaleOptions = NonNullable<NonNullable<LineConfiguration['options']>['scales']>[string];
type Point = { x: number; y: number };

const font = { family: 'Inter, system-ui, sans-serif', size: 12 };

/** Two Chart.js datasets per run, raw and smoothed: dataset `2 i` and `2 i + 1` belong to line `i`. */
function chartData({ lines, isSmoothed, isXLogarithmic, isYLogarithmic }: ChartModel) {
  const isShown = ({ x, y }: Point) => (!isXLogarithmic || x > 0) && (!isYLogarithmic || y > 0);
  const datasets = lines.flatMap(({ label, colour, dash, curve }): ChartDataset<'line', Point[]>[] => {
    const points = (values: readonly number[]) =>
      values.map((y, index) => ({ x: curve.x[index], y })).filter(isShown);
    const raw = points(curve.values);
    const common = { label, pointHitRadius: 0, pointHoverRadius: 4, pointHoverBackgroundColor: colour };
    // A single point makes no line.
    const pointRadius = raw.length < 30 && !isSmoothed ? 2.5 : raw.length === 1 ? 2.5 : 0;
    const rawColour = isSmoothed ? withAlpha(colour, 0.3) : colour;
    return [
      {
        ...common,
        data: raw,
        pointRadius,
        pointBackgroundColor: colour,
        borderColor: rawColour,
        borderDash: isSmoothed ? [] : [...dash],
        borderWidth: isSmoothed ? 1 : 1.5,
      },
      {
        ...common,
        data: isSmoothed ? points(curve.smoothed) : [],
        pointRadius: 0,
        pointHoverRadius: 0,
        borderColor: colour,
        borderDash: [...dash],
        borderWidth: 1.75,
      },
    ];
  });
  return { datasets };
}

/** Returns the complete configuration except for the zoom plugin. */
export function chartConfig(model: ChartModel, theme: ChartTheme): LineConfiguration {
  return {
    type: 'line',
    data: chartData(model),
    options: {
      animation: false,
      responsive: true,
      maintainAspectRatio: false,
      parsing: false,
      normalized: true,
      // The crosshair is shared by all charts of a page: `showCrosshair` draws it, not the events of one canvas.
      events: [],
      // Labels of markers are above the plot.
      layout: { padding: { right: 8, top: model.markers.length > 0 ? 16 : 4 } },
      scales: { x: xScale(model, theme), y: yScale(model, theme) },
      plugins: {
        legend: { display: false },
        markers: {
          markers: model.markers,
          references: model.references,
          colour: theme.muted,
          background: theme.background,
        },
        tooltip: tooltip(model, theme),
      },
    },
  };
}

function xScale({ axis, isXLogarithmic, extent, range }: ChartModel, theme: ChartTheme): ScaleOptions {
  return {
    ...scaleLook(theme, axisTitles[axis], isXLogarithmic),
    min: range?.from,
    max: range?.to,
    suggestedMin: extent?.from,
    suggestedMax: extent?.to,
    ...(isXLogarithmic || !isTimeAxis(axis)
      ? {}
      : {
          afterBuildTicks(scale: Scale) {
            const wanted = { min: scale.min, max: scale.max, count: Math.floor(scale.width / 90) };
            const values =
              axis === 'wallTime'
                ? clockTicks(wanted, new Date(scale.min).getTimezoneOffset())
                : durationTicks(wanted);
            scale.ticks = values.map((value) => ({ value }));
          },
        }),
    ticks: {
      color: theme.muted,
      font,
      maxRotation: 0,
      autoSkipPadding: 16,
      callback: (value: number | string, _index: number, ticks: Tick[]) =>
        formatTick(axis, Number(value), ticks.length > 1 ? ticks[1].value - ticks[0].value : 1),
    },
  };
}

function yScale({ name, isYLogarithmic, lines, references }: ChartModel, theme: ChartTheme): ScaleOptions {
  const isNegative = lines.some(({ curve }) => curve.values.some((value) => value < 0));
  return {
    ...scaleLook(theme, metricTitle(name), isYLogarithmic),
    // Leaves room around the curve, but never shows negative values that do not exist. The option `grace` would add its room after this.
    afterDataLimits(scale: Scale) {
      const levels = references.map(({ value }) => value).filter((value) => value > 0 || !isYLogarithmic);
      scale.min = Math.min(scale.min, ...levels);
      scale.max = Math.max(scale.max, ...levels);
      if (isYLogarithmic) return;
      const room = 0.04 * (scale.max - scale.min);
      scale.min = isNegative ? scale.min - room : Math.max(0, scale.min - room);
      scale.max += room;
    },
    // The same width in every chart, so that stacked charts share their left edge.
    afterFit: (scale: Scale) => {
      scale.width = 76;
    },
    ticks: {
      color: theme.muted,
      font,
      callback: (value: number | string) => String(Number(Number(value).toPrecision(4))),
      maxTicksLimit: 7,
    },
  };
}

function scaleLook(theme: ChartTheme, text: string, isLogarithmic: boolean) {
  return {
    type: isLogarithmic ? ('logarithmic' as const) : ('linear' as const),
    border: { color: theme.grid },
    grid: { color: theme.grid, tickLength: 4 },
    title: { display: true, text, color: theme.muted, font, padding: 2 },
  };
}

/** The fields of a TooltipItem that are used. */
interface PointPlace {
  readonly datasetIndex: number;
  readonly parsed: { readonly x: number | null; readonly y: number | null };
}

function tooltip({ lines }: ChartModel, theme: ChartTheme) {
  return {
    animation: false as const,
    position: 'freeCorner' as const,
    backgroundColor: withAlpha(theme.background, 0.92),
    borderColor: theme.grid,
    borderWidth: 1,
    titleColor: theme.text,
    titleFont: { ...font, weight: 500 },
    bodyColor: theme.text,
    bodyFont: font,
    padding: 8,
    caretSize: 0,
    caretPadding: 0,
    boxWidth: 10,
    boxHeight: 2,
    callbacks: {
      title: (items: TooltipItem<'line'>[]) => placeText(lines, items.at(0)),
      label(this: { dataPoints: PointPlace[] }, item: TooltipItem<'line'>) {
        return pointText(lines, item, this.dataPoints.at(0));
      },
      labelColor: ({ datasetIndex }: TooltipItem<'line'>) => {
        const colour = lines[datasetIndex / 2]?.colour ?? theme.text;
        return { borderColor: colour, backgroundColor: colour };
      },
    },
  };
}

/** Step and times of the current run's point. */
function placeText(lines: readonly ChartLine[], item: PointPlace | undefined): string {
  const at = item && findPoint(lines, item);
  return at ? describePlace(at.line, at.index) : '';
}

/** Value of a point; includes its step if that differs from the step of `first`. */
function pointText(lines: readonly ChartLine[], item: PointPlace, first: PointPlace | undefined): string {
  const at = findPoint(lines, item);
  if (!at) return '';
  const viewed = first && findPoint(lines, first);
  return describePoint(at.line, at.index, viewed ? viewed.line.curve.steps[viewed.index] : null);
}

/** Finds a point by position, not by index: points that a logarithmic axis cannot show are not drawn. */
function findPoint(lines: readonly ChartLine[], { datasetIndex, parsed }: PointPlace) {
  const line = lines.at(datasetIndex / 2);
  const index =
    line?.curve.x.findIndex((x, at) => x === parsed.x && line.curve.values[at] === parsed.y) ?? -1;
  return line && index >= 0 ? { line, index } : null;
}
