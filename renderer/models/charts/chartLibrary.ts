/** Registers the parts of Chart.js that line charts need, and our own plugins. */

import {
  Chart,
  Legend,
  LinearScale,
  LineController,
  LineElement,
  LogarithmicScale,
  PointElement,
  Title,
  Tooltip,
  type ActiveElement,
  type ChartType,
  type Plugin,
  type TooltipPositionerFunction,
} from 'chart.js';
import Zoom from 'chartjs-plugin-zoom';
import { formatSignificant } from '../../../shared/text/format.ts';
import type { MarkerOptions } from './chartConfig.ts';
import { nearestIndex } from './crosshair.ts';
import { freeStart, placeLabels } from './referenceLabels.ts';
import { freestCorner } from './tooltipPlace.ts';

/** Where the crosshair of a chart is drawn, in the unit of its x axis. */
const crosshairs = new WeakMap<Chart, number>();

/**
 * Draws the crosshair at a position of the x axis, with the nearest point of each run and their values; null hides it.
 * `y`: of the pointer, pixels, if it is over this chart.
 */
export function showCrosshair(chart: Chart<'line', Point[]>, x: number | null, y: number | null): void {
  const scale = chart.scales.x;
  const isShown = x !== null && x >= scale.min && x <= scale.max;
  if (isShown) crosshairs.set(chart as Chart, x);
  else crosshairs.delete(chart as Chart);
  const points = isShown ? nearestOfEachRun(chart, x) : [];
  chart.setActiveElements(points);
  const pixel = isShown ? scale.getPixelForValue(x) : 0;
  // Above the canvas, the pointer is over no corner that the tooltip could take.
  chart.tooltip?.setActiveElements(points, { x: pixel, y: y ?? -1000 });
  chart.draw();
}

type Point = { x: number; y: number };

/** The point of each raw curve that is nearest to a position of the x axis, if it is visible. */
function nearestOfEachRun(chart: Chart<'line', Point[]>, x: number): ActiveElement[] {
  const { min, max } = chart.scales.x;
  return chart
    .getSortedVisibleDatasetMetas()
    .filter(({ index }) => index % 2 === 0)
    .flatMap(({ index: datasetIndex, data }) => {
      const positions = chart.data.datasets[datasetIndex].data.map((point) => point.x);
      const index = nearestIndex(positions, x);
      if (index < 0 || positions[index] < min || positions[index] > max) return [];
      return [{ datasetIndex, index, element: data[index] }];
    });
}

/** Size of a tooltip that has not been drawn yet, pixels. */
const firstSize = { width: 240, height: 64 };

/** Places the tooltip in the corner where it hides least of the curves. */
const freeCorner: TooltipPositionerFunction<ChartType> = function (_items, pointer) {
  const { chart, width, height } = this as typeof this & Partial<typeof firstSize>;
  const { x, y, box } = freestCorner(
    chart.chartArea,
    { width: width || firstSize.width, height: height || firstSize.height },
    { x: pointer.x ?? 0, y: pointer.y ?? 0 },
    chart.getSortedVisibleDatasetMetas().map(({ data }) => data),
  );
  return { x: box[x], y: box[y], xAlign: x, yAlign: y };
};

/** Draws vertical lines with a label above them, the lines of classical methods, and the crosshair. */
const markers: Plugin<'line', MarkerOptions> = {
  id: 'markers',
  beforeDatasetsDraw(chart, _arguments, options) {
    const crosshair = crosshairs.get(chart as Chart);
    if (crosshair !== undefined) {
      const x = chart.scales.x.getPixelForValue(crosshair);
      drawUpright(chart, { x, dash: [], colour: options.colour });
    }
    for (const { x, label } of options.markers ?? []) {
      const pixel = chart.scales.x.getPixelForValue(x);
      const { left, right } = chart.chartArea;
      if (pixel >= left && pixel <= right)
        drawUpright(chart, { x: pixel, dash: [3, 3], colour: options.colour, label });
    }
    drawReferences(chart, options, 'lines');
  },
  // Curves do not cover the labels.
  afterDatasetsDraw: (chart, _arguments, options) => drawReferences(chart, options, 'labels'),
};

function drawUpright(
  { ctx, chartArea: { top, bottom, right } }: Chart,
  line: { x: number; dash: number[]; colour: string; label?: string },
): void {
  ctx.save();
  ctx.strokeStyle = line.colour;
  ctx.fillStyle = line.colour;
  ctx.setLineDash(line.dash);
  ctx.beginPath();
  ctx.moveTo(line.x, top);
  ctx.lineTo(line.x, bottom);
  ctx.stroke();
  if (line.label !== undefined) {
    const isAtEnd = right - line.x < 60;
    ctx.font = '500 11px Inter, sans-serif';
    ctx.textAlign = isAtEnd ? 'right' : 'left';
    // Above the plot, where no curve is.
    ctx.textBaseline = 'bottom';
    ctx.fillText(line.label, line.x + (isAtEnd ? 0 : -2), top - 2);
  }
  ctx.restore();
}

const labelHeight = 13;

/** Draws the dotted lines of classical methods, which no run is drawn with, or their labels where they cover least of the curves. */
function drawReferences(
  chart: Chart,
  { references, ...look }: MarkerOptions,
  part: 'lines' | 'labels',
): void {
  const { ctx, chartArea, scales } = chart;
  const { left, right, top, bottom: base } = chartArea;
  const shown = (references ?? [])
    .map(({ label, value }) => ({
      text: `${label} ${formatSignificant(value)}`,
      y: scales.y.getPixelForValue(value),
    }))
    .filter(({ y }) => y >= top && y <= base);
  ctx.save();
  ctx.strokeStyle = part === 'lines' ? look.colour : look.background;
  ctx.fillStyle = look.colour;
  ctx.setLineDash(part === 'lines' ? [1, 3] : []);
  ctx.lineWidth = part === 'lines' ? 1.25 : 3;
  ctx.lineJoin = 'round';
  ctx.font = '500 11px Inter, sans-serif';
  ctx.textAlign = 'left';
  ctx.textBaseline = 'bottom';
  const places = placeLabels(
    shown.map(({ y }) => y),
    { top, bottom: base, height: labelHeight },
  );
  const curves = part === 'labels' ? chart.getSortedVisibleDatasetMetas().map(({ data }) => data) : [];
  shown.forEach(({ text, y }, index) => {
    if (part === 'lines') {
      ctx.beginPath();
      ctx.moveTo(left, y);
      ctx.lineTo(right, y);
      ctx.stroke();
      return;
    }
    const bottom = places[index];
    const label = { width: ctx.measureText(text).width, top: bottom - labelHeight, bottom };
    const x = freeStart(label, { left: left + 4, right: right - 4 }, curves);
    ctx.strokeText(text, x, bottom);
    ctx.fillText(text, x, bottom);
  });
  ctx.restore();
}

/** Paints the background; an exported image would be transparent otherwise. */
const background: Plugin<'line', MarkerOptions> = {
  id: 'background',
  beforeDraw({ ctx, width, height, options }) {
    const colour = options.plugins?.markers?.background;
    if (colour === undefined) return;
    ctx.save();
    ctx.fillStyle = colour;
    ctx.fillRect(0, 0, width, height);
    ctx.restore();
  },
};

/** Registers everything; repeated calls have no effect. */
export function prepareCharts(): void {
  Tooltip.positioners.freeCorner = freeCorner;
  Chart.register(LineController, LineElement, PointElement, LinearScale, LogarithmicScale);
  Chart.register(Tooltip, Title, Legend, Zoom, background, markers);
}
