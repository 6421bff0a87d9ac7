/** A comparison as tables: scores first, then what an evaluation of this version adds to them. */

import type { EvaluationRow } from '../metric.ts';
import { hasNearlyExact, nearlyExactPsnr } from '../numbers/psnrMean.ts';
import {
  type ComparisonColumn,
  detailColumns,
  distributionColumns,
  intervalColumns,
  scoreColumns,
} from './comparisonColumns.ts';

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
export const usualReference = 'thin plate';

/** Tables that would hold nothing are left out; `reference`: the method that paired differences are taken to. */
export function comparisonTables(
  rows: readonly EvaluationRow[],
  reference: string = usualReference,
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

/** A number as it is printed, and whether it is the best of its column. */
export interface ComparisonCell {
  readonly text: string;
  readonly isBest: boolean;
}

/** One line of cells a row, in the order of the columns; values that print alike are best together. */
export function comparisonCells<Row>({ columns, rows }: ComparisonTable<Row>): ComparisonCell[][] {
  const best = columns.map(({ format, quality }) => {
    if (!quality) return undefined;
    const ranked = rows.flatMap((row) => {
      const value = quality(row);
      return value === null || Number.isNaN(value) ? [] : [{ value, text: format(row) }];
    });
    if (ranked.length < 2) return undefined;
    return ranked.reduce((winner, each) => (each.value > winner.value ? each : winner)).text;
  });
  return rows.map((row) =>
    columns.map(({ format }, column) => {
      const text = format(row);
      return { text, isBest: best[column] !== undefined && text === best[column] };
    }),
  );
}
