/** Times that are only roughly known, as text. */

import { formatCount } from './format.ts';

/** How long something is expected to take. */
export interface TimeEstimate {
  /** null while nothing is known of the speed of this machine. */
  readonly seconds: number | null;
  /** Where it probably lies, shortest first; null as `seconds`. */
  readonly range: readonly [number, number] | null;
  /** Where the estimate comes from, in one sentence. */
  readonly explanation: string;
}

/** `about 3 s`, `2 to 5 s`, `under 1 s`, `1 to 3 min`, or `not known yet`. */
export function describeTime({ seconds, range }: TimeEstimate): string {
  if (seconds === null || range === null) return 'not known yet';
  if (range[1] < 1) return 'under 1 s';
  const text = formatRange(seconds, range, formatRoughDuration);
  if (range[0] < 0.5) return `up to ${formatRoughDuration(range[1])}`;
  return text.includes(' to ') ? text : `about ${text}`;
}

/** Ranges narrower than this factor are shown as one number. */
const narrow = 1.25;

/** Writes a unit that both ends share once. */
export function formatRange(
  value: number,
  range: readonly [number, number] | null,
  format: (value: number) => string,
): string {
  if (range === null || range[1] < narrow * range[0]) return format(value);
  const [low, high] = range.map(format);
  if (low === high) return low;
  const [lowParts, highParts] = [low, high].map((text) => text.split(' '));
  const isUnitShared = lowParts.length === 2 && highParts.length === 2 && lowParts[1] === highParts[1];
  return `${isUnitShared ? lowParts[0] : low} to ${high}`;
}

/** Formats a duration that is only roughly known: `40 s`, `12 min`, `9 h`, `5 days`. */
export function formatRoughDuration(seconds: number): string {
  const [size, unit] = (
    [
      [86_400, 'days'],
      [3600, 'h'],
      [60, 'min'],
      [1, 's'],
    ] as const
  ).find(([each]) => seconds >= 1.5 * each || each === 1) ?? [1, 's'];
  return `${formatCount(Math.max(1, Number((seconds / size).toPrecision(2))))} ${unit}`;
}
