/** Registers the parts of Chart.js that line charts need, and our own plugins. */

import {
  Chart,
  Interaction,
  Legend,
  LinearScale,
  LineController,
  LineElement,
  LogarithmicScale,
  PointElement,
  Title,
  Tooltip,
  type ChartEvent,
  type ChartType,
  type InteractionItem,
  type Plugin,
  type TooltipPositionerFunction,
} from 'chart.js';
import Zoom from 'chartjs-plugin-zoom';
import type { MarkerOptions } from './chartConfig.ts';
import { freestCorner } from './tooltipPlace.ts';

/** Interaction mode: the point of each raw curve that is nearest to the x position of the pointer. */
function nearestOfEachRun(chart: Chart, event: ChartEvent): InteractionItem[] {
  const wanted = chart.scales.x.getValueForPixel(event.x ?? 0) ?? 0;
  return chart
    .getSortedVisibleDatasetMetas()
    .filter(({ index }) => index % 2 === 0)
    .flatMap(({ index: datasetIndex, data }) => {
      const points = chart.data.datasets[datasetIndex].data as { x: number }[];
      if (points.length === 0) return [];
      const index = nearestIndex(points, wanted);
      return [{ datasetIndex, index, element: data[index] }];
    });
}

function nearestIndex(points: readonly { x: number }[], wanted: number): number {
  let low = 0;
  let high = points.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (points[middle].x < wanted) low = middle + 1;
    else high = middle;
  }
  return low > 0 && wanted - points[low - 1].x < points[low].x - wanted ? low - 1 : low;
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

/** Draws vertical lines with a label above them, and one through the point under the pointer. */
const markers: Plugin<'line', MarkerOptions> = {
  id: 'markers',
  beforeDatasetsDraw(chart, _arguments, options) {
    const active = chart.tooltip?.getActiveElements()[0]?.element.x;
    if (active !== undefined) drawUpright(chart, { x: active, dash: [], colour: options.colour });
    for (const { x, label } of options.markers ?? []) {
      const pixel = chart.scales.x.getPixelForValue(x);
      const { left, right } = chart.chartArea;
      if (pixel >= left && pixel <= right)
        drawUpright(chart, { x: pixel, dash: [3, 3], colour: options.colour, label });
    }
  },
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
  Interaction.modes.nearestOfEachRun = nearestOfEachRun;
  Tooltip.positioners.freeCorner = freeCorner;
  Chart.register(LineController, LineElement, PointElement, LinearScale, LogarithmicScale);
  Chart.register(Tooltip, Title, Legend, Zoom, background, markers);
}
