/** The columns of comparison tables: scores, intervals, distribution, detail and cost. */

import type { Distribution, EvaluationRow } from '../metric.ts';
import {
  confidence,
  drawResamples,
  type Interval,
  type PairedDifference,
  pairedDifference,
} from './bootstrap.ts';
import { formatCount } from './format.ts';
import { pooledPsnr } from './pooledPsnr.ts';

export interface ComparisonColumn<Row = EvaluationRow> {
  /** Words of the heading: one line in Markdown, stacked in the terminal. */
  readonly heading: readonly string[];
  readonly format: (row: Row) => string;
  /** The numbers behind the text, in full; null = there is none. */
  readonly numbers: readonly ComparisonNumber<Row>[];
  /** The larger, the better; null: out of competition. Columns without it have no best. */
  readonly quality?: (row: Row) => number | null;
}

export interface ComparisonNumber<Row = EvaluationRow> {
  readonly heading: string;
  readonly value: (row: Row) => number | string | null;
}

type Read = (row: EvaluationRow) => number | null;

/** What every evaluation has. */
export const scoreColumns: readonly ComparisonColumn[] = [
  plain(['NFE'], ({ nfe }) => nfe),
  plain(['samples'], ({ samples }) => samples),
  decibels(['PSNR', 'dB'], ({ psnr }) => psnr),
  decibels(['PSNR', 'unobserved', 'dB'], ({ psnrUnobserved }) => psnrUnobserved),
  score(['SSIM'], { read: ({ ssim }) => ssim, digits: 4, sign: 1 }),
  score(['SSIM', 'Gaussian'], { read: ({ ssimGaussian }) => ssimGaussian, digits: 4, sign: 1 }),
  score(['MSE'], { read: ({ mse }) => mse, digits: 5, sign: -1 }),
  score(['MAE'], { read: ({ mae }) => mae, digits: 4, sign: -1 }),
  fixed(['seconds'], ({ seconds }) => seconds, 2),
];

/** Of rows with several samples. */
export const distributionColumns: readonly ComparisonColumn[] = [
  plain(['samples'], ({ samples }) => samples),
  score(['CRPS'], { read: of('crps'), digits: 4, sign: -1 }),
  score(['energy', 'score'], { read: of('energyScore'), digits: 4, sign: -1 }),
  covered('coverage50', 0.5),
  covered('coverage80', 0.8),
  covered('coverage90', 0.9),
  fixed(['spread'], of('spread'), 4),
  {
    ...fixed(
      ['spread', '/ skill'],
      (row) => row.distribution && (row.distribution.spreadSkill ?? Infinity),
      3,
    ),
    quality: ({ distribution }) => distribution && -Math.abs(Math.log(distribution.spreadSkill ?? Infinity)),
  },
  fixed(['diversity'], of('diversity'), 3),
];

/** What the scores leave out: the other PSNR, observed pixels, fine detail, and what the field had cost. */
export const detailColumns: readonly ComparisonColumn[] = [
  decibels(['PSNR', 'pooled', 'dB'], pooledPsnr),
  fixed(['RMSE', 'observed'], ({ rmseObserved }) => rmseObserved, 4),
  score(['spectrum', 'error', 'dB'], { read: ({ spectrumError }) => spectrumError, digits: 2, sign: -1 }),
  {
    heading: ['solver'],
    format: ({ solver, solverSteps }) => (solver === null ? '–' : `${solver} ${solverSteps ?? ''}`.trim()),
    numbers: [
      { heading: 'solver', value: ({ solver }) => solver },
      { heading: 'solver steps', value: ({ solverSteps }) => solverSteps },
    ],
  },
  count(['parameters'], ({ parameters }) => parameters),
  count(['images', 'seen'], ({ imagesSeen }) => imagesSeen),
];

/** Intervals of the means over images, and paired differences to the row called `reference` where it has its numbers. */
export function intervalColumns(
  rows: readonly EvaluationRow[],
  reference: string | null,
): ComparisonColumn[] {
  const share = `${confidence * 100} %`;
  const columns = [
    interval(['PSNR dB', share], { read: ({ psnrInterval }) => psnrInterval, digits: 2 }),
    interval(['SSIM', share], { read: ({ ssimInterval }) => ssimInterval, digits: 3 }),
  ];
  const base = rows.find(({ method }) => method === reference)?.perImage;
  if (!base) return columns;
  const resamples = drawResamples(base.psnr.length);
  const differences = (name: 'psnr' | 'ssim') =>
    new Map(
      rows.map((row) => [
        row,
        row.perImage?.[name].length === resamples.count && row.perImage !== base
          ? pairedDifference(row.perImage[name], base[name], resamples)
          : null,
      ]),
    );
  const [psnr, ssim] = [differences('psnr'), differences('ssim')];
  return [
    ...columns,
    difference(['PSNR dB', '− reference'], { read: (row) => psnr.get(row) ?? null, digits: 2 }),
    difference(['SSIM', '− reference'], { read: (row) => ssim.get(row) ?? null, digits: 3 }),
  ];
}

function plain(heading: readonly string[], read: Read): ComparisonColumn {
  return fixed(heading, read, 0);
}

/** A number with so many digits after the point. */
export function fixed<Row = EvaluationRow>(
  heading: readonly string[],
  read: (row: Row) => number | null,
  digits: number,
): ComparisonColumn<Row> {
  return {
    heading,
    format: (row) => formatFixed(read(row), digits),
    numbers: [{ heading: heading.join(' '), value: read }],
  };
}

/** The same, with a best one; `sign` 1: the larger, the better. */
export function score<Row = EvaluationRow>(
  heading: readonly string[],
  { read, digits, sign }: { read: (row: Row) => number | null; digits: number; sign: 1 | -1 },
): ComparisonColumn<Row> {
  const quality = (row: Row) => {
    const value = read(row);
    return value === null ? null : sign * value;
  };
  return { ...fixed(heading, read, digits), quality };
}

/** null is infinite here, as in the rows. */
function decibels(heading: readonly string[], read: Read): ComparisonColumn {
  return score(heading, { read: (row) => read(row) ?? Infinity, digits: 2, sign: 1 });
}

function of(name: Exclude<keyof Distribution, 'rankHistogram'>): Read {
  return ({ distribution }) => distribution?.[name] ?? null;
}

function covered(name: 'coverage50' | 'coverage80' | 'coverage90', level: number): ComparisonColumn {
  const read = of(name);
  const quality: Read = (row) => {
    const value = read(row);
    return value === null ? null : -Math.abs(value - level);
  };
  return { ...fixed(['covered', `by ${level * 100} %`], read, 3), quality };
}

function count(heading: readonly string[], read: Read): ComparisonColumn {
  return { ...plain(heading, read), format: (row) => formatCount(read(row)) };
}

function interval(
  heading: readonly string[],
  { read, digits }: { read: (row: EvaluationRow) => Interval | null; digits: number },
): ComparisonColumn {
  const name = heading.join(' ');
  return {
    heading,
    format: (row) => formatInterval(read(row), (value) => value.toFixed(digits)),
    numbers: [
      { heading: `${name} low`, value: (row) => read(row)?.[0] ?? null },
      { heading: `${name} high`, value: (row) => read(row)?.[1] ?? null },
    ],
  };
}

function difference(
  heading: readonly string[],
  { read, digits }: { read: (row: EvaluationRow) => PairedDifference | null; digits: number },
): ComparisonColumn {
  const signed = (value: number) => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(digits)}`;
  const ends = interval(heading, { read: (row) => read(row)?.interval ?? null, digits });
  return {
    heading,
    format: (row) => {
      const found = read(row);
      return found === null ? '–' : `${signed(found.mean)} ${formatInterval(found.interval, signed)}`;
    },
    numbers: [{ heading: heading.join(' '), value: (row) => read(row)?.mean ?? null }, ...ends.numbers],
  };
}

function formatInterval(found: Interval | null, format: (value: number) => string): string {
  return found === null ? '–' : `[${format(found[0])}, ${format(found[1])}]`;
}

function formatFixed(value: number | null, digits: number): string {
  if (value === null) return '–';
  return Number.isFinite(value) ? value.toFixed(digits) : '∞';
}
