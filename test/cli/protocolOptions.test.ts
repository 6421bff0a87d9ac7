import { describe, expect, it } from 'vitest';
import { readCurve, readProtocols } from '../../main/cli/samplingOptions.ts';
import type { EvaluateJob } from '../../main/compute/protocol.ts';
import { presets, resolvePreset } from '../../shared/config/presets.ts';

const plan = resolvePreset(presets[0]).sampler;
const job: EvaluateJob = {
  checkpoint: 'none',
  cacheFolder: 'none',
  protocol: {
    source: 'synthetic',
    split: 'test',
    imageSize: 32,
    maskLaw: 'numpy',
    maskSeed: 42,
    keepRatio: 0.2,
    pasted: true,
    noiseSeed: 0,
  },
  plans: [{ ...plan, solver: 'heun', steps: 10 }],
  samples: 1,
  images: 5,
};

describe('--mask-seeds and --keep-ratios', () => {
  it('make one job per pair, and leave the job unchanged if they are absent', () => {
    const jobs = readProtocols({ 'mask-seeds': '42,7', 'keep-ratios': '0.05, 0.2,0.5' }, job);
    expect(jobs.map(({ protocol }) => [protocol.keepRatio, protocol.maskSeed])).toEqual(
      [0.05, 0.2, 0.5].flatMap((ratio) => [42, 7].map((seed) => [ratio, seed])),
    );
    expect(readProtocols({}, job)).toEqual([job]);
  });

  it('drop duplicates and refuse invalid lists', () => {
    expect(readProtocols({ 'mask-seeds': '3,3' }, job)).toHaveLength(1);
    expect(() => readProtocols({ 'mask-seeds': '3,x' }, job)).toThrow(
      '--mask-seeds is "3,x", expected whole numbers ≥ 0 separated by commas',
    );
    expect(() => readProtocols({ 'keep-ratios': '0.2,1.5' }, job)).toThrow('expected fractions > 0 and ≤ 1');
    expect(() => readProtocols({ 'keep-ratios': '' }, job)).toThrow('--keep-ratios is ""');
  });
});

describe('--curve', () => {
  it('samples with every solver and number of steps, four times by default', () => {
    const curve = readCurve({ curve: '1,4', solvers: 'euler,heun' }, job);
    expect(curve?.samples).toBe(4);
    expect(curve?.plans).toEqual([
      { ...plan, solver: 'euler', steps: 1 },
      { ...plan, solver: 'euler', steps: 4 },
      { ...plan, solver: 'heun', steps: 1 },
      { ...plan, solver: 'heun', steps: 4 },
    ]);
    expect(readCurve({ curve: '2' }, job)?.plans).toEqual([{ ...plan, solver: 'heun', steps: 2 }]);
    expect(readCurve({}, job)).toBeUndefined();
  });

  it('needs at least two samples, steps and known solvers', () => {
    expect(() => readCurve({ curve: '2', samples: '1' }, job)).toThrow(
      '--samples is 1; --curve measures the spread',
    );
    expect(() => readCurve({ solvers: 'heun' }, job)).toThrow('--solvers needs --curve');
    expect(() => readCurve({ curve: '0' }, job)).toThrow('expected whole numbers ≥ 1');
    expect(() => readCurve({ curve: '2', solvers: 'magic' }, job)).toThrow('expected any of euler, heun');
  });
});
