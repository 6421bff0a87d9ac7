import { describe, expect, it } from 'vitest';
import { commonProtocols } from '../../shared/comparison/commonProtocols.ts';
import {
  comparisonCsv,
  comparisonLatex,
  comparisonMarkdown,
} from '../../shared/comparison/comparisonTables.ts';
import { comparisonOfRuns } from '../../shared/comparison/comparisonOfRuns.ts';
import { exampleComparedEvaluation, exampleComparedRun, exampleFieldRow } from './exampleComparedRun.ts';

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
