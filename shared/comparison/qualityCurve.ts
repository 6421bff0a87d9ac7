/** Quality against the number of function evaluations and seconds, from an evaluation with several solvers or numbers of steps. */

import type { Evaluation, EvaluationRow } from '../metric.ts';
import { formatCsv } from '../text/textTable.ts';
import { describeProtocol } from './commonProtocols.ts';
import { csvNumber, formatFixed } from '../numbers/nonFinite.ts';
import { formatPsnr } from '../numbers/psnrMean.ts';

/** One solver with one number of steps. */
export interface CurvePoint {
  readonly solver: string;
  readonly steps: number;
  readonly nfe: number;
  readonly samples: number;
  /** Wall seconds of one sample of all images. */
  readonly seconds: number;
  /** Mean dB of the mean of the samples and of one of them, over images that are not exact. Fewer steps raise the latter: samples collapse. */
  readonly psnrMean: number | null;
  readonly psnrSample: number | null;
  readonly ssimMean: number;
  readonly crps: number;
  /** Mean variance of the samples, as a fraction of that of the point with the most evaluations; null where that has none. */
  readonly varianceShare: number | null;
  readonly energyScore: number;
  readonly spread: number;
  readonly spreadSkill: number | null;
  /** dB, of one sample. */
  readonly spectrumError: number | null;
}

/** A point for every row with a distribution, in their order. */
export function qualityCurve({ rows }: Pick<Evaluation, 'rows'>): CurvePoint[] {
  const most = finestDistribution(rows)?.distribution?.spread ?? 0;
  return rows.flatMap((mean) => {
    const single = rows.find((row) => row.samples === 1 && isSamePlan(row, mean));
    const { distribution, solver, solverSteps: steps } = mean;
    if (!single || distribution === null || solver === null || steps === null) return [];
    const { crps, energyScore, spread, spreadSkill } = distribution;
    return [
      {
        solver,
        steps,
        nfe: mean.nfe,
        samples: mean.samples,
        seconds: single.seconds,
        psnrMean: mean.psnr,
        psnrSample: single.psnr,
        ssimMean: mean.ssim,
        crps,
        varianceShare: most > 0 ? (spread / most) ** 2 : null,
        energyScore,
        spread,
        spreadSkill,
        spectrumError: single.spectrumError,
      },
    ];
  });
}

/** The row with a distribution that took the most evaluations: with few of them samples collapse. */
export function finestDistribution(rows: readonly EvaluationRow[]): EvaluationRow | undefined {
  return rows
    .filter(({ distribution, solverSteps }) => distribution !== null && solverSteps !== null)
    .reduce((most: EvaluationRow | undefined, row) => (most && most.nfe >= row.nfe ? most : row), undefined);
}

interface CurveColumn {
  readonly name: keyof CurvePoint;
  readonly heading: string;
  /** Decimals in the terminal; absent for text and whole numbers. */
  readonly digits?: number;
}

const columns: readonly CurveColumn[] = [
  { name: 'solver', heading: 'solver' },
  { name: 'steps', heading: 'steps' },
  { name: 'nfe', heading: 'NFE' },
  { name: 'samples', heading: 'samples' },
  { name: 'seconds', heading: 'seconds', digits: 2 },
  { name: 'psnrMean', heading: 'PSNR mean', digits: 2 },
  { name: 'psnrSample', heading: 'PSNR one', digits: 2 },
  { name: 'ssimMean', heading: 'SSIM mean', digits: 4 },
  { name: 'crps', heading: 'CRPS', digits: 4 },
  { name: 'varianceShare', heading: 'variance', digits: 3 },
  { name: 'energyScore', heading: 'energy', digits: 4 },
  { name: 'spread', heading: 'spread', digits: 4 },
  { name: 'spreadSkill', heading: 'spread/skill', digits: 3 },
  { name: 'spectrumError', heading: 'spectrum dB', digits: 2 },
];

/** Returns the headings and one line per point as text. */
export function curveLines(points: readonly CurvePoint[]): string[][] {
  const format = (value: string | number | null, { name, digits }: CurveColumn) => {
    if (typeof value === 'string') return value;
    return name.startsWith('psnr') ? formatPsnr(value) : formatFixed(value, digits ?? 0);
  };
  return [
    columns.map(({ heading }) => heading),
    ...points.map((point) => columns.map((column) => format(point[column.name], column))),
  ];
}

/** RFC 4180 with every digit, the protocol in the last column; numbers that are not finite as in `nonFinite.ts`. */
export function curveCsv({ protocol, rows }: Evaluation): string {
  const text = describeProtocol(protocol);
  return formatCsv([
    [...columns.map(({ name }) => name), 'protocol'],
    ...qualityCurve({ rows }).map((point) => [...columns.map(({ name }) => csvNumber(point[name])), text]),
  ]);
}

function isSamePlan(one: EvaluationRow, other: EvaluationRow): boolean {
  return one.solver === other.solver && one.solverSteps === other.solverSteps;
}
