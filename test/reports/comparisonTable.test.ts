import { describe, expect, it } from 'vitest';
import { comparisonText } from '../../main/reports/comparisonTable.ts';
import { comparisonMarkdown } from '../../shared/comparison/comparisonTables.ts';
import { exampleEvaluation, exampleRow, fullRows } from './exampleEvaluation.ts';

const goldenMarkdown = `# Comparison

**Protocol.** 100 images of the test split of CIFAR-10, 32×32 pixels, data checksum 0123456789ab; 204 of 1024 pixels observed (20 %); masks: random pixels, seed 42. Observed pixels are pasted into every result. Values clamped to \\[0, 1\\]; PSNR per image, then averaged; windows of the two SSIM columns: uniform 7×7; Gaussian σ 1.5, 11×11; metric version 1. Seconds are wall time for all images, with whatever else the machine computed: compare evaluations (NFE) rather than seconds.

| Method | NFE | samples | PSNR dB | PSNR unobserved dB | SSIM | SSIM Gaussian | MSE | MAE | seconds, any load |
| :--- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
| nearest | 0 | 0 | 20.39 | 19.42 | 0.7045 | 0.6650 | 0.01140 | 0.0610 | 0.03 |
| thin plate | 0 | 0 | 22.79 | 21.83 | **0.7938** | 0.7677 | **0.00660** | **0.0480** | 0.81 |
| flow · posterior mean (1 NFE) | 1 | 1 | **23.23** | **22.26** | 0.7900 | **0.7700** | 0.00700 | 0.0490 | 12.50 |

Bold: the best of its column; a PSNR less than 0.05 dB below it is practically equal.
`;

const goldenTable = `                                                        PSNR
                                            PSNR  unobserved              SSIM                   seconds,
Method                         NFE samples    dB          dB    SSIM  Gaussian      MSE     MAE  any load
nearest                          0       0 20.39       19.42  0.7045    0.6650  0.01140  0.0610      0.03
thin plate                       0       0 22.79       21.83  0.7938*   0.7677  0.00660* 0.0480*     0.81
flow · posterior mean (1 NFE)    1       1 23.23*      22.26* 0.7900    0.7700* 0.00700  0.0490     12.50
* best of its column
`;

describe('comparisonMarkdown', () => {
  it('writes the protocol, right-aligned numbers, and the best value of each metric in bold', () => {
    expect(comparisonMarkdown(exampleEvaluation)).toBe(goldenMarkdown);
  });

  it('marks an exact result as the best, and all rows that are displayed alike', () => {
    const exact = { psnr: Infinity, exactImages: 100, mse: 0 };
    const rows = [
      exampleRow({ method: 'a', psnr: 30.001 }),
      exampleRow({ method: 'b', ...exact }),
      exampleRow({ method: 'c', ...exact }),
    ];
    const lines = comparisonMarkdown({ ...exampleEvaluation, rows }).split('\n');
    const psnrOf = (method: string) => lines.find((line) => line.startsWith(`| ${method} `))?.split(' | ')[3];
    expect([psnrOf('a'), psnrOf('b'), psnrOf('c')]).toEqual(['30.00', '**exact**', '**exact**']);
    expect(lines.filter((line) => line.includes('**0.5000**'))).toHaveLength(3);
  });

  it('escapes names that would break the table or become markup', () => {
    const rows = [exampleRow({ method: 'a|b\n<img> *c*' })];
    expect(comparisonMarkdown({ ...exampleEvaluation, rows })).toContain('| a\\|b \\<img\\> \\*c\\* | 0 |');
  });

  it('states if observed pixels are not pasted', () => {
    const protocol = { ...exampleEvaluation.protocol, pasted: false };
    expect(comparisonMarkdown({ ...exampleEvaluation, protocol })).toContain(
      'observed pixels are not pasted',
    );
  });
});

describe('comparisonText', () => {
  it('aligns digits and marks the best values with an asterisk', () => {
    const text = comparisonText(exampleEvaluation);
    expect(text.slice(text.indexOf('\n\n') + 2)).toBe(goldenTable);
    expect(text.replaceAll('\n', ' ')).toContain('204 of 1024 pixels observed (20 %)');
  });

  it('has at most 110 characters per line and no control characters', () => {
    const source = `folder:/data/${'long-'.repeat(60)}`;
    const rows = [
      exampleRow({ method: `\u001b[31m${'very long method name '.repeat(5)}`, seconds: 12345.67, nfe: 1000 }),
    ];
    const text = comparisonText({ protocol: { ...exampleEvaluation.protocol, source }, rows });
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(110);
    expect(text).toContain('…');
    expect(text.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
  });

  it('adds tables of intervals, distribution and cost that are no wider than the terminal', () => {
    const rows = fullRows().map((row) => ({ ...row, method: `${row.method} of a run with a long name` }));
    const text = comparisonText({ ...exampleEvaluation, rows }, rows[0].method);
    expect(text).toContain('\n\nIntervals. Bootstrap');
    expect(text).toContain('\n\nDistribution. Over the unobserved pixels.');
    expect(text).toContain('\n\nDetail and cost. ');
    expect(text).toMatch(/ Heun 10 +123\u202f456 +64\u202f000\n/);
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(110);
    expect(text).not.toMatch(/^.…/m);
  });

  it('keeps both ends of a name that is too long, because rows differ at the end', () => {
    const ends = ['(euler 1)', '(euler 16)', '(heun 16)'];
    const rows = fullRows()
      .slice(0, 3)
      .map((row, index) => ({
        ...row,
        method: `flow that was trained for the whole of a long night · mean of 16 samples ${ends[index]}`,
      }));
    const text = comparisonText({ ...exampleEvaluation, rows });
    const detail = text.slice(text.indexOf('Detail and cost.'));
    expect(detail).toMatch(/^flow .*…/m);
    for (const end of ['(Euler 1)', '(Euler 16)', '(Heun 16)']) expect(detail).toContain(end);
  });

  it('names the data source without its folders', () => {
    const protocol = { ...exampleEvaluation.protocol, source: 'cifar10:/home/someone/cifar10-sample' };
    const text = comparisonText({ ...exampleEvaluation, protocol });
    expect(text).toContain('CIFAR-10 (cifar10-sample)');
    expect(text).not.toContain('someone');
  });

  it('consists of headings only for an evaluation without rows', () => {
    expect(comparisonText({ ...exampleEvaluation, rows: [] })).toContain('Method');
  });
});
