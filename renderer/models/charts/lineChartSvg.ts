/** A line chart as an SVG document. */

import { chartSvg, paperLook } from '../../../shared/charts/chartSvg.ts';
import type { SvgMark } from '../../../shared/charts/svgChart.ts';
import { axisTitles, clockTicks, durationTicks, formatTick } from './axisTicks.ts';
import { metricTitle, type ChartLine, type ChartModel } from './chartModel.ts';

/** On white, the smoothed curves over faint raw ones, as they are drawn on screen. */
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
      marks: lines.flatMap((line) =>
        isSmoothed
          ? [rawMark(line), curveMark(line, line.curve.smoothed)]
          : [curveMark(line, line.curve.values)],
      ),
    },
    { width: 900, height: 480, look: paperLook },
  );
}

/** Times stand at round times. */
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

function rawMark({ colour, curve }: ChartLine): SvgMark {
  const points = curve.x.map((x, index) => [x, curve.values[index]] as const);
  return { kind: 'line', label: '', colour, dash: [], points, opacity: 0.3 };
}
