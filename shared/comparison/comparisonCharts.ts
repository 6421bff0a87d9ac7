/** The charts of a comparison: differences, pairs, quality against cost, calibration; the same in page and report. */

import { titleOfSolver } from '../config/samplerConfig.ts';
import type { Distribution } from '../metric.ts';
import type { Interval } from './bootstrap.ts';
import type { CurvePoint } from './qualityCurve.ts';
import type { SvgChart, SvgMark } from '../charts/svgChart.ts';

/** How a run is drawn. */
export interface NamedStyle {
  readonly name: string;
  readonly colour: string;
  readonly dash: readonly number[];
}

export interface DifferenceBins {
  readonly edges: readonly number[];
  readonly counts: readonly number[];
}

/** Images by their difference; `quantity` with its unit: `PSNR, dB`. */
export function differenceChart(bins: DifferenceBins, quantity: string, style: NamedStyle): SvgChart {
  const largest = Math.max(1, ...bins.counts);
  const bars = bins.counts.map((value, index) => ({
    from: bins.edges[index],
    to: bins.edges[index + 1],
    value,
  }));
  return {
    title: `Differences of ${style.name}`,
    x: { title: `Difference in ${quantity}` },
    y: { title: 'Images', range: [0, largest * 1.05] },
    marks: [
      { kind: 'bars', label: '', colour: style.colour, bars },
      { kind: 'rule', from: [0, 0], to: [0, largest * 1.05] },
    ],
  };
}

export interface PairedValues {
  /** null or infinite: left out. */
  readonly reference: readonly (number | null)[];
  readonly values: readonly (number | null)[];
  readonly referenceName: string;
}

/** One dot an image; on the dashed line nothing differs. */
export function pairsChart(pairs: PairedValues, quantity: string, style: NamedStyle): SvgChart {
  const found = pairs.values.flatMap((value, image) => {
    const other = pairs.reference[image] ?? null;
    const isShown = Number.isFinite(value) && Number.isFinite(other);
    return isShown ? [{ image, point: [other ?? 0, value ?? 0] as const }] : [];
  });
  const points = found.map(({ point }) => point);
  const all = points.flat();
  const range: readonly [number, number] | undefined =
    all.length > 0 ? wide(least(all), -least(all.map((value) => -value))) : undefined;
  const [low, high] = range ?? [0, 1];
  return {
    title: `${style.name} against ${pairs.referenceName}, image by image`,
    x: { title: `${pairs.referenceName}, ${quantity}`, range: [low, high] },
    y: { title: `${style.name}, ${quantity}`, range: [low, high] },
    marks: [
      { kind: 'rule', from: [low, low], to: [high, high] },
      {
        kind: 'points',
        label: '',
        colour: style.colour,
        points,
        images: found.map(({ image }) => image),
      },
    ],
  };
}

export interface NamedInterval extends NamedStyle {
  readonly mean: number;
  readonly interval: Interval;
}

/** Means with their intervals, one below the other; zero is marked. */
export function intervalsChart(rows: readonly NamedInterval[], title: string, quantity: string): SvgChart {
  const ends = [0, ...rows.flatMap(({ interval }) => interval)];
  return {
    title,
    x: { title: quantity, range: wide(Math.min(...ends), Math.max(...ends)) },
    y: { title: '', categories: rows.map(({ name }) => name) },
    marks: [
      { kind: 'rule', from: [0, -0.5], to: [0, rows.length - 0.5] },
      ...rows.map(({ colour, mean, interval: [low, high] }, row): SvgMark => ({
        kind: 'interval',
        colour,
        row,
        low,
        mean,
        high,
      })),
    ],
  };
}

export interface NamedCurve extends NamedStyle {
  /** All of one run; one line a solver is drawn. */
  readonly points: readonly CurvePoint[];
}

/** Dashes distinguish the solvers; the colour is that of the run. */
const solverDashes: readonly (readonly number[])[] = [[], [6, 3], [2, 3], [8, 3, 2, 3]];

/** What a curve may show against its cost. */
export const qualityMeasures = {
  psnrMean: 'PSNR of the mean, dB',
  ssimMean: 'SSIM of the mean',
  psnrSample: 'PSNR of one sample, dB',
  crps: 'CRPS, lower is better',
  spectrumError: 'Spectrum error, dB, lower is better',
} as const satisfies Partial<Record<keyof CurvePoint, string>>;
export type QualityMeasure = keyof typeof qualityMeasures;

/**
 * Returns the costs that quality may be drawn against: seconds only within one run, whose points were measured one after
 * the other; those of several runs depend on what else the machine computed each time.
 */
export function comparableCosts(curves: readonly NamedCurve[]): readonly ('nfe' | 'seconds')[] {
  return curves.length > 1 ? ['nfe'] : ['nfe', 'seconds'];
}

/**
 * Quality against what a sample costs, one line a run and solver; by default the PSNR of the mean of the samples. The mean of more samples is better at
 * the same cost per sample, so that a line has points of one number of samples.
 */
export function qualityChart(
  all: readonly NamedCurve[],
  cost: 'nfe' | 'seconds',
  measure: QualityMeasure = 'psnrMean',
): SvgChart {
  const curves = withEqualSamples(all);
  const samples = [...new Set(curves.map(({ points }) => points[0]?.samples))];
  const titles = {
    nfe: 'Function evaluations a sample (NFE)',
    seconds: 'Seconds of one sample of all images, any load',
  };
  const solvers = [...new Set(curves.flatMap(({ points }) => points.map(({ solver }) => solver)))];
  const dashOf = (solver: string) => solverDashes[solvers.indexOf(solver) % solverDashes.length];
  return {
    title: cost === 'nfe' ? 'Quality against function evaluations' : 'Quality against seconds',
    x: { title: titles[cost], isLogarithmic: true },
    y: {
      title:
        samples.length === 1
          ? qualityMeasures[measure].replace('the mean', `the mean of ${samples[0]}`)
          : qualityMeasures[measure],
    },
    marks: curves.flatMap(({ name, colour, dash, points }) =>
      [...new Set(points.map(({ solver }) => solver))].map((solver): SvgMark => {
        const own = points.filter((point) => point.solver === solver && Number.isFinite(point[measure]));
        const places = own.map((point) => [point[cost], point[measure] ?? 0] as const);
        return {
          kind: 'line',
          label: `${name} · ${titleOfSolver(solver)}${samples.length === 1 ? '' : `, mean of ${own[0]?.samples}`}`,
          colour,
          hasDots: true,
          dash: solvers.length > 1 ? dashOf(solver) : dash,
          points: places.toSorted(([one], [other]) => one - other),
        };
      }),
    ),
  };
}

/** Keeps the points of one number of samples: the one that most points have, or where a run has none of it, its own. */
function withEqualSamples(curves: readonly NamedCurve[]): NamedCurve[] {
  const common = mostFrequentSamples(curves.flatMap(({ points }) => points));
  return curves.map((curve) => {
    const isThere = curve.points.some(({ samples }) => samples === common);
    const samples = isThere ? common : mostFrequentSamples(curve.points);
    return { ...curve, points: curve.points.filter((point) => point.samples === samples) };
  });
}

function mostFrequentSamples(points: readonly CurvePoint[]): number | undefined {
  const groups = [...Map.groupBy(points, ({ samples }) => samples)];
  return groups.sort(([one, of], [other, others]) => others.length - of.length || other - one).at(0)?.[0];
}

export interface NamedDistribution extends NamedStyle {
  readonly distribution: Distribution;
}

/** Shares of the truth inside the central intervals; on the dashed line samples are calibrated. */
export function coverageChart(rows: readonly NamedDistribution[]): SvgChart {
  const percent = (value: number) => `${Math.round(100 * value)} %`;
  return {
    title: 'Coverage',
    x: { title: 'Probability of the central interval', range: [0, 1], format: percent },
    y: { title: 'Truth inside', range: [0, 1], format: percent },
    marks: [
      { kind: 'rule', from: [0, 0], to: [1, 1] },
      ...rows.map(
        ({ name, colour, dash, distribution: { coverage50, coverage80, coverage90 } }): SvgMark => ({
          kind: 'line',
          label: name,
          colour,
          dash,
          hasDots: true,
          points: [
            [0.5, coverage50],
            [0.8, coverage80],
            [0.9, coverage90],
          ],
        }),
      ),
    ],
  };
}

/** Shares of the ranks of the truth among the samples; flat, at the dashed line, when calibrated. */
export function rankChart({ name, colour, distribution }: NamedDistribution): SvgChart {
  const { rankHistogram: shares } = distribution;
  const ideal = 1 / shares.length;
  const bars = shares.map((value, rank) => ({ from: rank - 0.5, to: rank + 0.5, value }));
  return {
    title: `Ranks of the truth · ${name}`,
    x: { title: `Rank among ${shares.length - 1} samples`, range: [-0.5, shares.length - 0.5] },
    y: { title: 'Fraction', range: [0, 1.1 * Math.max(ideal, ...shares)] },
    marks: [
      { kind: 'bars', label: '', colour, bars },
      { kind: 'rule', from: [-0.5, ideal], to: [shares.length - 0.5, ideal] },
    ],
  };
}

function least(values: readonly number[]): number {
  return values.reduce((smallest, value) => Math.min(smallest, value), Infinity);
}

/** Some room at both ends. */
function wide(low: number, high: number): readonly [number, number] {
  const room = 0.04 * (high - low || 1);
  return [low - room, high + room];
}
