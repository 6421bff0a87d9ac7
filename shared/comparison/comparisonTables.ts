/** A comparison as tables: scores first, then what an evaluation of this version adds to them. */

import type { Evaluation, EvaluationRow } from '../metric.ts';
import { csvNumber } from '../numbers/nonFinite.ts';
import { hasNearlyExact, nearlyExactPsnr, practicalDifference } from '../numbers/psnrMean.ts';
import { escapeMarkdown } from '../text/escapeText.ts';
import {
  formatCsv,
  formatLatexDocument,
  formatLatexTable,
  formatMarkdownTable,
  type TextTable,
} from '../text/textTable.ts';
import {
  type ComparisonColumn,
  detailColumns,
  distributionColumns,
  intervalColumns,
  scoreColumns,
  titleOfMethod,
} from './comparisonColumns.ts';
import { describeProtocol } from './commonProtocols.ts';

export interface ComparisonTable<Row = EvaluationRow> {
  /** Empty for the scores, which need none. */
  readonly title: string;
  /** What its columns mean, in a sentence; empty where that is plain. */
  readonly note: string;
  readonly columns: readonly ComparisonColumn<Row>[];
  readonly rows: readonly Row[];
}

/** What a reader must know of a table with exact or nearly exact images. */
const nearlyExactNote = `Some images are exact or nearly so (from ${nearlyExactPsnr.toFixed(1)} dB on): exact ones are counted, the others averaged, and the best PSNR is the one with the least squared error over all images.`;

/** The method that differences are taken to, where nobody chose one. */
export const defaultReference = 'thin plate';

/** Tables that would hold nothing are left out; `reference`: the method that paired differences are taken to. */
export function comparisonTables(
  rows: readonly EvaluationRow[],
  reference: string = defaultReference,
): ComparisonTable[] {
  const note = hasNearlyExact(rows) ? nearlyExactNote : '';
  const scores = { title: '', note, columns: scoreColumns(rows), rows };
  const known = rows.filter(({ psnrInterval }) => psnrInterval !== null);
  const intervals = {
    title: 'Intervals',
    note: `Bootstrap of the mean over images (2000 draws); differences to ${reference} are paired image by image.`,
    columns: intervalColumns(known, reference),
    rows: known,
  };
  const distribution = {
    title: 'Distribution',
    note: 'Over the unobserved pixels. Calibrated samples cover what they say and have spread / skill 1.',
    columns: distributionColumns,
    rows: rows.filter((row) => row.distribution !== null),
  };
  const detail = {
    title: 'Detail and cost',
    note: 'Observed pixels before pasting; the spectrum error is between radial power spectra.',
    columns: detailColumns,
    rows: rows.filter(({ spectrumError }) => spectrumError !== null),
  };
  const more = [intervals, distribution, detail].filter((table) => table.rows.length > 0);
  return [scores, ...more];
}

/** Methods that differences can be taken to. */
export function possibleReferences(rows: readonly EvaluationRow[]): string[] {
  return [...new Set(rows.filter(({ perImage }) => perImage !== null).map(({ method }) => method))];
}

/** Explains what is bold, below every table. */
export const boldLegend = `Bold: the best of its column; a PSNR less than ${practicalDifference} dB below it is practically equal.`;

/** A number as it is printed, and whether it is the best of its column, or practically equal to that. */
export interface ComparisonCell {
  readonly text: string;
  readonly isBest: boolean;
}

/**
 * One line of cells a row, in the order of the columns; values that print alike, or differ by less than the column
 * counts, are best together.
 */
export function comparisonCells<Row>({ columns, rows }: ComparisonTable<Row>): ComparisonCell[][] {
  const best = columns.map(({ format, quality, equalWithin = 0 }) => {
    if (!quality) return undefined;
    const ranked = rows.flatMap((row) => {
      const value = quality(row);
      return value === null || Number.isNaN(value) ? [] : [{ value, text: format(row) }];
    });
    if (ranked.length < 2) return undefined;
    const { value: top, text } = ranked.reduce((winner, each) => (each.value > winner.value ? each : winner));
    const equal = ranked.filter(({ value }) => top - value < equalWithin);
    return new Set([text, ...equal.map((each) => each.text)]);
  });
  return rows.map((row) =>
    columns.map(({ format }, column) => {
      const text = format(row);
      return { text, isBest: best[column]?.has(text) === true };
    }),
  );
}

/**
 * RFC 4180 with every digit, the protocol in the last column of each line; numbers that are not finite as in `nonFinite.ts`, and
 * what a method has no number for is empty.
 */
export function comparisonCsv({ protocol, rows }: Evaluation, reference?: string): string {
  return tablesCsv(comparisonTables(rows, reference), rows, { protocol: describeProtocol(protocol) });
}

/** Returns the numbers of all tables as one CSV table. @param more Columns that are the same in each line, by their headings. */
export function tablesCsv<Row extends { readonly method: string }>(
  tables: readonly ComparisonTable<Row>[],
  rows: readonly Row[],
  more: Readonly<Record<string, string>>,
): string {
  const numbers = tables.flatMap(({ columns, rows: own }) =>
    columns.flatMap((column) =>
      column.numbers.map(({ heading, value }) => ({
        heading,
        write: (row: Row) => (own.includes(row) ? csvNumber(value(row)) : ''),
      })),
    ),
  );
  // A number that several tables show is written once.
  const columns = [
    ...new Map(numbers.toReversed().map((entry) => [entry.heading, entry])).values(),
  ].reverse();
  return formatCsv([
    ['method', ...columns.map(({ heading }) => heading), ...Object.keys(more)],
    ...rows.map((row) => [row.method, ...columns.map(({ write }) => write(row)), ...Object.values(more)]),
  ]);
}

/** Returns the protocol and all tables as Markdown, the best of each quality column in bold. */
export function comparisonMarkdown({ protocol, rows }: Evaluation, reference?: string): string {
  const text = escapeMarkdown(describeProtocol(protocol));
  const tables = comparisonTables(rows, reference).map(tableMarkdown);
  return `# Comparison\n\n**Protocol.** ${text}\n\n${tables.join('\n\n')}\n\n${boldLegend}\n`;
}

/** Returns one table as Markdown, with its title and note. */
export function tableMarkdown<Row extends { readonly method: string }>(table: ComparisonTable<Row>): string {
  return formatMarkdownTable(textTableOf(table));
}

/** Returns all tables as LaTeX; the protocol is the caption of the first. */
export function comparisonLatex({ protocol, rows }: Evaluation, reference?: string): string {
  const tables = comparisonTables(rows, reference).map((table) =>
    tableLatex(
      table,
      table.title === ''
        ? `${describeProtocol(protocol)} ${table.note}`.trim()
        : `${table.title}. ${table.note}`,
    ),
  );
  return formatLatexDocument(tables);
}

/** Returns several tables with their titles and notes as Markdown. */
export function tablesMarkdown<Row extends { readonly method: string }>(
  tables: readonly ComparisonTable<Row>[],
): string {
  return `${tables.map(tableMarkdown).join('\n\n')}\n`;
}

/** Returns several tables as LaTeX, each with its title and note as its caption. */
export function tablesLatex<Row extends { readonly method: string }>(
  tables: readonly ComparisonTable<Row>[],
): string {
  return formatLatexDocument(tables.map((table) => tableLatex(table, `${table.title}. ${table.note}`)));
}

/** Returns one table as LaTeX. */
export function tableLatex<Row extends { readonly method: string }>(
  table: ComparisonTable<Row>,
  caption: string,
): string {
  return formatLatexTable(textTableOf(table), `${caption} ${boldLegend}`);
}

/** Returns the table with one line per row, its method first. */
function textTableOf<Row extends { readonly method: string }>(table: ComparisonTable<Row>): TextTable {
  const cells = comparisonCells(table);
  return {
    title: table.title,
    note: table.note,
    heads: ['Method', ...table.columns.map(({ heading }) => heading.join(' '))],
    lines: table.rows.map(({ method }, index) => [titleOfMethod(method), ...cells[index]]),
    numbersFrom: 1,
  };
}
