import { describe, expect, it } from 'vitest';
import { commonProtocols, describeProtocol } from '../../../shared/comparison/commonProtocols.ts';
import { comparisonOfRuns } from '../../../shared/comparison/comparisonOfRuns.ts';
import {
  comparisonCsv,
  comparisonLatex,
  comparisonMarkdown,
  comparisonTables,
  possibleReferences,
} from '../../../shared/comparison/comparisonTables.ts';
import { csvCell } from '../../../shared/text/escapeText.ts';
import { exampleEvaluation, exampleRow, fullRows } from '../../reports/exampleEvaluation.ts';
import { exampleComparedEvaluation, exampleComparedRun, exampleFieldRow } from './exampleComparedRun.ts';

describe('comparisonCsv', () => {
  it('writes every digit, and the protocol in each line', () => {
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

  it('writes the PSNR of an exact result as inf', () => {
    const rows = [exampleRow({ psnr: Infinity, exactImages: 100 })];
    expect(comparisonCsv({ ...exampleEvaluation, rows })).toContain('\r\nmean,0,0,inf,100,19,');
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
    exampleRow({ method: 'a_b & 50 % {x} \\end', psnr: Infinity, mse: 0 }),
    exampleRow({ method: 'flow · mean', psnr: 21 }),
  ];
  const latex = comparisonLatex({ ...exampleEvaluation, rows });

  it('escapes characters that LaTeX would interpret', () => {
    expect(latex).toContain('a\\_b \\& 50 \\% \\{x\\} \\textbackslash{}end & 0');
    expect(latex).toContain('flow $\\cdot$ mean');
  });

  it('sets the best value of a column in bold and has one line per method', () => {
    expect(latex).toContain('\\textbf{exact}');
    expect(latex).toContain('\\begin{tabular}{lrrrrrrrrr}');
    expect(latex.match(/ \\\\$/gm)).toHaveLength(3);
  });

  it('states the protocol in its caption', () => {
    expect(latex).toContain('204 of 1024 pixels observed (20 \\%)');
  });
});

describe('comparisonTables', () => {
  const rows = fullRows();
  const evaluation = { ...exampleEvaluation, rows };

  it('returns one table for an evaluation of metric version 1, and four if all metrics were measured', () => {
    expect(comparisonTables(exampleEvaluation.rows).map(({ title }) => title)).toEqual(['']);
    const titles = ['', 'Intervals', 'Distribution', 'Detail and cost'];
    expect(comparisonTables(rows).map(({ title }) => title)).toEqual(titles);
  });

  it('lists only means of several samples in the table of distributions', () => {
    const distribution = comparisonTables(rows).find(({ title }) => title === 'Distribution');
    expect(distribution?.rows.map(({ method }) => method)).toEqual(['flow · mean of 8 samples']);
  });

  it('computes paired differences to the thin plate, or to the chosen method', () => {
    const cellsOf = (reference?: string) => {
      const [, intervals] = comparisonTables(rows, reference);
      return intervals.rows.map((row) => intervals.columns[2].format(row));
    };
    const [none, below, above] = cellsOf();
    expect(none).toBe('–');
    expect(below).toMatch(/^−(2\.0|1\.9)\d \[−2\.\d\d, −1\.9\d\]$/);
    expect(above).toMatch(/^\+0\.50 \[\+0\.4\d, \+0\.5\d\]$/);
    expect(cellsOf('flow · one sample (heun)')[2]).toMatch(/^\+2\.5\d \[\+2\.4\d, \+2\.[56]\d\]$/);
    expect(comparisonTables(rows, 'no such method')[1].columns).toHaveLength(2);
  });

  it('offers the rows with scores per image as references for differences', () => {
    expect(possibleReferences(rows)).toEqual(rows.map(({ method }) => method));
    expect(possibleReferences(exampleEvaluation.rows)).toEqual([]);
  });

  it('has each number once in CSV, and an empty cell for each number that a row does not have', () => {
    const [head, thinPlate, , mean] = comparisonCsv(evaluation).split('\r\n');
    const headings = head.split(',');
    expect(new Set(headings).size).toBe(headings.length);
    const at = (line: string, heading: string) => line.split(',')[headings.indexOf(heading)];
    expect(at(mean, 'CRPS')).toBe('0.0321');
    expect(at(thinPlate, 'CRPS')).toBe('');
    expect(at(thinPlate, 'samples')).toBe('0');
    expect(at(mean, 'PSNR dB 95 % high')).toBe('23.5');
    expect(at(mean, 'solver')).toBe('heun');
  });

  it('is written as Markdown and LaTeX with a note above each table', () => {
    expect(comparisonMarkdown(evaluation)).toContain('## Distribution\n\nOver the unobserved pixels.');
    expect(comparisonMarkdown(evaluation, 'flow · mean of 8 samples')).toContain(
      'differences to flow · mean of 8 samples are paired',
    );
    const latex = comparisonLatex(evaluation);
    expect(latex.match(/\\begin\{table\}/g)).toHaveLength(4);
    expect(latex).toContain('123\\,456');
    expect(latex).not.toMatch(/[−–\u202f]/);
  });
});

function compareNamed(...names: readonly string[]) {
  const runs = names.map((name, index) =>
    exampleComparedRun(
      name,
      [
        exampleComparedEvaluation([
          exampleFieldRow('flow · posterior mean', index + 1, { psnrInterval: [21, 24] }),
          exampleFieldRow('flow · mean of 8 samples', index, { nfe: 19, samples: 8, solver: 'heun' }),
        ]),
      ],
      { id: `aaaaaaa${'abc'[index]}` },
    ),
  );
  return comparisonOfRuns(runs, commonProtocols(runs)[0]).evaluation;
}

describe('the exported comparison of two runs', () => {
  const evaluation = compareNamed('wide net', 'deep net');

  it('equals the stored Markdown', async () => {
    await expect(comparisonMarkdown(evaluation)).toMatchFileSnapshot('golden/comparisonOfRuns.md');
  });

  it('equals the stored LaTeX', async () => {
    await expect(comparisonLatex(evaluation)).toMatchFileSnapshot('golden/comparisonOfRuns.tex');
  });

  it('equals the stored CSV', async () => {
    await expect(comparisonCsv(evaluation)).toMatchFileSnapshot('golden/comparisonOfRuns.csv');
  });
});

describe('run names with special characters', () => {
  const names = [
    '=HYPERLINK("http://x","y")',
    'a | b\n| c `code` <img> [link](x)',
    '\\input{x} 50% $y_1$ & #{~^}',
  ];
  const evaluation = compareNamed(...names);

  it('are not formulas in CSV and do not break its lines', () => {
    const lines = comparisonCsv(evaluation).split('\r\n');
    expect(lines[2]).toMatch(/^"'=HYPERLINK\(""http:\/\/x"",""y""\) · posterior mean",/);
  });

  it('are one plain cell in Markdown', () => {
    const text = comparisonMarkdown(evaluation);
    const rows = text.split('\n').filter((line) => line.startsWith('| a '));
    expect(rows[0]).toContain('| a \\| b \\| c \\`code\\` \\<img\\> \\[link\\](x) · posterior mean |');
    const cells = (line: string) => line.replaceAll('\\|', '').split('|').length;
    expect(cells(rows[0])).toBe(
      cells(text.split('\n').find((line) => line.startsWith('| thin plate')) ?? ''),
    );
  });

  it('are plain text in LaTeX', () => {
    expect(comparisonLatex(evaluation)).toContain(
      '\\textbackslash{}input\\{x\\} 50\\% \\$y\\_1\\$ \\& \\#\\{\\textasciitilde{}\\textasciicircum{}\\} $\\cdot$ posterior mean &',
    );
  });
});
