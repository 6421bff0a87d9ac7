import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyBudget, applyOverrides, configPaths, parameterAt } from '../../main/cli/configOptions.ts';
import { suggestNearest } from '../../main/cli/options.ts';
import { presets, resolvePreset } from '../../shared/config/presets.ts';

const config = resolvePreset(presets[0]);

describe('overrides', () => {
  it('set any parameter to its own value without a change', () => {
    const paths = configPaths(config).filter((path) => path !== 'preset');
    const property = fc.property(fc.subarray(paths), (chosen) => {
      const assignments = chosen.map((path) => `${path}=${JSON.stringify(parameterAt(config, path))}`);
      expect(applyOverrides(config, assignments)).toEqual(config);
    });
    fc.assert(property);
  });

  it('read numbers, flags, null and words, and leave the original as it was', () => {
    const before = structuredClone(config);
    const words = ['train.steps=7', 'data.flips=false', 'train.minutes=null', 'train.evaluate=sample'];
    const changed = applyOverrides(config, words);
    expect([changed.train.steps, changed.data.flips, changed.train.minutes]).toEqual([7, false, null]);
    expect(changed.train.evaluate).toBe('sample');
    expect(config).toEqual(before);
  });

  it('let the last of two win, and a value hold an equals sign', () => {
    expect(applyOverrides(config, ['seed=1', 'seed=2']).seed).toBe(2);
    expect(applyOverrides(config, ['data.source=folder:/a=b']).data.source).toBe('folder:/a=b');
  });

  it('may fit together where each alone would not', () => {
    expect(applyOverrides(config, ['field.heads=3', 'field.dim=48']).field).toMatchObject({
      heads: 3,
      dim: 48,
    });
  });
});

describe('the budget', () => {
  it('replaces the whole of the old one', () => {
    const old = { ...config, train: { ...config.train, steps: 5, minutes: 3, epochs: 9 } };
    expect(applyBudget(old, { steps: '7' })?.train).toMatchObject({ steps: 7, minutes: null, epochs: 9 });
    expect(applyBudget(old, { epochs: '2' })?.train).toMatchObject({ steps: null, minutes: null, epochs: 2 });
    expect(applyBudget(old, { minutes: '0.5' })?.train).toMatchObject({ steps: null, minutes: 0.5 });
    expect(applyBudget(old, { steps: '7', minutes: '1' })?.train).toMatchObject({ steps: 7, minutes: 1 });
  });

  it('is undefined where none is given', () => {
    expect(applyBudget(config, {})).toBeUndefined();
  });
});

describe('suggestions', () => {
  it('come for words that are near and for no others', () => {
    expect(suggestNearest('trian', ['train', 'runs'])).toBe(' Did you mean "train"?');
    expect(suggestNearest('elephant', ['train', 'runs'])).toBe('');
    expect(suggestNearest('train', [])).toBe('');
  });
});
