import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  addPreset,
  chooseDefaultPreset,
  deletePreset,
  listPresets,
  readPresetFile,
  renamePreset,
  savePreset,
} from '../../main/store/presets.ts';
import { resolvePreset, small, tiny } from '../../shared/config/presets.ts';
import { makeTemporaryFolder } from './temporaryFolder.ts';

const first = { title: 'First try', description: 'A description.', config: resolvePreset(tiny) };
const namesIn = (folder: string) => listPresets(folder).presets.map(({ name }) => name);

describe('the presets in the configuration folder', () => {
  it('are none before one is saved, and nothing is created by looking', () => {
    const folder = join(makeTemporaryFolder(), 'config');
    expect(listPresets(folder)).toEqual({ presets: [], defaultName: null, findings: [] });
    expect(existsSync(folder)).toBe(false);
  });

  it('are listed by title, and replaced only if that is requested', () => {
    const folder = makeTemporaryFolder();
    savePreset(folder, { ...first, title: 'Second' });
    const saved = savePreset(folder, first);
    expect(listPresets(folder).presets).toMatchObject([{ title: 'First try' }, { title: 'Second' }]);
    const changed = { ...first, title: 'First TRY', config: resolvePreset(small) };
    expect(() => savePreset(folder, changed)).toThrow('already a preset');
    expect(listPresets(folder).presets[0]).toEqual(saved);
    savePreset(folder, changed, { replaces: saved.name });
    expect(listPresets(folder).presets[0]).toMatchObject({
      title: 'First TRY',
      config: { field: { dim: 128 } },
    });
    expect(readdirSync(join(folder, 'presets'))).toHaveLength(2);
  });

  it('keep their default through a new name, and lose it when they are deleted', () => {
    const folder = makeTemporaryFolder();
    const { name } = savePreset(folder, first);
    chooseDefaultPreset(folder, name);
    const renamed = renamePreset(folder, name, { title: 'Other name', description: '' });
    expect([namesIn(folder), listPresets(folder).defaultName]).toEqual([['other-name'], 'other-name']);
    expect(renamed.config).toEqual({ ...resolvePreset(tiny), preset: 'other-name' });
    deletePreset(folder, 'other-name');
    expect(listPresets(folder)).toMatchObject({ presets: [], defaultName: null });
    chooseDefaultPreset(folder, 'tiny');
    expect(listPresets(folder).defaultName).toBe('tiny');
    chooseDefaultPreset(folder, null);
    expect(listPresets(folder).defaultName).toBeNull();
  });

  it('are changed only if they are the user’s', () => {
    const folder = makeTemporaryFolder();
    expect(() => deletePreset(folder, 'tiny')).toThrow('preset of the program, which cannot be changed');
    expect(() => renamePreset(folder, 'gone', first)).toThrow('You have no preset “gone”');
    expect(() => chooseDefaultPreset(folder, 'gone')).toThrow('You have no preset “gone”');
  });

  it('are numbered when they are imported under a name that is taken', () => {
    const folder = makeTemporaryFolder();
    const saved = savePreset(folder, first);
    const file = join(folder, 'presets', 'first-try.preset.json');
    expect(addPreset(folder, readPresetFile(file)).title).toBe('First try 2');
    expect(addPreset(folder, saved).title).toBe('First try 3');
    expect(addPreset(folder, { ...saved, title: 'tiny' }).name).toBe('tiny-2');
  });

  it('are read although one of them is damaged, which is reported and kept', () => {
    const folder = makeTemporaryFolder();
    savePreset(folder, first);
    mkdirSync(join(folder, 'presets'), { recursive: true });
    const damaged = join(folder, 'presets', 'damaged.preset.json');
    writeFileSync(damaged, '{"format"');
    const { presets, findings } = listPresets(folder);
    expect(presets).toHaveLength(1);
    expect(findings).toEqual([expect.stringContaining('damaged.preset.json: The file is not valid JSON')]);
    expect(readFileSync(damaged, 'utf8')).toBe('{"format"');
  });
});
