import { describe, expect, it } from 'vitest';
import { commonProtocols } from '../../shared/comparison/commonProtocols.ts';
import {
  comparisonCsv,
  comparisonLatex,
  comparisonMarkdown,
} from '../../shared/comparison/comparisonTables.ts';
import { comparisonOfRuns } from '../../shared/comparison/comparisonOfRuns.ts';
import { exampleComparedEvaluation, exampleComparedRun, exampleFieldRow } from './exampleComparedRun.ts';

function compare(...names: readonly string[]) {
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

describe('a comparison of runs', () => {
  const evaluation = compare('wide net', 'deep net');

  it('is this Markdown', async () => {
    await expect(comparisonMarkdown(evaluation)).toMatchFileSnapshot('golden/comparisonOfRuns.md');
  });

  it('is this LaTeX', async () => {
    await expect(comparisonLatex(evaluation)).toMatchFileSnapshot('golden/comparisonOfRuns.tex');
  });

  it('is this CSV', async () => {
    await expect(comparisonCsv(evaluation)).toMatchFileSnapshot('golden/comparisonOfRuns.csv');
  });
});

describe('hostile names of runs', () => {
  const names = [
    '=HYPERLINK("http://x","y")',
    'a | b\n| c `code` <img> [link](x)',
    '\\input{x} 50% $y_1$ & #{~^}',
  ];
  const evaluation = compare(...names);

  it('are no formulas in CSV, and break no line', () => {
    const lines = comparisonCsv(evaluation).split('\r\n');
    expect(lines[2]).toMatch(/^"'=HYPERLINK\(""http:\/\/x"",""y""\) · posterior mean",/);
  });

  it('are one cell of plain text in Markdown', () => {
    const text = comparisonMarkdown(evaluation);
    const rows = text.split('\n').filter((line) => line.startsWith('| a '));
    expect(rows[0]).toContain('| a \\| b \\| c \\`code\\` \\<img\\> \\[link\\](x) · posterior mean |');
    const cells = (line: string) => line.replaceAll('\\|', '').split('|').length;
    expect(cells(rows[0])).toBe(
      cells(text.split('\n').find((line) => line.startsWith('| thin plate')) ?? ''),
    );
  });

  it('are text in LaTeX', () => {
    expect(comparisonLatex(evaluation)).toContain(
      '\\textbackslash{}input\\{x\\} 50\\% \\$y\\_1\\$ \\& \\#\\{\\textasciitilde{}\\textasciicircum{}\\} $\\cdot$ posterior mean &',
    );
  });
});
