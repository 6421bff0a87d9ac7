import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { resolveConfig, train } from '../../main/cli/commands/train.ts';
import { openStore } from '../../main/store/store.ts';
import { insertRun } from '../../main/store/runs/runLifecycle.ts';
import { resolvePreset, small, tiny } from '../../shared/config/presets.ts';
import { makeTemporaryFolder } from '../store/temporaryFolder.ts';
import { runLab } from './runLab.ts';

let folder: string;

beforeEach(() => {
  folder = makeTemporaryFolder();
  vi.stubEnv('SPARSE_FIELD_LAB_CONFIG', join(folder, 'config'));
  vi.stubEnv('SPARSE_FIELD_LAB_DATA', folder);
});
afterEach(() => void vi.unstubAllEnvs());

/** Runs `lab presets`, which is expected to succeed. */
async function presets(...args: readonly string[]) {
  const { code, stdout, stderr } = await runLab('presets', ...args);
  expect([code, stderr]).toEqual([0, '']);
  return stdout;
}

/** Returns the configuration that `lab train` would train. */
function trainedConfig(...args: string[]) {
  return resolveConfig(parseArgs({ args, options: train.options, strict: true }).values);
}

describe('lab presets', () => {
  it('saves a preset with changes, which lab train takes by name or title', async () => {
    const saving = ['save', 'My photos', '--preset', 'tiny', '--set', 'train.minutes=60'];
    expect(await presets(...saving, '--description', 'An hour.')).toBe(
      'The preset my-photos was saved. Use it with: lab train --preset my-photos\n',
    );
    const expected = resolvePreset(tiny);
    for (const name of ['my-photos', 'My photos']) {
      expect(trainedConfig('--preset', name)).toEqual({
        ...expected,
        preset: 'my-photos',
        train: { ...expected.train, minutes: 60 },
      });
    }
    expect(await presets()).toContain('\nYour presets\nmy-photos\n  An hour.\n');
    expect(await presets('my-photos')).toMatch(/train\.minutes +60/);
    const [listed] = (await runLab('presets', '--json')).lines();
    expect(listed).toMatchObject({ default: 'laptop' });
    expect((listed.presets as object[]).at(-1)).toMatchObject({ name: 'my-photos', isSaved: true });
  });

  it('saves the configuration of a run, without its data', async () => {
    const store = openStore(folder);
    const config = resolvePreset(small);
    const { id } = insertRun(store, {
      name: 'good one',
      config: { ...config, data: { ...config.data, source: 'folder:/private' } },
      totalSteps: 10,
    });
    store.close();
    await presets('save', 'Like the good one', '--run', id);
    expect(trainedConfig('--preset', 'like-the-good-one')).toEqual({
      ...config,
      preset: 'like-the-good-one',
    });
  });

  it('exports a preset to a file that imports under a free name', async () => {
    await presets('save', 'Mine', '--preset', 'tiny');
    await presets('export', 'mine', '--out', folder);
    const file = join(folder, 'mine.preset.json');
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ title: 'Mine', version: 1 });
    expect(await presets('import', file)).toContain('The preset mine-2 was imported.');
    await presets('delete', 'mine');
    await presets('rename', 'mine-2', 'Mine again');
    expect(await presets()).toContain('\nYour presets\nmine-again\n');
  });

  it('chooses what a new run starts from, and takes the choice back', async () => {
    expect(trainedConfig().preset).toBe('laptop');
    await presets('save', 'Mine', '--preset', 'tiny');
    await presets('default', 'Mine');
    expect(trainedConfig().preset).toBe('mine');
    expect(await presets()).toContain('mine (default)');
    expect(await presets('default')).toContain('A new run starts from laptop');
    expect(trainedConfig().preset).toBe('laptop');
  });

  it.each([
    [['save', 'tiny'], /“tiny” is a preset of the program/],
    [['save'], /"lab presets save" got 0 arguments\. Usage: lab presets save <name>\./],
    [['delete', 'tiny'], /“tiny” is a preset of the program, which cannot be changed/],
    [['rename', 'tiny'], /got 1 argument\. Usage: lab presets rename <preset> <name>/],
    [['tiny', 'small'], /expected one preset, or one of save, export/],
    [['save', 'x', '--run', 'latest', '--preset', 'tiny'], /--run and --preset exclude each other/],
    [['export', 'mine'], /No preset "mine"\./],
  ])('%j fails with one line and exit code 2', async (args, message) => {
    const { code, stdout, stderr } = await runLab('presets', ...args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^lab: [^\n]*\n$/);
    expect(stderr).toMatch(message);
  });

  it('names a file that is no preset', async () => {
    const file = join(folder, 'other.json');
    writeFileSync(file, '{}');
    const { code, stderr } = await runLab('presets', 'import', file);
    expect([code, stderr]).toEqual([1, expect.stringMatching(/The file is no preset of this program/)]);
  });
});
