/** The content of a line chart, independent of the library that draws it. */

import type { ReferenceLine } from '../../../shared/comparison/trainingReferences.ts';
import { loggedMetrics, type MetricName } from '../../../shared/metric.ts';
import type { ChartAxis } from '../../../shared/series.ts';
import type { CheckpointRecord, SegmentRecord } from '../../../shared/run.ts';
import { lowerBound, type Curve } from './curve.ts';

export interface ChartLine {
  /** Name of the run. */
  readonly label: string;
  readonly colour: string;
  readonly dash: readonly number[];
  readonly curve: Curve;
}

export interface ChartMarker {
  readonly x: number;
  readonly label: string;
}

/** The visible part of the x axis, in its unit. */
export interface ChartRange {
  readonly from: number;
  readonly to: number;
}

export interface ChartModel {
  readonly name: MetricName;
  readonly axis: ChartAxis;
  /** Whether the smoothed curve is drawn over a faint raw one. */
  readonly isSmoothed: boolean;
  readonly isXLogarithmic: boolean;
  readonly isYLogarithmic: boolean;
  /** The first line belongs to the current run. */
  readonly lines: readonly ChartLine[];
  readonly markers: readonly ChartMarker[];
  /** What classical methods score on the same images. */
  readonly references: readonly ReferenceLine[];
  /** What is shown of the x axis at least, unless `range` says otherwise; null: the curves decide. */
  readonly extent: ChartRange | null;
  /** null: the whole axis. */
  readonly range: ChartRange | null;
}

/** Returns the smallest range that contains all of `ranges`; null for none. */
export function joinRanges(ranges: readonly ChartRange[]): ChartRange | null {
  if (ranges.length === 0) return null;
  return {
    from: Math.min(...ranges.map(({ from }) => from)),
    to: Math.max(...ranges.map(({ to }) => to)),
  };
}

/** Returns the part of the x axis on which curves have points; null if they have none. */
export function extentOf(curves: readonly Curve[]): ChartRange | null {
  return joinRanges(
    curves.filter(({ x }) => x.length > 0).map(({ x }) => ({ from: x[0], to: x[x.length - 1] })),
  );
}

/** `PSNR, dB`. */
export function metricTitle(name: MetricName): string {
  const { title, unit } = loggedMetrics[name];
  return unit ? `${title}, ${unit}` : title;
}

export interface MarkerSource {
  readonly segments: readonly SegmentRecord[];
  readonly checkpoints: readonly CheckpointRecord[];
}

/** Returns markers where the run was resumed and at its best checkpoint, one for each step, placed by the points of its curve. */
export function findMarkers({ segments, checkpoints }: MarkerSource, curve: Curve): ChartMarker[] {
  const resumed = segments.slice(1).map(({ fromStep }) => ({ step: fromStep, label: 'resumed' }));
  const best = checkpoints.filter(({ isBest }) => isBest).map(({ step }) => ({ step, label: 'best' }));
  const bySteps = Map.groupBy([...resumed, ...best], ({ step }) => step);
  return [...bySteps].flatMap(([step, markers]) => {
    const x = positionOfStep(curve, step);
    return x === null ? [] : [{ x, label: markers.map(({ label }) => label).join(', ') }];
  });
}

/** Returns the x position of a step by linear interpolation; null outside the curve. */
export function positionOfStep({ steps, x }: Curve, step: number): number | null {
  const index = lowerBound(steps, step);
  if (index === steps.length) return null;
  if (steps[index] === step) return x[index];
  if (index === 0) return null;
  const fraction = (step - steps[index - 1]) / (steps[index] - steps[index - 1]);
  return x[index - 1] + fraction * (x[index] - x[index - 1]);
}
