import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { runConfigSchema } from '../../../shared/config/config.ts';
import { listConfigParameters, valueAt } from '../../../shared/config/configParameters.ts';
import { maskLawNames } from '../../../shared/masks/laws.ts';
import { fieldKinds, networksWith } from '../../../shared/config/networks/registry.ts';
import { describeLimits, describeSchema } from '../../../shared/config/describeSchema.ts';

/** The default configuration of every network, starting with the default network. */
const networkDefaults = fieldKinds.map((kind) => runConfigSchema.parse({ field: { kind } }));
const [defaults] = networkDefaults;
const sections = describeSchema(runConfigSchema);
const parameters = sections.flatMap((section) => section.parameters);

function find(path: string) {
  const found = parameters.find((parameter) => parameter.path === path);
  if (!found) throw new Error(`no ${path}`);
  return found;
}

function leaves(tree: object, prefix = ''): string[] {
  return Object.entries(tree).flatMap(([key, value]: [string, unknown]) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? leaves(value, `${prefix}${key}.`)
      : [`${prefix}${key}`],
  );
}

describe('the description of the run configuration', () => {
  it('contains each setting once, without the records that the program writes itself', () => {
    const all = new Set(networkDefaults.flatMap((config) => leaves(config)));
    const settings = [...all].filter((path) => !['optim.extensions', 'path.measured'].includes(path));
    expect([...parameters].map(({ path }) => path).sort()).toEqual(settings.sort());
    expect(new Set(parameters.map(({ path }) => path)).size).toBe(parameters.length);
  });

  it('gives the form every setting except preset, data source, measurements and history of budgets', () => {
    const fields = listConfigParameters().map(({ path }) => path);
    expect(leaves(defaults).filter((path) => !fields.includes(path))).toEqual([
      'preset',
      'data.source',
      'path.measured',
      'optim.extensions',
    ]);
  });

  it.each(parameters.map((parameter) => [parameter.path, parameter] as const))(
    'has a title, a control and the default of the schema for %s',
    (path, parameter) => {
      expect(parameter.title).not.toBe('');
      const values = networkDefaults
        .map((config) => valueAt(config, path))
        .filter((value) => value !== undefined);
      expect(values).toContainEqual(parameter.initial);
      if (path !== 'field.kind') expect(new Set(values.map((value) => JSON.stringify(value))).size).toBe(1);
      const { control, initial, isOptional } = parameter;
      const types = {
        number: 'number',
        numbers: 'object',
        switch: 'boolean',
        choice: 'string',
        text: 'string',
      } as const;
      if (!(isOptional && initial === null)) expect(typeof initial).toBe(types[control]);
      if (control === 'choice') expect(parameter.choices).toContain(initial);
    },
  );

  it('has a title of its own for every option of every choice, which is not the name that a configuration has', () => {
    const choices = parameters.filter(({ control }) => control === 'choice');
    expect(choices.length).toBeGreaterThan(10);
    for (const { path, choices: names, titles } of choices) {
      expect(Object.keys(titles), path).toEqual(names);
      expect(new Set(Object.values(titles)).size, path).toBe(names.length);
      for (const name of names)
        if (name.length > 1 && path !== 'mask.phase') expect(titles[name], path).not.toBe(name);
    }
    expect(find('field.kind').titles).toMatchObject({ unet: 'U-Net', perceiver: 'Perceiver IO' });
    expect(find('sampler.solver').titles.rk4).toBe('RK4');
  });

  it.each(parameters.filter(({ control }) => control === 'number').map((each) => [each.path, each] as const))(
    'has exactly the limits of the schema for %s',
    (path, { limits, isInteger }) => {
      const accepts = (value: number) => {
        const [section, key] = path.split('.');
        const owner = section === 'field' ? { kind: networksWith(key)[0] } : {};
        const input = key === undefined ? { [section]: value } : { [section]: { ...owner, [key]: value } };
        const issues = runConfigSchema.safeParse(input).error?.issues ?? [];
        // Conflicts between several parameters do not count.
        return issues.every((issue) => issue.code === 'custom' || issue.path.join('.') !== path);
      };
      const margin = isInteger ? 1 : 1e-9;
      const { minimum, exclusiveMinimum, maximum, exclusiveMaximum } = limits;
      if (minimum !== undefined) expect([accepts(minimum), accepts(minimum - margin)]).toEqual([true, false]);
      if (exclusiveMinimum !== undefined) {
        expect([accepts(exclusiveMinimum), accepts(exclusiveMinimum + margin)]).toEqual([false, true]);
      }
      if (maximum !== undefined) expect([accepts(maximum), accepts(maximum + margin)]).toEqual([true, false]);
      if (exclusiveMaximum !== undefined) {
        expect([accepts(exclusiveMaximum), accepts(exclusiveMaximum - margin)]).toEqual([false, true]);
      }
      if (isInteger) expect(accepts((minimum ?? 0) + 0.5)).toBe(false);
      else expect(accepts((exclusiveMinimum ?? minimum ?? 0) + 0.5)).toBe(true);
    },
  );

  it('contains units, choices, limits, and whether a number is optional or whole', () => {
    expect(find('data.imageSize')).toMatchObject({
      unit: 'pixels',
      isInteger: true,
      limits: { minimum: 11, maximum: 256 },
    });
    expect(find('mask.law')).toMatchObject({ control: 'choice', choices: maskLawNames });
    expect(find('train.steps')).toMatchObject({ control: 'number', isOptional: true, isInteger: true });
    expect(find('optim.learningRate')).toMatchObject({ isOptional: false, isInteger: false, initial: 1e-4 });
    expect(find('seed').limits).toEqual({ minimum: 0 });
  });

  it('offers the networks as choices, the default first', () => {
    expect(find('field.kind')).toMatchObject({
      title: 'Network',
      control: 'choice',
      choices: fieldKinds,
      initial: defaults.field.kind,
    });
  });

  it('has titled sections, with general settings first', () => {
    expect(sections.map(({ title }) => title)).toEqual([
      'General',
      'Data',
      'Mask',
      'Network',
      'Path',
      'Objective',
      'Optimiser',
      'Training',
      'Sampler',
    ]);
  });

  it('states the valid numbers of a setting', () => {
    expect(describeLimits(find('mask.keepRatio'))).toBe('number, above 0, at most 1');
    expect(describeLimits(find('optim.ema'))).toBe('number, at least 0, below 1');
    expect(describeLimits(find('optim.emaMore'))).toBe(
      'up to 3 numbers separated by commas, above 0, below 1',
    );
    expect(describeLimits(find('train.steps'))).toBe('whole number, at least 1, or empty');
  });

  it('rejects a setting for which there is no control, and names it', () => {
    const schema = z.strictObject({ list: z.array(z.string()) });
    expect(() => describeSchema(schema)).toThrow('list is of type array');
  });
});
