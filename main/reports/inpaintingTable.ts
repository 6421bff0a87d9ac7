/** Inpainted pictures as a table: a line a picture, the classical methods beside it. */

import type { PictureScore } from '../../shared/inpainting.ts';
import { csvCell } from '../../shared/pure/csvCell.ts';
import { escapeMarkdown } from '../../shared/pure/escapeMarkdown.ts';

/** One picture; `width` and `height` are the result's. */
export interface InpaintedRow {
  /** What it is called in the table. */
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly observed: number;
  readonly seconds: number;
  readonly scores: readonly PictureScore[];
  /** Whether there is a truth that the scores compare with. */
  readonly hasTruth: boolean;
}

const methods = ['result', 'thin plate', 'biharmonic'] as const;
type Method = (typeof methods)[number];
const missing = '–';

/** Headings and one line a picture, as words; with several of them also the mean of what each of them has. */
export function inpaintingLines(rows: readonly InpaintedRow[]): string[][] {
  const headings = ['Picture', 'Size', 'Known', ...methods.map((method) => `PSNR ${method}`)];
  return [
    [...headings, ...methods.map((method) => `SSIM ${method}`), 'Seconds'],
    ...rows.map((row) => [
      row.name,
      `${row.width}×${row.height}`,
      `${row.observed} (${((100 * row.observed) / (row.width * row.height)).toFixed(1)} %)`,
      ...methods.map((method) => formatScore(psnrOf(row, method), 2)),
      ...methods.map((method) => formatScore(scoreOf(row, method)?.ssim, 3)),
      row.seconds.toFixed(1),
    ]),
    ...(rows.length > 1 ? [meanLine(rows)] : []),
  ];
}

/** The same as Markdown, with a title and what the numbers mean. */
export function inpaintingMarkdown(
  rows: readonly InpaintedRow[],
  words: { title: string; notes: readonly string[] },
): string {
  const [head, ...lines] = inpaintingLines(rows).map(
    (line) => `| ${line.map((cell) => escapeMarkdown(cell)).join(' | ')} |`,
  );
  const rule = `| :--- | ---: | ---: |${' ---: |'.repeat(2 * methods.length + 1)}`;
  const legend = 'PSNR in dB over all pixels, known ones included; SSIM with a uniform 7×7 window.';
  const notes = [legend, ...words.notes].map((note) => `${escapeMarkdown(note)}\n`);
  return [`# ${escapeMarkdown(words.title)}\n`, [head, rule, ...lines].join('\n'), '', ...notes].join('\n');
}

/** RFC 4180 with every digit; infinite numbers are `inf`, what is not known is empty. `more`: columns at the end. */
export function inpaintingCsv<Row extends InpaintedRow>(
  rows: readonly Row[],
  more: readonly (readonly [heading: string, cellOf: (row: Row) => string])[] = [],
): string {
  const perMethod = methods.map((method) => method.replace(' ', '_'));
  const scored = ['psnr', 'psnr_unknown', 'ssim'].flatMap((score) =>
    perMethod.map((method) => `${score}_${method}`),
  );
  const lines = [
    ['picture', 'width', 'height', 'known', ...scored, 'seconds', ...more.map(([heading]) => heading)],
    ...rows.map((row) => [
      row.name,
      ...[row.width, row.height, row.observed].map(String),
      ...methods.map((method) => csvNumber(psnrOf(row, method))),
      ...methods.map((method) => csvNumber(psnrOf(row, method, 'psnrUnobserved'))),
      ...methods.map((method) => csvNumber(scoreOf(row, method)?.ssim)),
      String(row.seconds),
      ...more.map(([, cellOf]) => cellOf(row)),
    ]),
  ];
  return lines.map((line) => `${line.map(csvCell).join(',')}\r\n`).join('');
}

/** The result is the mean of the samples where there are several. */
function scoreOf({ hasTruth, scores }: InpaintedRow, method: Method): PictureScore | undefined {
  return hasTruth ? scores.find((score) => score.method === method) : undefined;
}

/** Infinity where it is exact. */
function psnrOf(
  row: InpaintedRow,
  method: Method,
  which: 'psnr' | 'psnrUnobserved' = 'psnr',
): number | undefined {
  const score = scoreOf(row, method);
  return score && (score[which] ?? Infinity);
}

function meanLine(rows: readonly InpaintedRow[]): string[] {
  const mean = (values: readonly (number | null | undefined)[]) =>
    values.every((value) => typeof value === 'number')
      ? values.reduce((sum, value) => sum + value, 0) / values.length
      : undefined;
  const meanOf = (value: (row: InpaintedRow) => number | null | undefined) => mean(rows.map(value));
  return [
    `mean of ${rows.length}`,
    '',
    '',
    ...methods.map((method) =>
      formatScore(
        meanOf((row) => psnrOf(row, method)),
        2,
      ),
    ),
    ...methods.map((method) =>
      formatScore(
        meanOf((row) => scoreOf(row, method)?.ssim),
        3,
      ),
    ),
    meanOf(({ seconds }) => seconds)?.toFixed(1) ?? missing,
  ];
}

function formatScore(value: number | null | undefined, digits: number): string {
  if (value === null || value === undefined) return missing;
  return value === Infinity ? 'exact' : value.toFixed(digits);
}

function csvNumber(value: number | null | undefined): string {
  return value === Infinity ? 'inf' : String(value ?? '');
}
