/** A comparison as LaTeX tables. */

import type { Evaluation } from '../metric.ts';
import { comparisonCells, type ComparisonTable, comparisonTables } from './comparisonTables.ts';
import { describeProtocol } from './commonProtocols.ts';
import { printable } from '../text/escapeText.ts';

/** Tables with booktabs rules, the best of each quality column in bold; the protocol is the caption of the first. */
export function comparisonLatex({ protocol, rows }: Evaluation, reference?: string): string {
  const tables = comparisonTables(rows, reference).map((table) =>
    tableLatex(
      table,
      table.title === ''
        ? `${describeProtocol(protocol)} ${table.note}`.trim()
        : `${table.title}. ${table.note}`,
    ),
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
  return tabular({
    alignment: `l${'r'.repeat(table.columns.length)}`,
    heads: ['Method', ...table.columns.map(({ heading }) => escapeLatex(heading.join(' ')))],
    lines: table.rows.map(({ method }, index) => [
      escapeLatex(method),
      ...cells[index].map(({ text, isBest }) => latexNumber(text, isBest)),
    ]),
    caption: `${escapeLatex(caption)} Bold: the best of its column.`,
  });
}

export interface LatexTable {
  /** A letter a column: `lrr`. */
  readonly alignment: string;
  readonly heads: readonly string[];
  readonly lines: readonly (readonly string[])[];
  readonly caption: string;
}

/** Renders a table of plain text. */
export function latexTable({ alignment, heads, lines, caption }: LatexTable): string {
  const escapeAll = (texts: readonly string[]) => texts.map(escapeLatex);
  return tabular({
    alignment,
    caption: escapeLatex(caption),
    heads: escapeAll(heads),
    lines: lines.map(escapeAll),
  });
}

/** Renders a table whose texts are valid LaTeX. */
function tabular({ alignment, heads, lines, caption }: LatexTable): string {
  const line = (cells: readonly string[]) => `    ${cells.join(' & ')} \\\\`;
  return [
    '\\begin{table}',
    '  \\centering',
    `  \\begin{tabular}{${alignment}}`,
    '    \\toprule',
    line(heads),
    '    \\midrule',
    ...lines.map(line),
    '    \\bottomrule',
    '  \\end{tabular}',
    `  \\caption{${caption}}`,
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
