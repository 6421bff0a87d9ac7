/** Curves of groups of runs: the mean over seeds at each step, and its interval as a band. */

import type { SvgChart } from '../charts/svgChart.ts';
import type { Interval } from './bootstrap.ts';
import type { NamedStyle } from './comparisonCharts.ts';
import { groupByBasis, type ScoreBasis } from './scoreBasis.ts';
import { average, repeatedMean } from './seedStatistics.ts';

/** The curve of one run. */
export interface SeedCurve {
  readonly seed: number;
  /** Ascending. */
  readonly steps: readonly number[];
  readonly values: readonly number[];
}

/** A point of a mean curve. */
export interface MeanPoint {
  readonly step: number;
  readonly mean: number;
  /** 95 % interval over seeds by Student's t; null for a single seed. */
  readonly interval: Interval | null;
}

/**
 * Returns the mean over seeds at the steps that every run has logged, so that no step is the mean of other runs than its
 * neighbours. Runs of one seed are averaged first; values that are not finite leave their step out.
 */
export function meanCurve(curves: readonly SeedCurve[]): MeanPoint[] {
  const known = curves.map(({ seed, steps, values }) => ({
    seed,
    at: new Map(steps.map((step, index) => [step, values[index]])),
  }));
  const [first, ...others] = known;
  if (!first) return [];
  return [...first.at.keys()]
    .filter((step) => others.every(({ at }) => at.has(step)))
    .flatMap((step): MeanPoint[] => {
      const bySeed = Map.groupBy(known, ({ seed }) => seed);
      const values = [...bySeed.values()].map((runs) => average(runs.map(({ at }) => at.get(step) ?? NaN)));
      const { mean, interval } = repeatedMean(values);
      return mean !== null && Number.isFinite(mean) ? [{ step, mean, interval }] : [];
    });
}

/** The curve of a run, and what its scores were measured on. */
export interface ScoredCurve extends SeedCurve {
  readonly basis: ScoreBasis;
}

/**
 * Returns charts of the mean curves of groups: one for each basis, because scores on different data or masks are not averaged.
 * `quantity`: with its unit, `PSNR, dB`.
 */
export function groupCurveCharts(
  groups: readonly { readonly style: NamedStyle; readonly runs: readonly ScoredCurve[] }[],
  quantity: string,
): SvgChart[] {
  const all = groups.flatMap(({ runs }) => runs);
  const bases = groupByBasis(all, ({ basis }) => basis);
  return bases
    .map(({ basis, items }) => {
      const curves = groups.map(({ style, runs }) => ({
        style,
        curves: runs.filter((run) => items.includes(run)),
      }));
      const [name] = quantity.split(',');
      const label = bases.length > 1 ? `: ${basis.label}` : '';
      const title = `${name} while training, mean over seeds and 95 % interval${label}`;
      return meanCurvesChart(
        curves.filter((group) => group.curves.length > 0),
        { title, quantity },
      );
    })
    .filter(({ marks }) => marks.length > 0);
}

/** Draws the mean curve of each group with its band. `quantity`: with its unit, `PSNR, dB`. */
export function meanCurvesChart(
  groups: readonly { readonly style: NamedStyle; readonly curves: readonly SeedCurve[] }[],
  { title, quantity }: { readonly title: string; readonly quantity: string },
): SvgChart {
  const drawn = groups.map(({ style, curves }) => ({ style, points: meanCurve(curves) }));
  // With two seeds a band may be many times as high as the curves are.
  const values = groups
    .flatMap(({ curves }) => curves.flatMap((curve) => curve.values))
    .filter(Number.isFinite);
  const [low, high] = values.reduce(
    ([least, most], value) => [Math.min(least, value), Math.max(most, value)],
    [Infinity, -Infinity],
  );
  const room = 0.06 * (high - low || 1);
  return {
    title,
    hasLegend: true,
    x: { title: 'step' },
    y: { title: quantity, ...(values.length > 0 && { range: [low - room, high + room] as const }) },
    marks: drawn
      .filter(({ points }) => points.length > 0)
      .map(({ style: { name, colour, dash }, points }) => ({
        kind: 'line',
        label: name,
        colour,
        dash,
        points: points.map(({ step, mean }) => [step, mean] as const),
        band: points.map(({ interval }) => interval),
      })),
  };
}
