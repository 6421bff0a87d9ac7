import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyBudget, applyOverrides } from '../../main/cli/configOptions.ts';
import { configPaths, parameterAt } from '../../shared/config/setParameters.ts';
import { suggestNearest } from '../../main/cli/command.ts';
import { readCurve, readProtocols } from '../../main/cli/samplingOptions.ts';
import type { EvaluateJob } from '../../main/compute/protocol.ts';
import { presets, resolvePreset, tiny } from '../../shared/config/presets.ts';

const laptop = resolvePreset(presets[0]);
// Intervals in steps replace the number of times per run, so a configuration has one of them.
const config = { ...laptop, train: { ...laptop.train, timesPerRun: null } };

describe('applyOverrides', () => {
  it('changes nothing if every parameter is set to its current value', () => {
    const paths = configPaths(config).filter((path) => path !== 'preset');
    const property = fc.property(fc.subarray(paths), (chosen) => {
      const assignments = chosen.map((path) => `${path}=${JSON.stringify(parameterAt(config, path))}`);
      expect(applyOverrides(config, assignments)).toEqual(config);
    });
    fc.assert(property);
  });

  it('has an interval in steps in place of a number of times per run once one is named, whatever its value', () => {
    expect(laptop.train.timesPerRun).toBe(20);
    const { previewEverySteps } = laptop.train;
    const { train } = applyOverrides(laptop, [`train.previewEverySteps=${previewEverySteps}`]);
    expect(train).toEqual({ ...laptop.train, timesPerRun: null });
  });

  it('reads numbers, flags, null and text, and does not change the original', () => {
    const before = structuredClone(config);
    const assignments = ['train.steps=7', 'data.flips=false', 'train.minutes=null', 'train.evaluate=sample'];
    const changed = applyOverrides(config, assignments);
    expect([changed.train.steps, changed.data.flips, changed.train.minutes]).toEqual([7, false, null]);
    expect(changed.train.evaluate).toBe('sample');
    expect(config).toEqual(before);
  });

  it('lets the last assignment win and allows an equals sign in a value', () => {
    expect(applyOverrides(config, ['seed=1', 'seed=2']).seed).toBe(2);
    expect(applyOverrides(config, ['data.source=folder:/a=b']).data.source).toBe('folder:/a=b');
  });

  it('accepts assignments that are valid only together', () => {
    expect(applyOverrides(resolvePreset(tiny), ['field.heads=3', 'field.dim=48']).field).toMatchObject({
      heads: 3,
      dim: 48,
    });
  });

  it('gives a newly chosen network the values that the preset has for it', () => {
    expect(applyOverrides(config, ['field.kind=perceiver']).field).toEqual({
      kind: 'perceiver',
      dim: 32,
      blocks: 1,
      stepConditioning: false,
      residual: 'thin-plate',
      heads: 8,
      dropout: 0,
      readBlocks: 0,
      fourierFeatures: 256,
      fourierScale: 10,
      patch: 0,
      latents: 512,
      queryCarriesState: false,
      timeConditioning: 'adaptive',
    });
  });

  it.each([
    [
      ['field.heads=3'],
      '--set field.heads=3 has no effect: the network "unet" has no parameter "heads", only dim, blocks, stepConditioning, residual, levels, stride, and channelMask; perceiver, local, and transformer have it. Leave it out, or choose another network with --set field.kind=….',
    ],
    [['field.kind=local', 'field.patch=3'], 'the network "local" has no parameter "patch"'],
    [['field.latents=8', 'field.kind=transformer'], 'perceiver has it'],
  ])('refuses the parameter of a network that is not chosen: %j', (assignments, message) => {
    expect(() => applyOverrides(config, assignments)).toThrow(message);
  });

  it('refuses a network that does not exist', () => {
    expect(() => applyOverrides(config, ['field.kind=forest', 'field.heads=3'])).toThrow(
      'expected “perceiver”, “unet”, “local” or “transformer”',
    );
  });
});

describe('applyBudget', () => {
  it('replaces the whole previous budget', () => {
    const old = { ...config, train: { ...config.train, steps: 5, minutes: 3, epochs: 9 } };
    expect(applyBudget(old, { steps: '7' })?.train).toMatchObject({ steps: 7, minutes: null, epochs: 9 });
    expect(applyBudget(old, { epochs: '2' })?.train).toMatchObject({ steps: null, minutes: null, epochs: 2 });
    expect(applyBudget(old, { minutes: '0.5' })?.train).toMatchObject({ steps: null, minutes: 0.5 });
    expect(applyBudget(old, { steps: '7', minutes: '1' })?.train).toMatchObject({ steps: 7, minutes: 1 });
  });

  it('returns undefined without a budget', () => {
    expect(applyBudget(config, {})).toBeUndefined();
  });
});

describe('suggestNearest', () => {
  it('suggests only names that are close', () => {
    expect(suggestNearest('trian', ['train', 'runs'])).toBe(' Did you mean "train"?');
    expect(suggestNearest('elephant', ['train', 'runs'])).toBe('');
    expect(suggestNearest('train', [])).toBe('');
  });
});

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
