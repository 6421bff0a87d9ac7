import { describe, expect, it } from 'vitest';

import { sampling, training } from './exampleReport.ts';
import { formatNumber, formatReport } from './format.ts';
import { findDisturbance } from './machine.ts';
import type { BenchReport } from './report.ts';
import { toRows } from './rows.ts';

const context = { config: 'tiny', flops: null, matmulGigaflops: 150 };
const report: BenchReport = {
  machine: {
    cpu: 'Example 9000',
    cores: 2,
    memoryGigabytes: 16,
    node: '24.0.0',
    tensorflow: 'TensorFlow 2.21.0',
    device: 'CPU',
    torch: null,
    matmulGigaflops: 150.4,
    matmulSize: 1024,
    disturbance: null,
  },
  rows: [...toRows(training, context), ...toRows(sampling, context)],
  growth: [{ quantity: 'batch', from: 16, to: 32, milliseconds: 40, ratio: 1.9 }],
  loop: { config: 'small', milliseconds: 100, nativeMilliseconds: 90, outsideShare: 0.1 },
};

/** Cells of the lines that begin with a word. */
function linesOf(word: string): string[][] {
  return formatReport(report)
    .split('\n')
    .filter((line) => line.startsWith(word))
    .map((line) => line.split(/ {2,}/));
}

describe('formatReport', () => {
  it('shows training in milliseconds and sampling in images per second', () => {
    const [compiled, eager, sampled] = linesOf('tiny');
    expect(compiled.slice(1, 6)).toEqual(['compiled', '16', '30.0', '45.0 (0.65)', '45.0 (1.25)']);
    expect(eager.slice(1, 4)).toEqual(['eager', '16', '110']);
    // 8 images in 0.4 s, PyTorch in 0.5 s.
    expect(sampled.slice(1, 7)).toEqual(['compiled', '10', '8', '20.0', '16.0 (0.80)', '–']);
  });

  it('has a dash for what was not measured', () => {
    expect(linesOf('tiny')[0].slice(6)).toEqual(['–', '700 MB', '500 MB', '–']);
  });

  it('names machine, growth and the share outside TensorFlow', () => {
    const text = formatReport(report);
    expect(text).toContain('Example 9000, 2 cores, 16 GB');
    expect(text).toContain('peak: 150 GFLOP/s (1024³ float32 product)');
    expect(linesOf('batch')[0]).toEqual(['batch', '16', '32', '40.0', '× 1.90']);
    expect(text).toContain('100 ms a step, 90.0 ms of it in TensorFlow; 10 % outside');
  });

  it('says that the machine was busy with something else', () => {
    const disturbance = findDisturbance(2, [1.5]);
    expect(disturbance).toContain('load 1.5 on 2 cores');
    expect(formatReport({ ...report, machine: { ...report.machine, disturbance } })).toContain(disturbance);
    expect(findDisturbance(16, [1.5])).toBeNull();
  });

  it('leaves out tables without rows', () => {
    expect(formatReport({ ...report, rows: [], growth: [], loop: null })).not.toContain('batch');
  });
});

describe('formatNumber', () => {
  it('keeps three digits', () => {
    expect([1234.5, 99.96, 12.34, 0.126].map(formatNumber)).toEqual(['1235', '100.0', '12.3', '0.13']);
  });
});
