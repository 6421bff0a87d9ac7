/** Exports of a line chart for papers and slides: PNG at twice the pixels, and SVG. */

import { Chart } from 'chart.js';
import { formatSignificant } from '../../../shared/text/format.ts';
import { chartSvg, paperStyle } from '../../../shared/charts/chartSvg.ts';
import type { SvgMark } from '../../../shared/charts/svgChart.ts';
import { axisTitles, clockTicks, durationTicks, formatTick } from './axisTicks.ts';
import { chartConfig } from './chartConfig.ts';
import { prepareCharts } from './chartLibrary.ts';
import { type ChartLine, type ChartModel, metricTitle } from './chartModel.ts';
import type { ChartTheme } from './chartTheme.ts';

export interface PngRequest {
  readonly model: ChartModel;
  readonly title: string;
  readonly theme: ChartTheme;
  /** CSS pixels. */
  readonly width: number;
  readonly height: number;
}

/** Renders the chart with title, axis names and background. @throws Error when the browser cannot create the image. */
export async function renderPng({ model, title, theme, width, height }: PngRequest): Promise<Blob> {
  prepareCharts();
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  const config = chartConfig(model, theme);
  const chart = new Chart(canvas, {
    ...config,
    options: {
      ...config.options,
      responsive: false,
      devicePixelRatio: 2,
      events: [],
      layout: { padding: 12 },
      plugins: {
        ...config.options?.plugins,
        title: {
          display: true,
          text: title,
          color: theme.text,
          font: { family: 'Inter, system-ui, sans-serif', size: 14, weight: 500 },
        },
        legend: {
          display: model.lines.length > 1,
          position: 'bottom',
          // The smoothed curve of each run carries its full colour and dash.
          labels: {
            color: theme.text,
            boxHeight: 0,
            filter: ({ datasetIndex }) => (datasetIndex ?? 0) % 2 === (model.isSmoothed ? 1 : 0),
          },
        },
      },
    },
  });
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'));
  chart.destroy();
  if (!blob) throw new Error('The browser could not create the image. Try again with a smaller window.');
  return blob;
}

/** Returns an SVG document on white, with the smoothed curves over faint raw ones as on screen. */
export function lineChartSvg(model: ChartModel, title: string): string {
  const { axis, lines, range, isXLogarithmic, isYLogarithmic, name, isSmoothed } = model;
  return chartSvg(
    {
      title,
      x: {
        title: axisTitles[axis],
        isLogarithmic: isXLogarithmic,
        ...(range ? { range: [range.from, range.to] as const } : {}),
        ...timeTicks(model),
      },
      y: { title: metricTitle(name), isLogarithmic: isYLogarithmic },
      marks: [
        ...lines.flatMap((line) =>
          isSmoothed
            ? [rawMark(line), curveMark(line, line.curve.smoothed)]
            : [curveMark(line, line.curve.values)],
        ),
        ...referenceMarks(model),
      ],
    },
    { width: 900, height: 480, style: paperStyle },
  );
}

/** Dotted lines of classical methods over the whole axis, with their names and values in the legend. */
function referenceMarks({ references, lines, range }: ChartModel): SvgMark[] {
  const positions = lines.flatMap(({ curve }) => [curve.x.at(0) ?? Infinity, curve.x.at(-1) ?? -Infinity]);
  const [from, to] = range ? [range.from, range.to] : [Math.min(...positions), Math.max(...positions)];
  return references.map(({ label, value }) => ({
    kind: 'line',
    label: `${label} ${formatSignificant(value)}`,
    colour: paperStyle.muted,
    dash: [1, 3],
    points: [
      [from, value],
      [to, value],
    ],
  }));
}

/** Ticks at round times, for time axes. */
function timeTicks({ axis, isXLogarithmic }: ChartModel) {
  if (axis !== 'wallTime' && (axis !== 'processTime' || isXLogarithmic)) return {};
  const ticks = (min: number, max: number, count: number) =>
    axis === 'wallTime'
      ? clockTicks({ min, max, count }, new Date(min).getTimezoneOffset())
      : durationTicks({ min, max, count });
  const format = (value: number) => formatTick(axis, value, axis === 'wallTime' ? 60_000 : 1);
  return { ticks, format };
}

function curveMark({ label, colour, dash, curve }: ChartLine, values: readonly number[]): SvgMark {
  const points = curve.x.map((x, index) => [x, values[index]] as const);
  return { kind: 'line', label, colour, dash, points, hasDots: points.length < 30 };
}

function rawMark({ label, colour, curve }: ChartLine): SvgMark {
  const points = curve.x.map((x, index) => [x, curve.values[index]] as const);
  return {
    kind: 'line',
    label: '',
    series: `${label}, not smoothed`,
    colour,
    dash: [],
    points,
    opacity: 0.3,
  };
}
