import { describe, expect, it } from 'vitest';

import { sampling, training } from './exampleReport.ts';
import { toRows } from './rows.ts';

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
    expect(compiled).toMatchObject({ milliseconds: 30, pytorchEager: 45, pytorchCompiled: 45 });
    // (20 / 40 + 40 / 50) / 2, not 30 / 45.
    expect(compiled.ratioToPytorchEager).toBeCloseTo(0.65);
    expect(compiled.ratioToPytorchCompiled).toBeCloseTo(1.25);
    expect(eager.milliseconds).toBe(110);
    expect(compiled).toMatchObject({ megabytes: 700, pytorchEagerMegabytes: 500 });
    expect(eager.megabytes).toBeNull();
  });

  it('divides the work of a step by its time and the peak', () => {
    // 6 GFLOP in 30 ms are 200 GFLOP/s.
    expect(toRows(training, context)[0].peakShare).toBeCloseTo(0.5);
  });

  it('counts the context once and the prediction at every evaluation', () => {
    // 31 GFLOP in 400 ms.
    expect(toRows(sampling, context)[0].peakShare).toBeCloseTo(31 / 0.4 / 400);
  });

  it('leaves out an engine that failed, and has null for a PyTorch that did', () => {
    const rows = toRows(sampling, { ...context, flops: null });
    expect(rows.map(({ engine }) => engine)).toEqual(['compiled']);
    expect(rows[0]).toMatchObject({ nfe: 10, pytorchEager: 500, ratioToPytorchEager: 0.8 });
    expect(rows[0]).toMatchObject({ pytorchCompiled: null, ratioToPytorchCompiled: null, peakShare: null });
  });
});
