/** The crosshair of linked charts: which points it shows, and the text that says their values. */

import { formatCount, formatDuration, formatSignificant } from '../../../shared/text/format.ts';
import type { ChartLine, ChartModel, ChartRange } from './chartModel.ts';
import { lowerBound, type Curve } from './curve.ts';

/** Returns the index of the value of ascending `values` that is nearest to `wanted`, the lower of two; -1 without values. */
export function nearestIndex(values: readonly number[], wanted: number): number {
  const above = lowerBound(values, wanted);
  if (above === values.length) return values.length - 1;
  return above > 0 && wanted - values[above - 1] <= values[above] - wanted ? above - 1 : above;
}

/**
 * Returns where the crosshair is drawn for a pointer at `x`: at the nearest point of the current run, the first line, or at
 * the pointer if that run has no points.
 */
export function snapPointer({ lines }: Pick<ChartModel, 'lines'>, x: number): number {
  const curve = lines.at(0)?.curve;
  const index = curve ? nearestIndex(curve.x, x) : -1;
  return curve && index >= 0 ? curve.x[index] : x;
}

/** Returns the step at a position of the crosshair: that of the nearest point of the first line that has points. */
export function stepAt({ lines }: Pick<ChartModel, 'lines'>, x: number): number | null {
  const curve = lines.find((line) => line.curve.x.length > 0)?.curve;
  return curve ? curve.steps[nearestIndex(curve.x, x)] : null;
}

/**
 * Returns the position of the point of the current run next to the crosshair, within the visible range. Without a crosshair
 * the first step leads to the newest point, or to the oldest when it goes forwards. null: the run has no visible points.
 */
export function moveCrosshair(
  { lines, range }: Pick<ChartModel, 'lines' | 'range'>,
  x: number | null,
  by: 1 | -1,
): number | null {
  const positions = visiblePositions(lines.at(0)?.curve, range);
  if (positions.length === 0) return null;
  if (x === null) return by > 0 ? positions[0] : positions[positions.length - 1];
  const next = nearestIndex(positions, x) + by;
  return positions[Math.min(Math.max(next, 0), positions.length - 1)];
}

function visiblePositions(curve: Curve | undefined, range: ChartRange | null): readonly number[] {
  if (!curve) return [];
  return range ? curve.x.filter((x) => x >= range.from && x <= range.to) : curve.x;
}

/** Step and times of a point: `step 450 · 12 s of training · 21:05:33`. */
export function describePlace({ curve }: ChartLine, index: number): string {
  const time = new Date(curve.wallTimes[index]).toLocaleTimeString('en-GB');
  return `step ${formatCount(curve.steps[index])} · ${formatDuration(curve.processSeconds[index])} of training · ${time}`;
}

/** Value of a point with the name of its run; includes its step if that is not `viewedStep`. */
export function describePoint({ curve, label }: ChartLine, index: number, viewedStep: number | null): string {
  const name = label.length > 28 ? `${label.slice(0, 27)}…` : label;
  const isElsewhere = viewedStep !== null && viewedStep !== curve.steps[index];
  const step = isElsewhere ? `, step ${formatCount(curve.steps[index])}` : '';
  const [value, smoothed] = [curve.values[index], curve.smoothed[index]].map((each) =>
    formatSignificant(each),
  );
  return `${name}: ${value}${smoothed === value ? '' : `, smoothed ${smoothed}`}${step}`;
}

/** Describes all points at the crosshair in one sentence, for screen readers; empty without points. */
export function describeCrosshair({ lines }: Pick<ChartModel, 'lines'>, x: number): string {
  const points = lines
    .map((line) => ({ line, index: nearestIndex(line.curve.x, x) }))
    .filter(({ index }) => index >= 0);
  const first = points.at(0);
  if (!first) return '';
  const viewed = first.line.curve.steps[first.index];
  const values = points.map(({ line, index }) => describePoint(line, index, viewed));
  return `${describePlace(first.line, first.index)}. ${values.join('. ')}`;
}
