/** The columns of comparison tables: scores, intervals, distribution, detail and cost. */

import {
  type EnsembleMetricName,
  ensembleMetrics,
  type EvaluationRow,
  type ImageMetricName,
  imageMetrics,
  type MetricDescriptor,
} from '../metric.ts';
import { titleOfSolver } from '../config/samplerConfig.ts';
import {
  confidence,
  drawResamples,
  type Interval,
  type PairedDifference,
  pairedDifference,
} from './bootstrap.ts';
import { formatCount } from '../text/format.ts';
import { formatFixed, signed } from '../numbers/nonFinite.ts';
import {
  formatPsnr,
  hasNearlyExact,
  pooledError,
  pooledPsnr,
  practicalDifference,
} from '../numbers/psnrMean.ts';

export interface ComparisonColumn<Row = EvaluationRow> {
  /** Parts of the heading: one line in Markdown, stacked in the terminal. */
  readonly heading: readonly string[];
  readonly format: (row: Row) => string;
  /** The numbers behind the text, in full; null = there is none. */
  readonly numbers: readonly ComparisonNumber<Row>[];
  /** The larger, the better; null: out of competition. Columns without it have no best. */
  readonly quality?: (row: Row) => number | null;
  /** Rows whose quality is less than this below the best are as good; default: only values that print alike. */
  readonly equalWithin?: number;
}

export interface ComparisonNumber<Row = EvaluationRow> {
  readonly heading: string;
  readonly value: (row: Row) => number | string | null;
}

/** Returns the name of a row with the title of its solver: `flow · one sample (heun)` → `flow · one sample (Heun)`. */
export function titleOfMethod(method: string): string {
  return method.replace(
    /\(([\w-]+)((?: \d+)?)\)$/,
    (_, solver: string, steps: string) => `(${titleOfSolver(solver)}${steps})`,
  );
}

type Read = (row: EvaluationRow) => number | null;

/** Columns that every evaluation has; the rows are ranked against each other. */
export function scoreColumns(rows: readonly EvaluationRow[]): ComparisonColumn[] {
  return [
    plain(['NFE'], ({ nfe }) => nfe),
    plain(['samples'], ({ samples }) => samples),
    ...metricsOf('scores').map((name) => imageColumn(name, rows)),
    secondsColumn,
  ];
}

/** Of rows with several samples. */
export const distributionColumns: readonly ComparisonColumn[] = [
  plain(['samples'], ({ samples }) => samples),
  ...(Object.keys(ensembleMetrics) as EnsembleMetricName[]).map((name) =>
    metricColumn(ensembleMetrics[name], ({ distribution }) => distribution?.[name] ?? null),
  ),
];

/** What the scores leave out: the other PSNR, observed pixels, fine detail, and what the field had cost. */
export const detailColumns: readonly ComparisonColumn[] = [
  {
    ...score(['PSNR', 'pooled', 'dB'], { read: pooledPsnr, digits: 2, sign: 1 }),
    format: (row) => formatPsnr(pooledPsnr(row)),
  },
  ...metricsOf('detail').map((name) => metricColumn(imageMetrics[name], (row) => row[name])),
  {
    heading: ['solver'],
    format: ({ solver, solverSteps }) =>
      solver === null ? '–' : `${titleOfSolver(solver)} ${solverSteps ?? ''}`.trim(),
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
  const fraction = `${confidence * 100} %`;
  const columns = [
    interval(['PSNR dB', fraction], { read: ({ psnrInterval }) => psnrInterval, digits: 2 }),
    interval(['SSIM', fraction], { read: ({ ssimInterval }) => ssimInterval, digits: 3 }),
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

/** Wall time depends on what else the machine computed, so that it does not compare; the head says so. */
export const secondsColumn = {
  heading: ['seconds,', 'any load'],
  format: ({ seconds }: { readonly seconds: number }) => formatFixed(seconds, 2),
  numbers: [{ heading: 'seconds', value: ({ seconds }: { readonly seconds: number }) => seconds }],
} as const satisfies ComparisonColumn;

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

/**
 * A mean in decibels, with the exact images that are not part of it. Where some are exact or nearly so, the mean squared
 * error shows which row is the best.
 */
function meanDecibels(
  rows: readonly EvaluationRow[],
  { mean, exact }: { mean: 'psnr' | 'psnrUnobserved'; exact: 'exactImages' | 'exactUnobserved' },
): ComparisonColumn {
  const isBounded = hasNearlyExact(rows, mean);
  const heading = [...imageMetrics[mean].heading, imageMetrics[mean].unit];
  const name = heading.join(' ');
  return {
    heading,
    format: (row) => formatPsnr(row[mean], row[exact]),
    numbers: [
      { heading: name, value: (row) => row[mean] },
      ...(isBounded ? [{ heading: `${name} exact images`, value: (row: EvaluationRow) => row[exact] }] : []),
    ],
    quality: (row) => {
      const error = isBounded ? pooledError(row, mean) : null;
      return isBounded ? error && -error : row[mean];
    },
    ...(!isBounded && { equalWithin: practicalDifference }),
  };
}

function metricsOf(table: MetricDescriptor['table']): ImageMetricName[] {
  const names = Object.keys(imageMetrics) as ImageMetricName[];
  return names.filter((name) => imageMetrics[name].table === table);
}

/** Mean PSNR is shown and ranked together with the number of exact images. */
function imageColumn(name: ImageMetricName, rows: readonly EvaluationRow[]): ComparisonColumn {
  if (name === 'psnr') return meanDecibels(rows, { mean: name, exact: 'exactImages' });
  if (name === 'psnrUnobserved') return meanDecibels(rows, { mean: name, exact: 'exactUnobserved' });
  return metricColumn(imageMetrics[name], (row) => row[name]);
}

function metricColumn({ heading, unit, decimals, better }: MetricDescriptor, read: Read): ComparisonColumn {
  const column = fixed(unit ? [...heading, unit] : heading, read, decimals);
  if (better === null) return column;
  const quality: Read = (row) => {
    const value = read(row);
    if (value === null) return null;
    if (better === 'higher') return value;
    if (better === 'lower') return -value;
    const { ideal, scale } = better;
    return -Math.abs(scale === 'log' ? Math.log(value / ideal) : value - ideal);
  };
  return { ...column, quality };
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
    format: (row) => formatInterval(read(row), (value) => formatFixed(value, digits)),
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
  const ends = interval(heading, { read: (row) => read(row)?.interval ?? null, digits });
  return {
    heading,
    format: (row) => {
      const found = read(row);
      const text = (value: number) => signed(value, digits);
      return found === null ? '–' : `${text(found.mean)} ${formatInterval(found.interval, text)}`;
    },
    numbers: [{ heading: heading.join(' '), value: (row) => read(row)?.mean ?? null }, ...ends.numbers],
  };
}

function formatInterval(found: Interval | null, format: (value: number) => string): string {
  return found === null ? '–' : `[${format(found[0])}, ${format(found[1])}]`;
}
