import { describe, expect, it } from 'vitest';
import { comparisonCsv, comparisonLatex, csvCell } from '../../shared/pure/comparisonTable.ts';
import { describeProtocol } from '../../shared/pure/describeProtocol.ts';
import { exampleEvaluation, exampleRow } from '../reports/exampleEvaluation.ts';

describe('comparisonCsv', () => {
  it('keeps every digit and the protocol in each line', () => {
    const [head, first, ...rest] = comparisonCsv(exampleEvaluation).split('\r\n');
    expect(head).toBe(
      'method,NFE,samples,PSNR dB,PSNR unobserved dB,SSIM,SSIM Gaussian,MSE,MAE,seconds,protocol',
    );
    expect(first).toBe(
      `nearest,0,0,20.386,19.42,0.7045,0.665,0.0114,0.061,0.03,"${describeProtocol(exampleEvaluation.protocol)}"`,
    );
    expect(rest.at(-1)).toBe('');
    expect(rest).toHaveLength(3);
  });

  it('writes an exact result as inf', () => {
    const rows = [exampleRow({ psnr: null })];
    expect(comparisonCsv({ ...exampleEvaluation, rows })).toContain('\r\nmean,0,0,inf,19,');
  });

  it.each([
    ['=1+1', `'=1+1`],
    ['@sum', `'@sum`],
    ['-0.5', '-0.5'],
    ['-x', `'-x`],
    ['a,b', '"a,b"'],
    ['say "a"', '"say ""a"""'],
    ['two\nlines', '"two\nlines"'],
  ])('writes %j as %j', (text, cell) => {
    expect(csvCell(text)).toBe(cell);
  });
});

describe('comparisonLatex', () => {
  const rows = [
    exampleRow({ method: 'a_b & 50 % {x} \\end', psnr: null }),
    exampleRow({ method: 'flow · mean', psnr: 21 }),
  ];
  const latex = comparisonLatex({ ...exampleEvaluation, rows });

  it('escapes what LaTeX would read as a command', () => {
    expect(latex).toContain('a\\_b \\& 50 \\% \\{x\\} \\textbackslash{}end & 0');
    expect(latex).toContain('flow $\\cdot$ mean');
  });

  it('marks the best of a column and has a line a method', () => {
    expect(latex).toContain('\\textbf{$\\infty$}');
    expect(latex).toContain('\\begin{tabular}{lrrrrrrrrr}');
    expect(latex.match(/ \\\\$/gm)).toHaveLength(3);
  });

  it('carries the protocol as its caption', () => {
    expect(latex).toContain('204 of 1024 pixels observed (20 \\%)');
  });
});
