/** Positions and labels of axis ticks; time axes get ticks at round times. */

import { formatCount, formatDuration } from '../../../shared/text/format.ts';
import type { ChartAxis } from '../../../shared/series.ts';

const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;
/** Possible distances between ticks, seconds. */
const spacings = [
  1,
  2,
  5,
  10,
  15,
  30,
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * minute),
  ...[1, 2, 3, 6, 12].map((hours) => hours * hour),
  ...[1, 2, 7, 14, 28, 91, 182, 364].map((days) => days * day),
];

interface TickRange {
  readonly min: number;
  readonly max: number;
  /** Approximate greatest number of ticks. */
  readonly count: number;
}

/** Returns ticks for seconds of training: multiples of a round time within [min, max]. */
export function durationTicks({ min, max, count }: TickRange): number[] {
  const wanted = (max - min) / Math.max(1, count);
  const spacing = spacings.find((candidate) => candidate >= wanted) ?? spacings[spacings.length - 1];
  const ticks: number[] = [];
  for (let tick = Math.ceil(min / spacing) * spacing; tick <= max; tick += spacing) ticks.push(tick);
  return ticks;
}

/** Returns ticks in milliseconds since 1970 that are round times in a time zone; `offsetMinutes` as from `Date.getTimezoneOffset`. */
export function clockTicks({ min, max, count }: TickRange, offsetMinutes: number): number[] {
  const offset = offsetMinutes * minute;
  const ticks = durationTicks({ min: min / 1000 - offset, max: max / 1000 - offset, count });
  return ticks.map((tick) => (tick + offset) * 1000);
}

/** Formats the label of a tick; `spacing` is the distance to the next tick in the unit of the axis. */
export function formatTick(axis: ChartAxis, value: number, spacing: number): string {
  if (axis === 'processTime') return formatDuration(value).replace(/ 0?0 (s|min)$/, '');
  if (axis === 'wallTime') return formatClock(value, spacing);
  return Number.isInteger(value) ? formatCount(value) : String(Number(value.toPrecision(4)));
}

/** Formats a position on the axis with its unit. */
export function formatPosition(axis: ChartAxis, value: number): string {
  if (axis === 'processTime') return formatDuration(value);
  if (axis === 'wallTime') return formatClock(value, 1000);
  if (axis === 'imagesSeen') return `${formatCount(value)} images`;
  return axis === 'step' ? `step ${formatCount(value)}` : `epoch ${value.toFixed(2)}`;
}

/** Whether the axis shows times. */
export function isTimeAxis(axis: ChartAxis): boolean {
  return axis === 'processTime' || axis === 'wallTime';
}

export const axisTitles: Readonly<Record<ChartAxis, string>> = {
  step: 'Step',
  epoch: 'Epoch',
  imagesSeen: 'Images seen',
  processTime: 'Training time',
  wallTime: 'Time of day',
};

/** `21:05`; `21:05:30` for close ticks; `11-23` for distant ones. */
function formatClock(milliseconds: number, spacing: number): string {
  const date = new Date(milliseconds);
  const two = (value: number) => String(value).padStart(2, '0');
  const time = `${two(date.getHours())}:${two(date.getMinutes())}`;
  const days = `${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  if (spacing >= day * 1000) return days;
  return spacing < minute * 1000 ? `${time}:${two(date.getSeconds())}` : time;
}
