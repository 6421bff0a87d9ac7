/** A table of texts as Markdown, CSV and LaTeX. */

import { latexDocument, latexTable } from '../../../shared/comparison/comparisonLatex.ts';
import { csvCell, escapeMarkdown } from '../../../shared/text/escapeText.ts';

export interface TextTable {
  /** Heading or caption. */
  readonly title: string;
  readonly heads: readonly string[];
  /** One cell per heading. */
  readonly lines: readonly (readonly string[])[];
  /** Index of the first right-aligned column; default: none. */
  readonly numbersFrom?: number;
}

export function textTableMarkdown({ title, heads, lines, numbersFrom = Infinity }: TextTable): string {
  const rule = heads.map((_, column) => (column >= numbersFrom ? '---:' : ':---'));
  const escaped = [heads, ...lines].map((line) => line.map(escapeMarkdown));
  const body = [escaped[0], rule, ...escaped.slice(1)].map((line) => `| ${line.join(' | ')} |`).join('\n');
  return `## ${escapeMarkdown(title)}\n\n${body}\n`;
}

/** Returns CSV (RFC 4180) with the texts as shown. */
export function textTableCsv({ heads, lines }: TextTable): string {
  return [heads, ...lines].map((line) => `${line.map(csvCell).join(',')}\r\n`).join('');
}

export function textTableLatex({ title, heads, lines, numbersFrom = Infinity }: TextTable): string {
  const alignment = heads.map((_, column) => (column >= numbersFrom ? 'r' : 'l')).join('');
  return latexDocument([latexTable({ alignment, heads, lines, caption: title })]);
}
