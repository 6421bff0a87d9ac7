/** A comparison as a table, in Markdown and for the terminal; the protocol stands above its numbers. */

import type { Evaluation, EvaluationRow } from '../../shared/metric.ts';
import { describeProtocol } from './describeProtocol.ts';

interface Column {
  /** Words of the heading: one line in Markdown, stacked in the terminal. */
  readonly heading: readonly string[];
  readonly format: (row: EvaluationRow) => string;
  /** The larger, the better; columns without it have no best. */
  readonly quality?: (row: EvaluationRow) => number;
}

const columns: readonly Column[] = [
  { heading: ['NFE'], format: ({ nfe }) => String(nfe) },
  { heading: ['samples'], format: ({ samples }) => String(samples) },
  {
    heading: ['PSNR', 'dB'],
    format: ({ psnr }) => formatDecibels(psnr),
    quality: ({ psnr }) => psnr ?? Infinity,
  },
  {
    heading: ['PSNR', 'unobserved', 'dB'],
    format: ({ psnrUnobserved }) => formatDecibels(psnrUnobserved),
    quality: ({ psnrUnobserved }) => psnrUnobserved ?? Infinity,
  },
  { heading: ['SSIM'], format: ({ ssim }) => ssim.toFixed(4), quality: ({ ssim }) => ssim },
  {
    heading: ['SSIM', 'Gaussian'],
    format: ({ ssimGaussian }) => ssimGaussian.toFixed(4),
    quality: ({ ssimGaussian }) => ssimGaussian,
  },
  { heading: ['MSE'], format: ({ mse }) => mse.toFixed(5), quality: ({ mse }) => -mse },
  { heading: ['MAE'], format: ({ mae }) => mae.toFixed(4), quality: ({ mae }) => -mae },
  { heading: ['seconds'], format: ({ seconds }) => seconds.toFixed(2) },
];

const terminalWidth = 110;
/** Room for the asterisk already keeps the columns apart. */
const separator = ' ';

/**
 * Markdown with a title, the protocol and one line a method, the best of each quality column in bold; values that
 * print alike are best together.
 */
export function comparisonMarkdown({ protocol, rows }: Evaluation): string {
  const cells = formatCells(rows, { best: (text) => `**${text}**`, other: (text) => text });
  const lines = [
    ['Method', ...columns.map(({ heading }) => heading.join(' '))],
    [':---', ...columns.map(() => '---:')],
    ...rows.map(({ method }, index) => [escapeMarkdown(method), ...cells[index]]),
  ];
  const table = lines.map((line) => `| ${line.join(' | ')} |`).join('\n');
  const text = escapeMarkdown(describeProtocol(protocol));
  return `# Comparison\n\n**Protocol.** ${text}\n\n${table}\n\nBold: the best of its column.\n`;
}

/** The same for a terminal: at most 110 characters a line, the best of each quality column followed by an asterisk. */
export function comparisonText({ protocol, rows }: Evaluation): string {
  const cells = formatCells(rows, { best: (text) => `${text}*`, other: (text) => `${text} ` });
  const depth = Math.max(...columns.map(({ heading }) => heading.length));
  const headings = Array.from({ length: depth }, (_, line) =>
    columns.map(
      ({ heading, quality }) => `${heading[line - depth + heading.length] ?? ''}${quality ? ' ' : ''}`,
    ),
  );
  const widths = columns.map((_, column) => longest([...headings, ...cells].map((line) => line[column])));
  const room = terminalWidth - 1 - widths.reduce((sum, width) => sum + width + separator.length, 0);
  const names = rows.map(({ method }) => shorten(printable(method), room));
  const nameWidth = longest([...names, 'Method']) + 1;
  const layOut = (name: string, line: readonly string[]) =>
    [name.padEnd(nameWidth), ...line.map((text, column) => text.padStart(widths[column]))]
      .join(separator)
      .trimEnd();
  return [
    ...wrapWords(printable(describeProtocol(protocol)), terminalWidth),
    '',
    ...headings.map((line, index) => layOut(index === depth - 1 ? 'Method' : '', line)),
    ...names.map((name, index) => layOut(name, cells[index])),
    '* best of its column',
    '',
  ].join('\n');
}

function formatDecibels(value: number | null): string {
  return value === null ? '∞' : value.toFixed(2);
}

interface Marks {
  readonly best: (text: string) => string;
  /** For the others of a column that has a best. */
  readonly other: (text: string) => string;
}

/** One line of cells a row. */
function formatCells(rows: readonly EvaluationRow[], marks: Marks): string[][] {
  const best = columns.map(({ format, quality }) => {
    if (!quality || rows.length === 0) return undefined;
    return format(rows.reduce((winner, row) => (quality(row) > quality(winner) ? row : winner)));
  });
  return rows.map((row) =>
    columns.map(({ format, quality }, column) => {
      const text = format(row);
      if (!quality) return text;
      return text === best[column] ? marks.best(text) : marks.other(text);
    }),
  );
}

/** Method names and paths are data: they may neither break the table nor become markup. */
function escapeMarkdown(text: string): string {
  return printable(text).replace(/[\\`*_[\]<>|]/g, '\\$&');
}

/** Line ends and other control characters become spaces. */
function printable(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ');
}

function longest(texts: readonly string[]): number {
  return Math.max(...texts.map((text) => text.length));
}

function shorten(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}

/** Lines of at most `width` characters; longer words, such as paths, are cut. */
function wrapWords(text: string, width: number): string[] {
  const lines = [''];
  for (const word of text.split(' ').flatMap((long) => long.match(new RegExp(`.{1,${width}}`, 'gu')) ?? [])) {
    const longer = `${lines[lines.length - 1]} ${word}`.trimStart();
    if (longer.length <= width) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}
