/** The layout of a chart: plot area, axes and legend. */

import type { SvgAxis, SvgChart, SvgMark } from './svgChart.ts';

export interface ScaledAxis {
  readonly ticks: readonly number[];
  /** Returns the label of a tick. */
  readonly format: (tick: number) => string;
  /** Pixels; not finite where the axis cannot show the value. */
  readonly place: (value: number) => number;
}

export interface SvgFrame {
  readonly x: ScaledAxis;
  readonly y: ScaledAxis;
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
  readonly legend: readonly LegendEntry[];
}

export type LabelledMark = Extract<SvgMark, { readonly label: string }>;

export interface LegendEntry {
  readonly mark: LabelledMark;
  readonly text: string;
  readonly left: number;
  readonly top: number;
}

const legendLine = 18;
const letterWidth = 6.4;
/** Around an image, which has no axes. */
const imageMargin = 8;

export function layOut(chart: SvgChart, width: number, height: number): SvgFrame {
  const longest = Math.max(24, Math.floor(width / 16));
  const names = chart.y.categories?.map((name) => shorten(name, longest));
  const left = chart.isImage
    ? imageMargin
    : names
      ? Math.ceil(30 + letterWidth * Math.max(0, ...names.map(({ length }) => length)))
      : 68;
  const top = chart.isTitleHidden ? 12 : 34;
  const right = width - (chart.isImage ? imageMargin : 20);
  const entries = placeLegend(chart, { left, right });
  const below = chart.isImage ? imageMargin : 46;
  const bottom = height - below - (entries.at(-1)?.top ?? -legendLine) - legendLine;
  return placeAxes(chart, { left, top, right, bottom, names, entries });
}

interface PlotArea extends Pick<SvgFrame, 'left' | 'top' | 'right' | 'bottom'> {
  readonly names: readonly string[] | undefined;
  /** Placed below an area that ends at 0. */
  readonly entries: readonly LegendEntry[];
}

function placeAxes(chart: SvgChart, area: PlotArea): SvgFrame {
  const { left, top, right, bottom, names, entries } = chart.isImage ? fitImage(chart, area) : area;
  return {
    x: scaleAxis(chart.x, valuesAlong(chart, 0), {
      from: left,
      to: right,
      every: 80,
      room: hasDots(chart) ? 0.03 : 0,
    }),
    y: names
      ? rowAxis(names, { from: bottom, to: top })
      : scaleAxis(chart.y, valuesAlong(chart, 1), { from: bottom, to: top, every: 40, room: 0.04 }),
    left,
    top,
    right,
    bottom,
    legend: entries.map((entry) => ({ ...entry, top: entry.top + bottom + (chart.isImage ? 20 : 56) })),
  };
}

/** Shortens the longer side of the area until one unit of both axes is equally long. */
function fitImage({ x, y }: SvgChart, area: PlotArea): PlotArea {
  const { left, top, right, bottom } = area;
  const span = ({ range = [0, 1] }: SvgAxis) => Math.abs(range[1] - range[0]);
  const unit = Math.min((right - left) / span(x), (bottom - top) / span(y));
  return { ...area, right: left + unit * span(x), bottom: top + unit * span(y) };
}

/** They want to be seen whole, at the ends of the axis too. */
function hasDots({ marks }: SvgChart): boolean {
  return marks.some((mark) => mark.kind === 'points' || (mark.kind === 'line' && mark.hasDots));
}

/** From left to right, in as many lines as it takes. */
function placeLegend(
  { marks, hasLegend }: SvgChart,
  { left, right }: { left: number; right: number },
): LegendEntry[] {
  const labelled = marks.filter((mark): mark is LabelledMark => 'label' in mark && mark.label !== '');
  const hasScale = labelled.some(({ kind }) => kind === 'cells');
  if (labelled.length < (hasLegend || hasScale ? 1 : 2)) return [];
  const at = { left, top: 0 };
  return labelled.map((mark) => {
    const text = shorten(mark.label);
    const width = 46 + letterWidth * text.length;
    if (at.left > left && at.left + width > right) Object.assign(at, { left, top: at.top + legendLine });
    const entry = { mark, text, ...at };
    at.left += width;
    return entry;
  });
}

function rowAxis(names: readonly string[], { from, to }: { from: number; to: number }): ScaledAxis {
  return {
    ticks: names.map((_, row) => row),
    format: (row) => names[row] ?? '',
    place: (row) => rounded(to + ((row + 0.5) / names.length) * (from - to)),
  };
}

function scaleAxis(
  axis: SvgAxis,
  values: Iterable<number>,
  { from, to, every, room }: { from: number; to: number; every: number; room: number },
): ScaledAxis {
  const isLogarithmic = axis.isLogarithmic === true;
  const [scaled, unscaled] = isLogarithmic
    ? [Math.log10, (power: number) => 10 ** power]
    : [(value: number) => value, (value: number) => value];
  const [least, most] = (axis.range ?? rangeOf(values, isLogarithmic)).map(scaled);
  const margin = axis.range ? 0 : room * (most - least);
  // Bars start at zero; an axis of values that are never negative does not extend below it.
  const lowest = !isLogarithmic && least >= 0 ? 0 : -Infinity;
  const [low, high] = [Math.max(lowest, least - margin), most + margin];
  const [min, max] = [unscaled(low), unscaled(high)];
  const count = Math.max(2, Math.floor(Math.abs(to - from) / every));
  return {
    ticks: axis.ticks?.(min, max, count) ?? (isLogarithmic ? logarithmicTicks : niceTicks)(min, max, count),
    format: axis.format ?? tickText,
    place: (value) => rounded(from + ((scaled(value) - low) / (high - low)) * (to - from)),
  };
}

/** Returns a range that is never empty; a single value is in its middle. */
function rangeOf(values: Iterable<number>, isLogarithmic: boolean): readonly [number, number] {
  let [min, max] = [Infinity, -Infinity];
  for (const value of values) {
    if (!Number.isFinite(value) || (isLogarithmic && value <= 0)) continue;
    [min, max] = [Math.min(min, value), Math.max(max, value)];
  }
  if (min > max) return isLogarithmic ? [1, 10] : [0, 1];
  if (min < max) return [min, max];
  const half = (Math.abs(min) || 1) / 10;
  return isLogarithmic ? [min / 2, min * 2] : [min - half, min + half];
}

function* valuesAlong({ marks }: SvgChart, axis: 0 | 1): Generator<number> {
  for (const mark of marks) {
    if (mark.kind === 'bars')
      for (const { from, to, value } of mark.bars) yield* axis === 0 ? [from, to] : [0, value];
    else if (mark.kind === 'interval') yield* axis === 0 ? [mark.low, mark.mean, mark.high] : [];
    else if (mark.kind === 'cells')
      yield* [0, axis === 0 ? mark.columns : mark.colours.length / mark.columns];
    else if (mark.kind === 'rule') yield* [mark.from[axis], mark.to[axis]];
    else for (const point of mark.points) yield point[axis];
  }
}

function shorten(name: string, longest = 34): string {
  return name.length > longest ? `${name.slice(0, longest - 1)}…` : name;
}

/** A tenth of a pixel is enough. */
function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}

/** Multiples of 1, 2 or 5 times a power of ten inside [min, max], about so many at most. */
export function niceTicks(min: number, max: number, count: number): number[] {
  if (!(max > min)) return [min];
  const wanted = (max - min) / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(wanted));
  const spacing = power * ([1, 2, 5].find((factor) => factor * power >= wanted * (1 - 1e-9)) ?? 10);
  const first = Math.ceil(min / spacing - 1e-9);
  const last = Math.floor(max / spacing + 1e-9);
  // Multiplied, not added up: 0.1 + 0.2 would be written with all its digits.
  return Array.from({ length: last - first + 1 }, (_, index) => cleaned((first + index) * spacing));
}

/** Powers of ten inside [min, max]; between close ends also their multiples, as many as it takes. Both ends above 0. */
export function logarithmicTicks(min: number, max: number): number[] {
  const powers = Array.from(
    { length: Math.floor(Math.log10(max)) - Math.floor(Math.log10(min)) + 1 },
    (_, index) => 10 ** (Math.floor(Math.log10(min)) + index),
  );
  const isInside = (value: number) => value >= min * (1 - 1e-9) && value <= max * (1 + 1e-9);
  const plain = powers.filter(isInside);
  if (plain.length > 2) return plain;
  const multiples = (factors: readonly number[]) =>
    powers.flatMap((power) => factors.map((factor) => cleaned(factor * power))).filter(isInside);
  const few = multiples([1, 2, 5]);
  if (few.length > 2) return few;
  const more = multiples([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  return more.length > 2 ? more : niceTicks(min, max, 4);
}

/** Without the noise of binary fractions; very large and very small ones with an exponent. */
export function tickText(value: number): string {
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e6)) return value.toExponential(2).replace(/\.?0+e/, 'e');
  return String(cleaned(value)).replace('-', '−');
}

function cleaned(value: number): number {
  return Number(value.toPrecision(12));
}
