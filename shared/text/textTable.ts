/** The writers of tables as Markdown, CSV and LaTeX. */

import { csvCell, escapeMarkdown, printable } from './escapeText.ts';

/** A text, or a formatted number that may be the best of its column. */
export type TextCell = string | { readonly text: string; readonly isBest: boolean };

export interface TextTable {
  /** Empty: none. */
  readonly title: string;
  /** What the columns mean; empty by default. */
  readonly note?: string;
  readonly heads: readonly string[];
  /** One cell per heading. */
  readonly lines: readonly (readonly TextCell[])[];
  /** Index of the first right-aligned column; default: none. */
  readonly numbersFrom?: number;
}

/** Returns the table with the best numbers in bold, its title and note above it; without a title the note is below. */
export function formatMarkdownTable({
  title,
  note = '',
  heads,
  lines,
  numbersFrom = Infinity,
}: TextTable): string {
  const rule = heads.map((_, column) => (column >= numbersFrom ? '---:' : ':---'));
  const body = [heads.map(escapeMarkdown), rule, ...lines.map((line) => line.map(markdownCell))]
    .map((line) => `| ${line.join(' | ')} |`)
    .join('\n');
  const parts =
    title === '' ? [body, escapeMarkdown(note)] : [`## ${escapeMarkdown(title)}`, escapeMarkdown(note), body];
  return parts.filter((part) => part !== '').join('\n\n');
}

function markdownCell(cell: TextCell): string {
  if (typeof cell === 'string') return escapeMarkdown(cell);
  return cell.isBest ? `**${cell.text}**` : cell.text;
}

/** Returns lines of texts as CSV (RFC 4180). */
export function formatCsv(lines: readonly (readonly string[])[]): string {
  return lines.map((line) => `${line.map(csvCell).join(',')}\r\n`).join('');
}

/** Returns a document of tables, with the packages it needs. */
export function formatLatexDocument(tables: readonly string[]): string {
  return ['% Needs \\usepackage{booktabs}.', ...tables, ''].join('\n');
}

/** Returns the table with booktabs rules and the best numbers in bold. */
export function formatLatexTable(
  { heads, lines, numbersFrom = Infinity }: Pick<TextTable, 'heads' | 'lines' | 'numbersFrom'>,
  caption: string,
): string {
  const alignment = heads.map((_, column) => (column >= numbersFrom ? 'r' : 'l')).join('');
  const formatLine = (line: readonly TextCell[]) => `    ${line.map(latexCell).join(' & ')} \\\\`;
  return [
    '\\begin{table}',
    '  \\centering',
    `  \\begin{tabular}{${alignment}}`,
    '    \\toprule',
    formatLine(heads),
    '    \\midrule',
    ...lines.map(formatLine),
    '    \\bottomrule',
    '  \\end{tabular}',
    `  \\caption{${escapeLatex(caption)}}`,
    '\\end{table}',
  ].join('\n');
}

function latexCell(cell: TextCell): string {
  if (typeof cell === 'string') return escapeLatex(cell);
  const number = escapeLatex(cell.text);
  return cell.isBest ? `\\textbf{${number}}` : number;
}

const latexSigns: Readonly<Record<string, string>> = {
  '\\': '\\textbackslash{}',
  '~': '\\textasciitilde{}',
  '^': '\\textasciicircum{}',
  '×': '$\\times$',
  '–': '--',
  '−': '$-$',
  '\u202f': '\\,',
  '·': '$\\cdot$',
  σ: '$\\sigma$',
  '∞': '$\\infty$',
  '<': '\\textless{}',
  '>': '\\textgreater{}',
};

function escapeLatex(text: string): string {
  return printable(text).replace(/[\\~^×·–−\u202fσ∞<>&%$#_{}]/g, (sign) => latexSigns[sign] ?? `\\${sign}`);
}
