import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { applyOverrides } from '../../../main/cli/configOptions.ts';
import { getRun, insertRunRow, listRuns } from '../../../main/store/runs/runs.ts';
import { runConfigSchema } from '../../../shared/config/config.ts';
import { compareConfigs } from '../../../shared/config/configParameters.ts';
import { fieldKinds, parametersOf, queriesOf, traitsOf } from '../../../shared/config/networks/registry.ts';
import { presets, resolvePreset } from '../../../shared/config/presets.ts';
import { openExampleStore } from '../../store/exampleStore.ts';

/** `field` of every preset with every network, as stored when one record had the parameters of all networks. */
const golden = JSON.parse(
  readFileSync(new URL('golden/networksOfPresets.json', import.meta.url), 'utf8'),
) as Record<string, object>;

/** Presets of those versions: newer ones have no record there. */
const olderPresets = presets.filter(({ name }) => `${name} unet` in golden);
const choices = olderPresets.flatMap((preset) =>
  fieldKinds.map((kind) => [preset.name, kind, preset] as const),
);

/** The parameters of all networks in one record, as earlier versions stored them. */
const everyParameter = {
  dim: 48,
  blocks: 2,
  stepConditioning: false,
  residual: 'thin-plate',
  heads: 3,
  dropout: 0.2,
  readBlocks: 1,
  fourierFeatures: 16,
  fourierScale: 5,
  patch: 3,
  latents: 8,
  queryCarriesState: true,
  timeConditioning: 'adaptive',
  neighbours: 7,
  mixing: 3,
  queriesAttend: true,
  levels: 3,
  stride: 2,
  channelMask: true,
};

/** What presets have had since. */
const newerSettings: Readonly<Record<string, object>> = { laptop: { blocks: 1 }, 'few-steps': { blocks: 1 } };

describe('the network of a preset', () => {
  it.each(choices)('has the same parameters as in earlier versions: %s with %s', (name, kind, preset) => {
    const { field } = applyOverrides(resolvePreset(preset), [`field.kind=${kind}`]);
    const newer = { ...newerSettings[name], ...(kind === 'unet' && { channelMask: false }) };
    expect(field).toEqual({ ...golden[`${name} ${kind}`], ...newer });
  });

  it('is checked for every preset of those versions', () => {
    expect(choices).toHaveLength(Object.keys(golden).length);
  });
});

describe('a configuration with the parameters of all networks', () => {
  it.each(fieldKinds)('is read with those of its own network only: %s', (kind) => {
    const { field } = runConfigSchema.parse({
      field: { kind, ...everyParameter },
      path: { prediction: 'data' },
    });
    expect(Object.keys(field)).toEqual(['kind', ...parametersOf(kind)]);
    expect({ kind, ...everyParameter }).toMatchObject(field);
  });

  it('may have inconsistent values for other networks', () => {
    const field = { ...everyParameter, kind: 'unet', heads: 5, mixing: 4, patch: 2, latents: 0 };
    expect(runConfigSchema.safeParse({ field, path: { prediction: 'data' } }).success).toBe(true);
    expect(runConfigSchema.safeParse({ field: { ...field, kind: 'local' } }).success).toBe(false);
  });

  it('is rejected for a parameter that no network has', () => {
    const field = { ...everyParameter, kind: 'unet', depth: 3 };
    const { error } = runConfigSchema.safeParse({ field, path: { prediction: 'data' } });
    expect(error?.issues).toMatchObject([{ code: 'unrecognized_keys', keys: ['depth'], path: ['field'] }]);
  });

  it('is read from the database as the same configuration without them', () => {
    const store = openExampleStore();
    const [config] = presets.map(resolvePreset);
    const row = {
      name: 'old',
      status: 'paused',
      preset: 'laptop',
      createdAt: '2026-11-23T19:00:00.000Z',
    } as const;
    insertRunRow(store.db, { ...row, id: 'aaaaaaaa', config });
    const flat = { ...config, field: { ...everyParameter, ...config.field } };
    store.db.prepare('UPDATE runs SET config = ?').run(JSON.stringify(flat));
    expect(JSON.stringify(getRun(store.db, 'aaaaaaaa').config)).toBe(JSON.stringify(config));
    expect(compareConfigs(config, listRuns(store.db)[0].config)).toEqual([]);
  });
});

describe('the traits of a network', () => {
  it.each(fieldKinds)('name only parameters that it has: %s', (kind) => {
    const parameters = parametersOf(kind);
    const { reads, mixesBy, queries } = traitsOf(kind);
    expect(parameters.filter((name) => ['patch', 'neighbours'].includes(name))).toEqual(reads);
    if (mixesBy !== null) expect(parameters).toContain(mixesBy);
    expect(queriesOf(runConfigSchema.parse({ field: { kind } }).field)).toBe(queries);
    const mixing = { field: { kind, ...everyParameter }, path: { prediction: 'data' } };
    expect(queriesOf(runConfigSchema.parse(mixing).field)).toBe(mixesBy === null ? queries : 'grid');
  });
});

describe('the comparison of two configurations', () => {
  it('compares the parameters of another network with the values of the first configuration', () => {
    const [laptop] = presets.map(resolvePreset);
    const perceiver = applyOverrides(laptop, ['field.kind=perceiver', 'field.latents=64']);
    expect(compareConfigs(laptop, perceiver)).toMatchObject([
      { parameter: { path: 'field.kind' }, from: 'unet', to: 'perceiver' },
      { parameter: { path: 'field.latents' }, from: 512, to: 64 },
    ]);
    expect(compareConfigs(perceiver, laptop)).toMatchObject([
      { parameter: { path: 'field.kind' }, from: 'perceiver', to: 'unet' },
    ]);
  });
});
