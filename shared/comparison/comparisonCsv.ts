/** A comparison as CSV: all tables side by side. */

import type { Evaluation } from '../metric.ts';
import { type ComparisonTable, comparisonTables } from './comparisonTables.ts';
import { csvCell } from '../text/csvCell.ts';
import { describeProtocol } from './describeProtocol.ts';
import { csvNumber } from '../numbers/nonFinite.ts';

/**
 * RFC 4180 with every digit, the protocol in the last column of each line; numbers that are not finite as in `nonFinite.ts`, and
 * what a method has no number for is empty.
 */
export function comparisonCsv({ protocol, rows }: Evaluation, reference?: string): string {
  return tablesCsv(comparisonTables(rows, reference), rows, { protocol: describeProtocol(protocol) });
}

/** @param more Columns that are the same in each line, by their headings. */
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
  const lines = [
    ['method', ...columns.map(({ heading }) => heading), ...Object.keys(more)],
    ...rows.map((row) => [row.method, ...columns.map(({ write }) => write(row)), ...Object.values(more)]),
  ];
  return lines.map((line) => `${line.map(csvCell).join(',')}\r\n`).join('');
}
