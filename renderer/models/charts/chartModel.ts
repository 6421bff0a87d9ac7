/** What a line chart shows, free of the library that draws it. */

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

/** What is seen of the x axis, in its unit. */
export interface ChartRange {
  readonly from: number;
  readonly to: number;
}

export interface ChartModel {
  readonly name: MetricName;
  readonly axis: ChartAxis;
  /** true: the smoothed curve is drawn over a faint raw one. */
  readonly isSmoothed: boolean;
  readonly isXLogarithmic: boolean;
  readonly isYLogarithmic: boolean;
  /** The first belongs to the run that is viewed. */
  readonly lines: readonly ChartLine[];
  readonly markers: readonly ChartMarker[];
  /** null: everything. */
  readonly range: ChartRange | null;
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

/** Where the run was resumed, and its best checkpoint; on any axis, by the points of its curve. */
export function findMarkers({ segments, checkpoints }: MarkerSource, curve: Curve): ChartMarker[] {
  const resumed = segments.slice(1).map(({ fromStep }) => ({ step: fromStep, label: 'resumed' }));
  const best = checkpoints.filter(({ isBest }) => isBest).map(({ step }) => ({ step, label: 'best' }));
  return [...resumed, ...best].flatMap(({ step, label }) => {
    const x = positionOfStep(curve, step);
    return x === null ? [] : [{ x, label }];
  });
}

/** Between the points around the step, in proportion; null outside the curve. */
export function positionOfStep({ steps, x }: Curve, step: number): number | null {
  const index = lowerBound(steps, step);
  if (index === steps.length) return null;
  if (steps[index] === step) return x[index];
  if (index === 0) return null;
  const share = (step - steps[index - 1]) / (steps[index] - steps[index - 1]);
  return x[index - 1] + share * (x[index] - x[index - 1]);
}
