/** Inpainted images as a table: one line per image, with the classical methods for comparison. */

import type { MaskChannels } from './images/mask.ts';
import { hiddenPsnr, type InpaintingScore } from './inpainting.ts';
import { findBestClassical } from './inpaintingBatch.ts';
import { escapeMarkdown } from './text/escapeText.ts';
import { formatCsv, formatMarkdownTable } from './text/textTable.ts';
import { csvNumber, formatFixed } from './numbers/nonFinite.ts';
import { formatPsnr, meanPsnr } from './numbers/psnrMean.ts';
import { formatPlural } from './text/format.ts';

/** One image; `width` and `height` are those of the result. */
export interface InpaintedRow {
  /** Name in the table. */
  readonly name: string;
  readonly width: number;
  readonly height: number;
  /** See `InpaintingResult`. */
  readonly channels?: MaskChannels;
  readonly observed: number;
  readonly seconds: number;
  readonly scores: readonly InpaintingScore[];
  /** Whether there is a truth that the scores compare with. */
  readonly hasTruth: boolean;
}

const methods = ['result', 'thin plate', 'tension spline', 'biharmonic', 'Telea'] as const;
type Method = (typeof methods)[number];

/** Returns the headings and one line per image as text; with several images also a line of means. */
export function inpaintingLines(rows: readonly InpaintedRow[]): string[][] {
  const headings = ['Image', 'Size', 'Known', ...methods.map((method) => `hidden dB, ${method}`)];
  return [
    [...headings, ...methods.map((method) => `SSIM ${method}`), 'Seconds'],
    ...rows.map((row) => [
      row.name,
      `${row.width}×${row.height}`,
      describeKnown(row),
      ...methods.map((method) => formatPsnr(hiddenOf(row, method))),
      ...methods.map((method) => formatFixed(scoreOf(row, method)?.ssim ?? null, 3)),
      row.seconds.toFixed(1),
    ]),
    ...(rows.length > 1 ? [meanLine(rows)] : []),
  ];
}

function describeKnown({ width, height, channels = 1, observed }: InpaintedRow): string {
  const percent = ((100 * observed) / (width * height * channels)).toFixed(1);
  return channels === 3 ? `${observed} values (${percent} %)` : `${observed} (${percent} %)`;
}

/** Returns the table as Markdown with a title and an explanation of the numbers. */
export function inpaintingMarkdown(
  rows: readonly InpaintedRow[],
  heading: { title: string; notes: readonly string[] },
): string {
  const [heads, ...lines] = inpaintingLines(rows);
  const table = formatMarkdownTable({ title: '', heads, lines, numbersFrom: 1 });
  const legend =
    'Hidden dB: PSNR of the values that were filled in. SSIM: of the whole image, known pixels included, with a uniform 7×7 window.';
  const means = describeMeans(rows);
  const notes = [...(means === null ? [] : [means]), legend, ...heading.notes].map(
    (note) => `${escapeMarkdown(note)}\n`,
  );
  return [`# ${escapeMarkdown(heading.title)}\n`, table, '', ...notes].join('\n');
}

/**
 * Names the best classical method next to the result, as means of the hidden pixels over several images: `Hidden pixels, mean of
 * 3 images: result 24.31 dB, best classical method biharmonic 22.80 dB.` null with less than two images with known truth.
 */
export function describeMeans(rows: readonly InpaintedRow[]): string | null {
  const scored = rows.filter((row) => scoreOf(row, 'result') !== undefined);
  const best = findBestClassical(scored.map(({ scores }) => scores));
  if (scored.length < 2 || best === null) return null;
  const own = meanPsnr(scored.map((row) => hiddenOf(row, 'result')));
  const [result, classical] = [own, best.psnr].map(({ mean, exact }) => formatMean(mean, exact));
  return `Hidden pixels, mean of ${formatPlural(scored.length, 'image')}: result ${result}, best classical method ${best.method} ${classical}.`;
}

function formatMean(mean: number | null, exact: number): string {
  return mean === Infinity ? 'exact' : `${formatPsnr(mean, exact)} dB`;
}

/**
 * RFC 4180 with every digit; numbers that are not finite as in `nonFinite.ts`. `more`: columns at the end. The names of the
 * columns are part of the file format.
 */
export function inpaintingCsv<Row extends InpaintedRow>(
  rows: readonly Row[],
  more: readonly (readonly [heading: string, cellOf: (row: Row) => string])[] = [],
): string {
  const perMethod = methods.map((method) => method.toLowerCase().replace(' ', '_'));
  const scored = ['psnr', 'psnr_unknown', 'ssim'].flatMap((score) =>
    perMethod.map((method) => `${score}_${method}`),
  );
  return formatCsv([
    [
      'picture',
      'width',
      'height',
      'known',
      'known_of',
      ...scored,
      'seconds',
      ...more.map(([heading]) => heading),
    ],
    ...rows.map((row) => [
      row.name,
      ...[row.width, row.height, row.observed].map(String),
      row.channels === 3 ? 'values' : 'pixels',
      ...methods.map((method) => csvNumber(scoreOf(row, method)?.psnr)),
      ...methods.map((method) => csvNumber(scoreOf(row, method)?.psnrUnobserved)),
      ...methods.map((method) => csvNumber(scoreOf(row, method)?.ssim)),
      String(row.seconds),
      ...more.map(([, cellOf]) => cellOf(row)),
    ]),
  ]);
}

/** Returns the score of a method; the result is the mean of the samples if there are several. */
function scoreOf({ hasTruth, scores }: InpaintedRow, method: Method): InpaintingScore | undefined {
  return hasTruth ? scores.find((score) => score.method === method) : undefined;
}

/** Returns the PSNR in dB of the hidden pixels. */
function hiddenOf(row: InpaintedRow, method: Method): number | null {
  const found = scoreOf(row, method);
  return found ? hiddenPsnr(found) : null;
}

/** Averages the numbers that every image has; exact images are counted instead of averaged into the mean PSNR. */
function meanLine(rows: readonly InpaintedRow[]): string[] {
  const valuesOf = (read: (row: InpaintedRow) => number | null | undefined) => {
    const values = rows.map(read).filter((value) => typeof value === 'number');
    return values.length === rows.length ? values : null;
  };
  const meanOf = (read: (row: InpaintedRow) => number | null | undefined) => {
    const values = valuesOf(read);
    return values && values.reduce((sum, value) => sum + value, 0) / values.length;
  };
  return [
    `mean of ${rows.length}`,
    '',
    '',
    ...methods.map((method) => {
      const { mean, exact } = meanPsnr(valuesOf((row) => hiddenOf(row, method)) ?? []);
      return formatPsnr(mean, exact);
    }),
    ...methods.map((method) =>
      formatFixed(
        meanOf((row) => scoreOf(row, method)?.ssim),
        3,
      ),
    ),
    formatFixed(
      meanOf(({ seconds }) => seconds),
      1,
    ),
  ];
}
