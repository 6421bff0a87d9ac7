/** A comparison as tables for the terminal, with the protocol above them. */

import type { Evaluation } from '../../shared/metric.ts';
import {
  comparisonCells,
  type ComparisonTable,
  comparisonTables,
} from '../../shared/comparison/comparisonTables.ts';
import { titleOfMethod } from '../../shared/comparison/comparisonColumns.ts';
import { describeProtocol } from '../../shared/comparison/commonProtocols.ts';
import { printable } from '../../shared/text/escapeText.ts';
import {
  displayWidth,
  padColumnsEnd,
  padColumnsStart,
  truncateMiddle,
} from '../../shared/text/terminalText.ts';

const terminalWidth = 110;
/** One space: the room for the asterisk already separates the columns. */
const separator = ' ';

/**
 * At most 110 characters a line, the best of each quality column followed by an asterisk. `reference`: the method that
 * paired differences are taken to.
 */
export function comparisonText({ protocol, rows }: Evaluation, reference?: string): string {
  return [
    ...wrapWords(printable(describeProtocol(protocol)), terminalWidth),
    ...comparisonTables(rows, reference).flatMap((table) => ['', ...tableLines(table)]),
    '* best of its column',
    '',
  ].join('\n');
}

/** Returns the lines of one table, with its title and note. */
export function tableLines<Row extends { readonly method: string }>(table: ComparisonTable<Row>): string[] {
  const { columns, rows } = table;
  const cells = comparisonCells(table).map((line) =>
    line.map(({ text, isBest }, column) => {
      if (columns[column].quality === undefined) return text;
      return isBest ? `${text}*` : `${text} `;
    }),
  );
  const depth = Math.max(...columns.map(({ heading }) => heading.length));
  const headings = Array.from({ length: depth }, (_, line) =>
    columns.map(
      ({ heading, quality }) => `${heading[line - depth + heading.length] ?? ''}${quality ? ' ' : ''}`,
    ),
  );
  const widths = columns.map((_, column) => longest([...headings, ...cells].map((line) => line[column])));
  const room = terminalWidth - 1 - widths.reduce((sum, width) => sum + width + separator.length, 0);
  // Rows of one method differ at the end of their names.
  const names = rows.map(({ method }) => truncateMiddle(printable(titleOfMethod(method)), room));
  const nameWidth = longest([...names, 'Method']) + 1;
  const layOut = (name: string, line: readonly string[]) =>
    [padColumnsEnd(name, nameWidth), ...line.map((text, column) => padColumnsStart(text, widths[column]))]
      .join(separator)
      .trimEnd();
  return [
    ...(table.title === '' ? [] : wrapWords(printable(`${table.title}. ${table.note}`), terminalWidth)),
    ...headings.map((line, index) => layOut(index === depth - 1 ? 'Method' : '', line)),
    ...names.map((name, index) => layOut(name, cells[index])),
    ...(table.title === '' && table.note !== '' ? wrapWords(printable(table.note), terminalWidth) : []),
  ];
}

/** Wraps a text to the width of the terminal. */
export function wrapText(text: string): string {
  return wrapWords(printable(text), terminalWidth).join('\n');
}

function longest(texts: readonly string[]): number {
  return Math.max(...texts.map(displayWidth));
}

/** Wraps text to lines of at most `width` characters; longer words, such as paths, are broken. */
function wrapWords(text: string, width: number): string[] {
  const lines = [''];
  for (const word of text.split(' ').flatMap((long) => long.match(new RegExp(`.{1,${width}}`, 'gu')) ?? [])) {
    const longer = `${lines[lines.length - 1]} ${word}`.trimStart();
    if (displayWidth(longer) <= width) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}
