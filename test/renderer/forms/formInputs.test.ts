import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkInputs, inputOf, inputsFor, isChanged } from '../../../renderer/models/forms/checkInputs.ts';
import { formatConfigJson, readConfigJson } from '../../../renderer/models/forms/configJson.ts';
import { formatNumber, parseNumber } from '../../../renderer/models/forms/numberText.ts';
import { filterSections, markTerms, searchTerms } from '../../../renderer/models/forms/searchParameters.ts';
import { runConfigSchema } from '../../../shared/config/config.ts';
import {
  compareConfigs,
  listConfigParameters,
  listConfigSections,
  startingValue,
} from '../../../shared/config/configParameters.ts';
import {
  notebook as notebookPreset,
  presets,
  resolvePreset,
  small as smallPreset,
  tiny as tinyPreset,
} from '../../../shared/config/presets.ts';

const [tiny, small, notebook] = [tinyPreset, smallPreset, notebookPreset].map(resolvePreset);
const [laptop] = presets.map(resolvePreset);

describe('checkInputs', () => {
  it('returns the base configuration without inputs', () => {
    expect(checkInputs(tiny, {})).toEqual({ config: tiny, faults: [] });
  });

  it('changes nothing if every field contains the text it shows', () => {
    for (const base of [tiny, notebook]) {
      const inputs = Object.fromEntries(
        listConfigParameters().map(({ path }) => [path, inputOf(startingValue(base, path))]),
      );
      expect(checkInputs(base, inputs).config).toEqual(base);
    }
  });

  it('turns one preset into another, except for its name, given the inputs that differ', () => {
    const inputs = inputsFor(tiny, notebook);
    expect(checkInputs(tiny, inputs).config).toEqual({ ...notebook, preset: 'tiny' });
    expect(Object.keys(inputs)).toEqual(compareConfigs(tiny, notebook).map((each) => each.parameter.path));
  });

  it('uses the values of the preset for another network, and ignores inputs for parameters that it does not have', () => {
    const inputs = { 'field.kind': 'perceiver', 'field.latents': '64', 'field.levels': 'many' };
    expect(checkInputs(laptop, inputs)).toMatchObject({
      config: {
        field: { kind: 'perceiver', dim: 32, dropout: 0, timeConditioning: 'adaptive', latents: 64 },
      },
      faults: [],
    });
    expect(checkInputs(laptop, { 'field.latents': '64' })).toEqual({ config: laptop, faults: [] });
  });

  it('turns one network into another given the inputs that differ', () => {
    for (const [from, to] of [
      [laptop, tiny],
      [tiny, laptop],
    ]) {
      expect(checkInputs(from, inputsFor(from, to)).config).toEqual({ ...to, preset: from.preset });
    }
  });

  it('accepts spaces, thousands separators and scientific notation in numbers', () => {
    const { config } = checkInputs(tiny, { 'optim.learningRate': ' 1e-4', 'train.steps': '10 000' });
    expect([config?.optim.learningRate, config?.train.steps]).toEqual([0.0001, 10_000]);
    expect(checkInputs(tiny, { 'train.minutes': ' ' }).config?.train.minutes).toBeNull();
  });

  it.each([
    ['train.batchSize', '0', 'Found 0, expected at least 1.'],
    ['train.batchSize', '1.5', 'Found 1.5, expected a whole number.'],
    ['train.batchSize', 'many', '“many” is not a number. Expected a number such as 0.001 or 1e-3.'],
    ['train.batchSize', '', 'Enter a number.'],
    ['mask.keepRatio', '0', 'Found 0, expected more than 0.'],
    ['mask.keepRatio', '1.1', 'Found 1.1, expected at most 1.'],
    ['optim.ema', '1', 'Found 1, expected less than 1.'],
    ['field.heads', '7', 'Dim must be a multiple of heads.'],
    ['field.patch', '2', 'Patch must be odd and needs residual = thin-plate.'],
    ['train.steps', '0', 'Found 0, expected at least 1.'],
    ['train.minutes', '-3', 'Found -3, expected more than 0.'],
    ['optim.emaMore', '0.9, many', '“many” is not a number. Expected a number such as 0.001 or 1e-3.'],
    ['optim.emaMore', '0.9, 1', 'Found 1, expected less than 1.'],
    ['optim.emaMore', '0.9, 0.8, 0.7, 0.6', 'Found a list of 4, expected at most 3 entries.'],
    ['optim.emaMore', '0.9, 0.9', 'EmaMore must name each decay once, and not that of ema.'],
  ])('reports %s = “%s” at its field: %s', (path, input, message) => {
    const { config, faults } = checkInputs(tiny, { [path]: input });
    expect(config).toBeNull();
    expect(faults).toEqual([{ path, message }]);
  });

  it('reports a conflict of two parameters at one of them', () => {
    const { faults } = checkInputs(tiny, { 'path.prediction': 'velocity' });
    expect(faults).toEqual([
      {
        path: 'field.residual',
        message: 'A residual needs path.prediction = data, or path.residualDeviation.',
      },
    ]);
  });

  it('reports all faults at once in the order of the form', () => {
    const inputs = { 'optim.ema': '2', 'train.batchSize': 'x', 'data.imageSize': '3' };
    expect(checkInputs(tiny, inputs).faults.map(({ path }) => path)).toEqual([
      'data.imageSize',
      'optim.ema',
      'train.batchSize',
    ]);
  });

  it('turns any content of any field into a valid configuration or a fault at a field', () => {
    const input = fc.record({ parameter: fc.constantFrom(...listConfigParameters()), text: fc.string() });
    fc.assert(
      fc.property(fc.array(input, { maxLength: 5 }), (typed) => {
        const inputs = Object.fromEntries(typed.map(({ parameter, text }) => [parameter.path, text]));
        const { config, faults } = checkInputs(tiny, inputs);
        expect(config === null).toBe(faults.length > 0);
        if (config) expect(runConfigSchema.parse(config)).toEqual(config);
        for (const { path } of faults)
          expect(listConfigParameters().map((each) => each.path)).toContain(path);
      }),
    );
  });

  it('reads lists separated by commas, which may be empty', () => {
    const emaMore = (typed: string) => checkInputs(tiny, { 'optim.emaMore': typed }).config?.optim.emaMore;
    expect(emaMore('0.9 , 0.99')).toEqual([0.9, 0.99]);
    expect(emaMore(' ')).toEqual([]);
    const listed = { ...tiny, optim: { ...tiny.optim, emaMore: [0.9, 0.99] } };
    expect(inputsFor(tiny, listed)).toEqual({ 'optim.emaMore': '0.9, 0.99' });
    expect(compareConfigs(listed, structuredClone(listed))).toEqual([]);
  });

  it('treats a field as changed if its value differs, not just its spelling', () => {
    const rate = listConfigParameters().find(({ path }) => path === 'optim.learningRate');
    if (!rate) throw new Error('no learning rate');
    expect(isChanged(rate, undefined, 0.002)).toBe(false);
    expect(isChanged(rate, '2e-3', 0.002)).toBe(false);
    expect(isChanged(rate, '2e-4', 0.002)).toBe(true);
    expect(isChanged(rate, 'fast', 0.002)).toBe(true);
  });
});

describe('the parameter search', () => {
  const found = (query: string) =>
    filterSections(listConfigSections(), searchTerms(query), () => true).flatMap((section) =>
      section.parameters.map(({ path }) => path),
    );

  it('requires all terms in title, help, path, unit, choices or section, regardless of case', () => {
    expect(found('LEARNING rate')).toEqual([
      'path.unit',
      'optim.kind',
      'optim.learningRate',
      'optim.weightDecay',
      'optim.schedule',
      'optim.warmupSteps',
    ]);
    expect(found('optim.ema')).toEqual(['optim.ema', 'optim.emaMore']);
    expect(found('thin-plate')).toEqual(['field.residual', 'path.estimate']);
    expect(found('network heads')).toEqual(['field.heads']);
    expect(found('minutes')).toEqual(['train.minutes']);
    expect(found('nonsense')).toEqual([]);
    expect(found(' ')).toHaveLength(listConfigParameters().length);
  });

  it('marks every occurrence and keeps the whole text', () => {
    expect(markTerms('Mask seed', ['s', 'mask'])).toEqual([
      { text: 'Mask', isMatch: true },
      { text: ' ', isMatch: false },
      { text: 's', isMatch: true },
      { text: 'eed', isMatch: false },
    ]);
    fc.assert(
      fc.property(fc.string(), fc.array(fc.string({ minLength: 1 })), (text, terms) => {
        const parts = markTerms(text, terms);
        expect(parts.map((part) => part.text).join('')).toBe(text);
      }),
    );
  });
});

describe('parseNumber', () => {
  it('parses the formatted text of any finite number to that number', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(parseNumber(formatNumber(value))).toEqual({ ok: true, value: value + 0 });
      }),
      { numRuns: 2000 },
    );
  });

  it('parses the scientific notation of any finite number', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(parseNumber(` ${value.toExponential()} `)).toEqual({ ok: true, value: value + 0 });
      }),
    );
  });

  it('returns a finite number or a sentence for any text', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const read = parseNumber(text);
        if (read.ok) expect(Number.isFinite(read.value)).toBe(true);
        else expect(read.problem).toMatch(/\.$/);
      }),
    );
  });

  it.each([
    ['1e-4', 0.0001],
    ['1E-4', 0.0001],
    ['.5', 0.5],
    ['5.', 5],
    ['+3', 3],
    ['−3', -3],
    ['10 000', 10_000],
    ['1 000 000', 1_000_000],
    [' 42 ', 42],
    ['0e9', 0],
    ['-0', 0],
  ])('parses “%s” to %d', (text, value) => {
    expect(parseNumber(text)).toEqual({ ok: true, value });
  });

  it.each([
    ['', 'Enter a number'],
    ['0,001', 'decimal point (0.001)'],
    ['1 00', 'not a number'],
    ['1 2', 'not a number'],
    ['0x10', 'not a number'],
    ['Infinity', 'not a number'],
    ['1e', 'not a number'],
    ['.', 'not a number'],
    ['1e999', 'too large'],
    ['1e-999', 'too close to zero'],
  ])('rejects “%s”: %s', (text, reason) => {
    const read = parseNumber(text);
    expect(read.ok ? null : read.problem).toContain(reason);
  });
});

const folderConfig = { ...small, data: { ...small.data, source: 'folder:/home/someone/pictures' } };

describe('a configuration as JSON', () => {
  it('is parsed to the same configuration with the data source of the base', () => {
    const text = formatConfigJson(folderConfig);
    expect(text).not.toContain('someone');
    expect(readConfigJson(text, tiny)).toEqual({ ok: true, config: small });
    expect(readConfigJson(text, folderConfig)).toEqual({ ok: true, config: folderConfig });
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
    ['{"optim": {"speed": 1}}', 'optim: Unknown name: speed.'],
    ['{"__proto__": {"seed": 1}}', '__proto__'],
    ['{"data": 3}', 'data: Found 3, expected named values in braces.'],
    ['{"field": {"depth": 1}}', 'field: Unknown name: depth.'],
    [
      '{"field": {"kind": "forest"}}',
      'field.kind: Found “forest”, expected “perceiver”, “unet”, “local” or “transformer”.',
    ],
    [
      '{"field": {"kind": "unet", "heads": 2}}',
      'field.heads is 2, but the network "unet" has no parameter "heads", only dim, blocks, stepConditioning, residual, levels, stride, and channelMask; perceiver, local, and transformer have it. Remove it, or choose another network with field.kind.',
    ],
    ['{"preset": "laptop", "field": {"latents": 2}}', 'field.latents is 2, but the network "unet" has no'],
    ['{"train": {"batchSize": 0}}', 'train.batchSize: Found 0, expected at least 1.'],
    [
      '{"path": {"prediction": "velocity"}}',
      'field.residual: A residual needs path.prediction = data, or path.residualDeviation.',
    ],
  ])('rejects %s with the reason', (text, reason) => {
    const read = readConfigJson(text, tiny);
    expect(read.ok ? '' : read.problems.join(' ')).toContain(reason);
  });
});
