/** A table of words as Markdown, CSV and LaTeX: what is no comparison by a protocol, but is handed in all the same. */

import { latexDocument, latexTable } from '../../../shared/comparison/comparisonLatex.ts';
import { csvCell, escapeMarkdown } from '../../../shared/text/escapeText.ts';

export interface WordTable {
  /** Stands above it, or is its caption. */
  readonly title: string;
  readonly heads: readonly string[];
  /** As many words each as there are heads. */
  readonly lines: readonly (readonly string[])[];
  /** Columns from this one on stand to the right; default: none. */
  readonly numbersFrom?: number;
}

export function wordTableMarkdown({ title, heads, lines, numbersFrom = Infinity }: WordTable): string {
  const rule = heads.map((_, column) => (column >= numbersFrom ? '---:' : ':---'));
  const escaped = [heads, ...lines].map((line) => line.map(escapeMarkdown));
  const body = [escaped[0], rule, ...escaped.slice(1)].map((line) => `| ${line.join(' | ')} |`).join('\n');
  return `## ${escapeMarkdown(title)}\n\n${body}\n`;
}

/** RFC 4180, as the words are shown. */
export function wordTableCsv({ heads, lines }: WordTable): string {
  return [heads, ...lines].map((line) => `${line.map(csvCell).join(',')}\r\n`).join('');
}

export function wordTableLatex({ title, heads, lines, numbersFrom = Infinity }: WordTable): string {
  const alignment = heads.map((_, column) => (column >= numbersFrom ? 'r' : 'l')).join('');
  return latexDocument([latexTable({ alignment, heads, lines, caption: title })]);
}
