/** One curve of a chart: smoothed over all logged points, then thinned for the screen. */

import { z } from 'zod';
import { loggedMetrics, type MetricName } from './metric.ts';
import { runIdsSchema } from './runList.ts';

export const chartAxes = ['step', 'epoch', 'imagesSeen', 'processTime', 'wallTime'] as const;
export type ChartAxis = (typeof chartAxes)[number];

export const seriesRequestSchema = z.strictObject({
  ids: runIdsSchema.max(20),
  names: z
    .array(z.enum(Object.keys(loggedMetrics) as [MetricName, ...MetricName[]]))
    .min(1)
    .max(20),
  axis: z.enum(chartAxes).default('step'),
  /** Weight of the past in the debiased running mean: 0 (raw) to below 1. */
  smoothing: z.number().min(0).lt(1).default(0),
  /** Only points with x in [from, to]; null: no limit. Smoothing still regards all points before. */
  from: z.number().nullable().default(null),
  to: z.number().nullable().default(null),
  /** Approximate maximum number of points per curve; shorter curves keep every logged point. */
  points: z.int().min(10).max(10_000).default(1000),
});
export type SeriesRequest = z.infer<typeof seriesRequestSchema>;

/** x: steps, epochs, images (with repetition), seconds of training or milliseconds since 1970, depending on the requested axis; ascending. */
export interface Series {
  readonly runId: string;
  readonly name: MetricName;
  readonly x: readonly number[];
  readonly values: readonly number[];
  readonly smoothed: readonly number[];
  /** Step of each point, on every axis. */
  readonly steps: readonly number[];
  /** Seconds of training and milliseconds since 1970 of each point, on every axis. */
  readonly processSeconds: readonly number[];
  readonly wallTimes: readonly number[];
  /** Logged points in [from, to]; more than `x` has where the curve was thinned. */
  readonly logged: number;
}

/** Where a logged number is in the training of its run. */
export interface LoggedPlace {
  readonly step: number;
  readonly processSeconds: number;
  /** Milliseconds since 1970, UTC. */
  readonly wallTime: number;
}

/**
 * Returns the position of a point on an axis. `convert` turns steps into epochs or images. `latest` is the largest position
 * so far on the axis of wall time, so that a clock that was set back does not reverse a curve.
 */
export function positionOnAxis(
  axis: ChartAxis,
  { step, processSeconds, wallTime }: LoggedPlace,
  { convert, latest }: { readonly convert: (step: number) => number; readonly latest: number },
): number {
  switch (axis) {
    case 'step':
      return step;
    case 'processTime':
      return processSeconds;
    case 'wallTime':
      return Math.max(latest, wallTime);
    case 'epoch':
    case 'imagesSeen':
      return convert(step);
  }
}
