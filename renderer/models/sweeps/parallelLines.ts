/** Parallel coordinates: one axis a column, one line a run; where they lie, and how they are drawn. */

import { runPalette } from '../../../shared/charts/runColours.ts';
import { isHigherBetter } from '../../../shared/sweep/sweepScore.ts';
import type { SweepDetail, SweepMemberView } from '../../../shared/sweep/sweepViews.ts';
import { type ChartTheme, withAlpha } from '../charts/chartTheme.ts';
import { columnTicks } from './sweepCharts.ts';
import {
  fractionOf,
  isBrushed,
  placeOn,
  scoreKey,
  type SweepBrushes,
  type SweepColumn,
} from './sweepColumns.ts';

export interface PlotLayout {
  readonly width: number;
  readonly height: number;
  readonly top: number;
  readonly bottom: number;
  /** Of each axis, from the left. */
  readonly xs: readonly number[];
}

const margin = { top: 30, bottom: 10, left: 64, right: 84 };

export function layOutLines(
  columns: readonly SweepColumn[],
  { width, height }: { readonly width: number; readonly height: number },
): PlotLayout {
  const [left, right] = [margin.left, width - margin.right];
  const xs = columns.map((_, index) =>
    columns.length === 1 ? (left + right) / 2 : left + (index * (right - left)) / (columns.length - 1),
  );
  return { width, height, top: margin.top, bottom: height - margin.bottom, xs };
}

/** Pixels around an axis in which a drag filters it. */
const reach = 28;

/** Returns the axis at a point and the place on it, 0 to 1; null: there is none. */
export function placeAt(
  { xs, top, bottom }: PlotLayout,
  { x, y }: { readonly x: number; readonly y: number },
): { readonly axis: number; readonly fraction: number } | null {
  const axis = xs.findIndex((each) => Math.abs(each - x) <= reach);
  if (axis < 0) return null;
  return { axis, fraction: Math.min(1, Math.max(0, (bottom - y) / (bottom - top))) };
}

/** The line of a run. */
export interface LineStroke {
  readonly member: SweepMemberView;
  /** On each axis, 0 to 1; null: it ends before. */
  readonly places: readonly (number | null)[];
  /** Among the scored runs, 0: worst, 1: best; null: not scored. */
  readonly rank: number | null;
}

/** Returns the lines in the order in which they are drawn: the best last, on top of all others. */
export function lineStrokes(
  { list, spec }: Pick<SweepDetail, 'list' | 'spec'>,
  columns: readonly SweepColumn[],
): LineStroke[] {
  const sign = isHigherBetter(spec.objective) ? 1 : -1;
  const scored = list.filter(({ score }) => score !== null && Number.isFinite(score));
  const sorted = scored.map(({ score }) => sign * (score ?? 0)).sort((one, other) => one - other);
  const rankOf = (score: number | null) =>
    score === null || !Number.isFinite(score)
      ? null
      : sorted.length < 2
        ? 1
        : sorted.lastIndexOf(sign * score) / (sorted.length - 1);
  const ranks = new Map(scored.map(({ score }) => [score, rankOf(score)]));
  return list
    .map((member) => ({
      member,
      places: columns.map((column) => placeOn(column, member)),
      rank: ranks.get(member.score) ?? null,
    }))
    .sort((one, other) => (one.rank ?? -1) - (other.rank ?? -1));
}

export interface LinePlot {
  readonly layout: PlotLayout;
  readonly columns: readonly SweepColumn[];
  readonly strokes: readonly LineStroke[];
  readonly brushes: SweepBrushes;
  readonly drag: { readonly axis: number; readonly from: number; readonly to: number } | null;
  readonly theme: ChartTheme;
}

export function drawLines(context: CanvasRenderingContext2D, plot: LinePlot): void {
  const { layout, theme } = plot;
  context.clearRect(0, 0, layout.width, layout.height);
  context.lineJoin = 'round';
  const isShown = (stroke: LineStroke) => isBrushed(stroke.member, plot.brushes);
  const hidden = plot.strokes.filter((stroke) => !isShown(stroke));
  for (const stroke of hidden)
    drawStroke(context, layout, stroke, { colour: withAlpha(theme.text, 0.06), width: 1 });
  const shown = plot.strokes.filter(isShown);
  // Many lines are drawn fainter, so that dense places stand out.
  const alpha = shown.length > 300 ? 0.3 : shown.length > 60 ? 0.5 : 0.85;
  for (const stroke of shown) drawStroke(context, layout, stroke, lookOf(stroke, theme, alpha));
  plot.columns.forEach((column, axis) => drawAxis(context, plot, column, axis));
}

interface StrokeLook {
  readonly colour: string;
  readonly width: number;
}

/** From grey for the worst to blue for the best, which is orange itself. */
function lookOf({ rank }: LineStroke, { isDark, text }: ChartTheme, alpha: number): StrokeLook {
  const tone = (index: number) => (isDark ? runPalette[index].dark : runPalette[index].light);
  if (rank === null) return { colour: withAlpha(text, 0.2), width: 1 };
  if (rank === 1) return { colour: tone(1), width: 2.5 };
  return { colour: withAlpha(mix(tone(6), tone(0), rank ** 2), alpha * (0.35 + 0.65 * rank)), width: 1.25 };
}

function mix(from: string, to: string, fraction: number): string {
  const parts = (colour: string) => [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
  const [one, other] = [parts(from), parts(to)];
  return `rgb(${one.map((part, index) => Math.round(part + fraction * (other[index] - part))).join(', ')})`;
}

function drawStroke(
  context: CanvasRenderingContext2D,
  { xs, top, bottom }: PlotLayout,
  { places }: LineStroke,
  { colour, width }: StrokeLook,
): void {
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.beginPath();
  places.forEach((place, axis) => {
    if (place === null) return;
    const y = bottom - place * (bottom - top);
    if (axis === 0) context.moveTo(xs[axis], y);
    else context.lineTo(xs[axis], y);
  });
  context.stroke();
}

const font = (weight: number) => `${weight} 12px Inter, system-ui, sans-serif`;
const mostTicks = 7;

function drawAxis(
  context: CanvasRenderingContext2D,
  { layout, brushes, drag, theme, columns }: LinePlot,
  column: SweepColumn,
  axis: number,
): void {
  const { xs, top, bottom } = layout;
  const x = xs[axis];
  const yOf = (place: number) => bottom - place * (bottom - top);
  context.strokeStyle = theme.muted;
  context.lineWidth = 1;
  context.beginPath();
  context.moveTo(x, top);
  context.lineTo(x, bottom);
  context.stroke();
  for (const [low, high] of rangesOf(column, brushes, drag?.axis === axis ? drag : null)) {
    context.fillStyle = withAlpha(theme.accent, 0.25);
    context.strokeStyle = theme.accent;
    context.fillRect(x - 7, yOf(high), 14, yOf(low) - yOf(high));
    context.strokeRect(x - 7, yOf(high), 14, yOf(low) - yOf(high));
  }
  const isLast = axis === columns.length - 1;
  context.textBaseline = 'middle';
  context.font = font(400);
  for (const { value, text } of columnTicks(column, mostTicks))
    drawText(
      context,
      { text, x: x + (isLast ? 11 : -11), y: yOf(value), align: isLast ? 'left' : 'right' },
      theme,
    );
  context.font = font(600);
  drawText(
    context,
    { text: fitTitle(context, column.title, layout, axis), x, y: 10, align: 'center' },
    theme,
  );
}

function drawText(
  context: CanvasRenderingContext2D,
  {
    text,
    x,
    y,
    align,
  }: { readonly text: string; readonly x: number; readonly y: number; readonly align: CanvasTextAlign },
  theme: ChartTheme,
): void {
  context.textAlign = align;
  context.strokeStyle = withAlpha(theme.background, 0.85);
  context.lineWidth = 4;
  context.strokeText(text, x, y);
  context.fillStyle = theme.text;
  context.fillText(text, x, y);
}

/** Shortens a title to the room between its neighbours. */
function fitTitle(
  context: CanvasRenderingContext2D,
  title: string,
  { xs, width }: PlotLayout,
  axis: number,
): string {
  const gap = xs.length > 1 ? xs[1] - xs[0] : width;
  const room = Math.min(gap - 8, 2 * xs[axis], 2 * (width - xs[axis]));
  let text = title;
  while (text.length > 4 && context.measureText(text).width > room) text = `${text.slice(0, -2).trimEnd()}…`;
  return text;
}

/** Returns the places that a brush or a drag covers. */
function rangesOf(
  column: SweepColumn,
  brushes: SweepBrushes,
  drag: { readonly from: number; readonly to: number } | null,
): (readonly [number, number])[] {
  if (drag) return [[Math.min(drag.from, drag.to), Math.max(drag.from, drag.to)]];
  const brush = brushes[column.key];
  if (brush === undefined) return [];
  if (brush.kind === 'number' && column.kind === 'number') {
    const clamped = (fraction: number) =>
      Number.isFinite(fraction) ? Math.min(1, Math.max(0, fraction)) : 0;
    const low = brush.from === null ? 0 : clamped(fractionOf(column, brush.from));
    const high = brush.to === null ? 1 : clamped(fractionOf(column, brush.to));
    return [[low, high]];
  }
  if (brush.kind !== 'names' || column.kind !== 'names') return [];
  const half = 0.4 / column.names.length;
  return column.names.flatMap((name, row) => {
    const place = 1 - (row + 0.5) / column.names.length;
    return brush.names.includes(name) ? [[place - half, place + half] as const] : [];
  });
}

/** Whether a sweep has enough axes for lines. */
export function hasLines(columns: readonly SweepColumn[]): boolean {
  return columns.some(({ key }) => key !== scoreKey);
}
