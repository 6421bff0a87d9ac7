/** A comparison as a table for papers and spreadsheets: Markdown, CSV and LaTeX, the same columns everywhere. */

import type { Evaluation, EvaluationRow } from '../metric.ts';
import { describeProtocol } from './describeProtocol.ts';

export interface ComparisonColumn {
  /** Words of the heading: one line in Markdown, stacked in the terminal. */
  readonly heading: readonly string[];
  readonly format: (row: EvaluationRow) => string;
  /** The number behind the text, in full; null = infinite. */
  readonly value: (row: EvaluationRow) => number | null;
  /** The larger, the better; columns without it have no best. */
  readonly quality?: (row: EvaluationRow) => number;
}

export const comparisonColumns: readonly ComparisonColumn[] = [
  { heading: ['NFE'], format: ({ nfe }) => String(nfe), value: ({ nfe }) => nfe },
  { heading: ['samples'], format: ({ samples }) => String(samples), value: ({ samples }) => samples },
  {
    heading: ['PSNR', 'dB'],
    format: ({ psnr }) => formatDecibels(psnr),
    value: ({ psnr }) => psnr,
    quality: ({ psnr }) => psnr ?? Infinity,
  },
  {
    heading: ['PSNR', 'unobserved', 'dB'],
    format: ({ psnrUnobserved }) => formatDecibels(psnrUnobserved),
    value: ({ psnrUnobserved }) => psnrUnobserved,
    quality: ({ psnrUnobserved }) => psnrUnobserved ?? Infinity,
  },
  {
    heading: ['SSIM'],
    format: ({ ssim }) => ssim.toFixed(4),
    value: ({ ssim }) => ssim,
    quality: ({ ssim }) => ssim,
  },
  {
    heading: ['SSIM', 'Gaussian'],
    format: ({ ssimGaussian }) => ssimGaussian.toFixed(4),
    value: ({ ssimGaussian }) => ssimGaussian,
    quality: ({ ssimGaussian }) => ssimGaussian,
  },
  {
    heading: ['MSE'],
    format: ({ mse }) => mse.toFixed(5),
    value: ({ mse }) => mse,
    quality: ({ mse }) => -mse,
  },
  {
    heading: ['MAE'],
    format: ({ mae }) => mae.toFixed(4),
    value: ({ mae }) => mae,
    quality: ({ mae }) => -mae,
  },
  { heading: ['seconds'], format: ({ seconds }) => seconds.toFixed(2), value: ({ seconds }) => seconds },
];

/** A number as it is printed, and whether it is the best of its column. */
export interface ComparisonCell {
  readonly text: string;
  readonly isBest: boolean;
}

/** One line of cells a row, in the order of the columns; values that print alike are best together. */
export function comparisonCells(rows: readonly EvaluationRow[]): ComparisonCell[][] {
  const best = comparisonColumns.map(({ format, quality }) => {
    if (!quality || rows.length === 0) return undefined;
    return format(rows.reduce((winner, row) => (quality(row) > quality(winner) ? row : winner)));
  });
  return rows.map((row) =>
    comparisonColumns.map(({ format, quality }, column) => {
      const text = format(row);
      return { text, isBest: quality !== undefined && text === best[column] };
    }),
  );
}

/** Markdown with a title, the protocol and one line a method, the best of each quality column in bold. */
export function comparisonMarkdown({ protocol, rows }: Evaluation): string {
  const cells = comparisonCells(rows);
  const lines = [
    ['Method', ...comparisonColumns.map(({ heading }) => heading.join(' '))],
    [':---', ...comparisonColumns.map(() => '---:')],
    ...rows.map(({ method }, index) => [
      escapeMarkdown(method),
      ...cells[index].map(({ text, isBest }) => (isBest ? `**${text}**` : text)),
    ]),
  ];
  const table = lines.map((line) => `| ${line.join(' | ')} |`).join('\n');
  const text = escapeMarkdown(describeProtocol(protocol));
  return `# Comparison\n\n**Protocol.** ${text}\n\n${table}\n\nBold: the best of its column.\n`;
}

/** CSV by RFC 4180 with every digit, the protocol in the last column of each line; infinite numbers are `inf`. */
export function comparisonCsv({ protocol, rows }: Evaluation): string {
  const headings = comparisonColumns.map(({ heading }) => heading.join(' '));
  const text = describeProtocol(protocol);
  const lines = [
    ['method', ...headings, 'protocol'],
    ...rows.map((row) => [
      row.method,
      ...comparisonColumns.map(({ value }) => String(value(row) ?? 'inf')),
      text,
    ]),
  ];
  return lines.map((line) => `${line.map(csvCell).join(',')}\r\n`).join('');
}

/** A LaTeX table with booktabs rules, the best of each quality column in bold, the protocol as its caption. */
export function comparisonLatex({ protocol, rows }: Evaluation): string {
  const cells = comparisonCells(rows);
  const line = (words: readonly string[]) => `    ${words.join(' & ')} \\\\`;
  const headings = comparisonColumns.map(({ heading }) => escapeLatex(heading.join(' ')));
  const body = rows.map(({ method }, index) =>
    line([escapeLatex(method), ...cells[index].map(({ text, isBest }) => latexNumber(text, isBest))]),
  );
  return [
    '% Needs \\usepackage{booktabs}.',
    '\\begin{table}',
    '  \\centering',
    `  \\begin{tabular}{l${'r'.repeat(comparisonColumns.length)}}`,
    '    \\toprule',
    line(['Method', ...headings]),
    '    \\midrule',
    ...body,
    '    \\bottomrule',
    '  \\end{tabular}',
    `  \\caption{${escapeLatex(describeProtocol(protocol))} Bold: the best of its column.}`,
    '\\end{table}',
    '',
  ].join('\n');
}

/** Line ends and other control characters become spaces. */
export function printable(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ');
}

function formatDecibels(value: number | null): string {
  return value === null ? '∞' : value.toFixed(2);
}

/** Method names and paths are data: they may neither break the table nor become markup. */
function escapeMarkdown(text: string): string {
  return printable(text).replace(/[\\`*_[\]<>|]/g, '\\$&');
}

/** A cell that a spreadsheet would take for a formula gets an apostrophe before it. */
export function csvCell(text: string): string {
  const isFormula = /^[=+\-@\t\r]/.test(text) && !Number.isFinite(Number(text));
  const safe = isFormula ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function latexNumber(text: string, isBest: boolean): string {
  const number = text === '∞' ? '$\\infty$' : text;
  return isBest ? `\\textbf{${number}}` : number;
}

const latexSigns: Readonly<Record<string, string>> = {
  '\\': '\\textbackslash{}',
  '~': '\\textasciitilde{}',
  '^': '\\textasciicircum{}',
  '×': '$\\times$',
  '·': '$\\cdot$',
  σ: '$\\sigma$',
  '∞': '$\\infty$',
  '<': '\\textless{}',
  '>': '\\textgreater{}',
};

function escapeLatex(text: string): string {
  return printable(text).replace(/[\\~^×·σ∞<>&%$#_{}]/g, (sign) => latexSigns[sign] ?? `\\${sign}`);
}
