import { describe, expect, it } from 'vitest';
import { formatCsv, formatLatexTable, formatMarkdownTable } from '../../shared/text/textTable.ts';

const table = {
  title: 'Runs & gains',
  heads: ['Run', 'Gain, dB'],
  lines: [
    ['a|b', '+0.42'],
    ['=SUM(A1)', '−0.10'],
  ],
  numbersFrom: 1,
};

describe('textTable', () => {
  it('Markdown escapes cells that would break a column', () => {
    expect(formatMarkdownTable(table)).toBe(
      '## Runs & gains\n\n| Run | Gain, dB |\n| :--- | ---: |\n| a\\|b | +0.42 |\n| =SUM(A1) | −0.10 |',
    );
  });

  it('CSV escapes cells that a spreadsheet would treat as formulas', () => {
    expect(formatCsv([table.heads, ...table.lines])).toBe(
      `Run,"Gain, dB"\r\na|b,+0.42\r\n'=SUM(A1),−0.10\r\n`,
    );
  });

  it('LaTeX escapes characters that it would interpret', () => {
    const latex = formatLatexTable(table, table.title);
    expect(latex).toContain('\\begin{tabular}{lr}');
    expect(latex).toContain('    =SUM(A1) & $-$0.10 \\\\\n');
    expect(latex).toContain('\\caption{Runs \\& gains}');
  });
});
