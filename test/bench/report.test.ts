import { describe, expect, it } from 'vitest';
import { formatNumber, formatReport } from './format.ts';
import { findDisturbance } from './machine.ts';
import { type BenchReport, type Measurement, toRows } from './report.ts';

/** A measurement of two rounds with all contestants. */
const training: Measurement = {
  kind: 'train',
  nfe: null,
  batch: 16,
  times: new Map([
    ['compiled', [20, 40]],
    ['eager', [100, 120]],
    ['PyTorch eager', [40, 50]],
    ['PyTorch torch.compile', [10, 70]],
  ]),
  megabytes: new Map([
    ['compiled', 700],
    ['PyTorch torch.compile', 500],
  ]),
};

/** A measurement in which PyTorch with torch.compile and the eager engine have failed. */
const sampling: Measurement = {
  kind: 'sample',
  nfe: 10,
  batch: 8,
  times: new Map([
    ['compiled', [400]],
    ['PyTorch eager', [500]],
  ]),
  megabytes: new Map(),
};

const flops = { train: 6e9, encode: 1e9, predict: 3e9 };
const context = { config: 'tiny', flops, matmulGigaflops: 400 };

describe('toRows', () => {
  it('returns medians, and ratios of measurements of the same round', () => {
    const [compiled, eager] = toRows(training, context);
    expect(compiled).toMatchObject({
      config: 'tiny',
      kind: 'train',
      engine: 'compiled',
      batch: 16,
      rounds: 2,
    });
    expect(compiled).toMatchObject({ milliseconds: 30, megabytes: 700 });
    // The ratio to eager is (20 / 40 + 40 / 50) / 2, not 30 / 45.
    expect(compiled.rivals).toEqual([
      {
        name: 'torch.compile',
        milliseconds: 40,
        ratio: expect.closeTo((20 / 10 + 40 / 70) / 2),
        megabytes: 500,
      },
      { name: 'eager', milliseconds: 45, ratio: expect.closeTo(0.65), megabytes: null },
    ]);
    expect(eager).toMatchObject({ milliseconds: 110, megabytes: null });
  });

  it('divides the work of a step by its time and the peak', () => {
    // 6 GFLOP in 30 ms are 200 GFLOP/s.
    expect(toRows(training, context)[0].peakShare).toBeCloseTo(0.5);
  });

  it('counts the context once and the prediction at every evaluation', () => {
    // The work is 31 GFLOP in 400 ms.
    expect(toRows(sampling, context)[0].peakShare).toBeCloseTo(31 / 0.4 / 400);
  });

  it('omits engines and variants of PyTorch that failed', () => {
    const rows = toRows(sampling, { ...context, flops: null });
    expect(rows.map(({ engine }) => engine)).toEqual(['compiled']);
    expect(rows[0]).toMatchObject({ nfe: 10, peakShare: null });
    expect(rows[0].rivals).toEqual([{ name: 'eager', milliseconds: 500, ratio: 0.8, megabytes: null }]);
  });
});

const reportContext = { config: 'tiny', flops: null, matmulGigaflops: 150 };
const report: BenchReport = {
  machine: {
    cpu: 'Example 9000',
    cores: 2,
    memoryGigabytes: 16,
    node: '24.0.0',
    backend: 'TensorFlow 2.21.0 on the CPU',
    device: 'CPU',
    torch: null,
    matmulGigaflops: 150.4,
    matmulSize: 1024,
    disturbance: null,
  },
  rows: [...toRows(training, reportContext), ...toRows(sampling, reportContext)],
  growth: [{ quantity: 'batch', from: 16, to: 32, milliseconds: 40, ratio: 1.9 }],
  loop: { config: 'small', milliseconds: 100, nativeMilliseconds: 90, outsideShare: 0.1 },
};

/** Returns the cells of the lines that begin with a word. */
function readCells(word: string): string[][] {
  return formatReport(report)
    .split('\n')
    .filter((line) => line.startsWith(word))
    .map((line) => line.split(/ {2,}/));
}

describe('formatReport', () => {
  it('shows training in milliseconds and sampling in images per second', () => {
    const [compiled, eager, sampled] = readCells('tiny');
    expect(compiled.slice(1, 6)).toEqual(['compiled', '16', '30.0', '40.0 (1.29)', 'torch.compile']);
    expect(eager.slice(1, 4)).toEqual(['eager', '16', '110']);
    // 8 images in 0.4 s, PyTorch in 0.5 s.
    expect(sampled.slice(1, 7)).toEqual(['compiled', '10', '8', '20.0', '16.0 (0.80)', 'eager']);
  });

  it('lists every variant of PyTorch where there are several', () => {
    const lines = formatReport(report).split('\n');
    const rivals = lines.slice(lines.findIndex((line) => line.startsWith('PyTorch ')) + 1).slice(0, 2);
    expect(rivals.map((line) => line.split(/ {2,}/))).toEqual([
      ['tiny', 'step', 'torch.compile', '40.0 (1.29)'],
      ['tiny', 'step', 'eager', '45.0 (0.65)'],
    ]);
  });

  it('shows a dash for missing values', () => {
    expect(readCells('tiny')[1].slice(6)).toEqual(['–', '–', '500 MB']);
  });

  it('describes machine, growth and the fraction outside TensorFlow', () => {
    const text = formatReport(report);
    expect(text).toContain('Example 9000, 2 cores, 16 GB');
    expect(text).toContain('peak: 150 GFLOP/s (1024³ float32 product)');
    expect(readCells('batch')[0]).toEqual(['batch', '16', '32', '40.0', '× 1.90']);
    expect(text).toContain('100 ms per step, 90.0 ms of it in TensorFlow; 10 % outside');
  });

  it('reports that the machine was busy with other work', () => {
    const disturbance = findDisturbance(2, [1.5]);
    expect(disturbance).toContain('load 1.5 on 2 cores');
    expect(formatReport({ ...report, machine: { ...report.machine, disturbance } })).toContain(disturbance);
    expect(findDisturbance(16, [1.5])).toBeNull();
  });

  it('omits tables without rows', () => {
    expect(formatReport({ ...report, rows: [], growth: [], loop: null })).not.toContain('batch');
  });
});

describe('formatNumber', () => {
  it('keeps three digits', () => {
    expect([1234.5, 99.96, 12.34, 0.126].map(formatNumber)).toEqual(['1235', '100.0', '12.3', '0.13']);
  });
});
