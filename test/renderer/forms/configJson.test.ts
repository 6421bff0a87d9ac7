import { describe, expect, it } from 'vitest';
import {
  notebook as notebookPreset,
  presets,
  resolvePreset,
  small as smallPreset,
  tiny as tinyPreset,
} from '../../../shared/config/presets.ts';
import { formatConfigJson, readConfigJson } from '../../../renderer/models/forms/configJson.ts';

const [tiny, small, notebook] = [tinyPreset, smallPreset, notebookPreset].map(resolvePreset);
const [laptop] = presets.map(resolvePreset);
const folder = { ...small, data: { ...small.data, source: 'folder:/home/someone/pictures' } };

describe('a configuration as JSON', () => {
  it('is parsed to the same configuration with the data source of the base', () => {
    const text = formatConfigJson(folder);
    expect(text).not.toContain('someone');
    expect(readConfigJson(text, tiny)).toEqual({ ok: true, config: small });
    expect(readConfigJson(text, folder)).toEqual({ ok: true, config: folder });
  });

  it('changes only the values it contains', () => {
    const read = readConfigJson('{"optim": {"learningRate": 0.01}}', tiny);
    expect(read).toEqual({ ok: true, config: { ...tiny, optim: { ...tiny.optim, learningRate: 0.01 } } });
  });

  it('fills in missing values from the preset it names', () => {
    const read = readConfigJson('{"preset": "notebook", "seed": 7}', tiny);
    expect(read).toEqual({ ok: true, config: { ...notebook, seed: 7 } });
  });

  it('takes the parameters of another network from the preset', () => {
    const read = readConfigJson('{"field": {"kind": "perceiver"}}', laptop);
    expect(read).toMatchObject({ ok: true, config: { field: { dim: 32, timeConditioning: 'adaptive' } } });
  });

  it('drops the parameters of other networks from a whole configuration, which earlier versions stored', () => {
    const stored = { ...laptop, field: { ...small.field, ...laptop.field, neighbours: 3 } };
    expect(readConfigJson(JSON.stringify(stored), tiny)).toEqual({ ok: true, config: laptop });
  });

  it('keeps the data source of the base if it names another', () => {
    const read = readConfigJson('{"data": {"source": "folder:/etc"}}', tiny);
    expect(read).toEqual({ ok: true, config: tiny });
  });

  it.each([
    ['{', 'The text is not valid JSON'],
    ['[1]', 'Expected a configuration in braces'],
    ['{"optim": {"speed": 1}}', 'optim: Unknown parameter: speed.'],
    ['{"__proto__": {"seed": 1}}', '__proto__'],
    ['{"data": 3}', 'data: Expected object'],
    ['{"field": {"depth": 1}}', 'field: Unknown parameter: depth.'],
    [
      '{"field": {"kind": "forest"}}',
      'field.kind: Expected one of "perceiver"|"unet"|"local"|"transformer".',
    ],
    [
      '{"field": {"kind": "unet", "heads": 2}}',
      'field.heads is 2, but the network "unet" has no parameter "heads", only dim, blocks, stepConditioning, residual, levels, and stride; perceiver, local, and transformer have it. Remove it, or choose another network with field.kind.',
    ],
    ['{"preset": "laptop", "field": {"latents": 2}}', 'field.latents is 2, but the network "unet" has no'],
    ['{"train": {"batchSize": 0}}', 'train.batchSize: Expected at least 1.'],
    [
      '{"path": {"prediction": "velocity"}}',
      'field.residual: A residual needs path.prediction = data, or path.residualDeviation.',
    ],
  ])('rejects %s with the reason', (text, reason) => {
    const read = readConfigJson(text, tiny);
    expect(read.ok ? '' : read.problems.join(' ')).toContain(reason);
  });
});
