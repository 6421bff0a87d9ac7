/** A comparison as Markdown. */

import type { Evaluation } from '../metric.ts';
import { comparisonCells, type ComparisonTable, comparisonTables } from './comparisonTables.ts';
import { describeProtocol } from './describeProtocol.ts';
import { escapeMarkdown } from '../text/escapeMarkdown.ts';

/** A title, the protocol and one line a method in each table, the best of each quality column in bold. */
export function comparisonMarkdown({ protocol, rows }: Evaluation, reference?: string): string {
  const text = escapeMarkdown(describeProtocol(protocol));
  const tables = comparisonTables(rows, reference).map(tableMarkdown);
  return `# Comparison\n\n**Protocol.** ${text}\n\n${tables.join('\n\n')}\n\nBold: the best of its column.\n`;
}

/** One table; its title and note stand above it, and the note of one without a title below. */
export function tableMarkdown<Row extends { readonly method: string }>(table: ComparisonTable<Row>): string {
  const cells = comparisonCells(table);
  const lines = [
    ['Method', ...table.columns.map(({ heading }) => escapeMarkdown(heading.join(' ')))],
    [':---', ...table.columns.map(() => '---:')],
    ...table.rows.map(({ method }, index) => [
      escapeMarkdown(method),
      ...cells[index].map(({ text, isBest }) => (isBest ? `**${text}**` : text)),
    ]),
  ];
  const body = lines.map((line) => `| ${line.join(' | ')} |`).join('\n');
  if (table.title === '') return table.note === '' ? body : `${body}\n\n${escapeMarkdown(table.note)}`;
  return `## ${table.title}\n\n${escapeMarkdown(table.note)}\n\n${body}`;
}
