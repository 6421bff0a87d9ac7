/** A comparison as LaTeX tables. */

import type { Evaluation } from '../metric.ts';
import { comparisonCells, type ComparisonTable, comparisonTables } from './comparisonTables.ts';
import { describeProtocol } from './describeProtocol.ts';
import { printable } from './printable.ts';

/** Tables with booktabs rules, the best of each quality column in bold; the protocol is the caption of the first. */
export function comparisonLatex({ protocol, rows }: Evaluation, reference?: string): string {
  const tables = comparisonTables(rows, reference).map((table) =>
    tableLatex(table, table.title === '' ? describeProtocol(protocol) : `${table.title}. ${table.note}`),
  );
  return latexDocument(tables);
}

/** Tables with what they need. */
export function latexDocument(tables: readonly string[]): string {
  return ['% Needs \\usepackage{booktabs}.', ...tables, ''].join('\n');
}

export function tableLatex<Row extends { readonly method: string }>(
  table: ComparisonTable<Row>,
  caption: string,
): string {
  const cells = comparisonCells(table);
  const line = (words: readonly string[]) => `    ${words.join(' & ')} \\\\`;
  const headings = table.columns.map(({ heading }) => escapeLatex(heading.join(' ')));
  const body = table.rows.map(({ method }, index) =>
    line([escapeLatex(method), ...cells[index].map(({ text, isBest }) => latexNumber(text, isBest))]),
  );
  return [
    '\\begin{table}',
    '  \\centering',
    `  \\begin{tabular}{l${'r'.repeat(table.columns.length)}}`,
    '    \\toprule',
    line(['Method', ...headings]),
    '    \\midrule',
    ...body,
    '    \\bottomrule',
    '  \\end{tabular}',
    `  \\caption{${escapeLatex(caption)} Bold: the best of its column.}`,
    '\\end{table}',
  ].join('\n');
}

function latexNumber(text: string, isBest: boolean): string {
  const number = escapeLatex(text);
  return isBest ? `\\textbf{${number}}` : number;
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
