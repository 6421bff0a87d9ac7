import { describe, expect, it } from 'vitest';
import { formatPresetFile } from '../../shared/config/savedPresets.ts';
import { resolvePreset, tiny } from '../../shared/config/presets.ts';
import { openExampleLaboratory } from './exampleLaboratory.ts';

const config = resolvePreset(tiny);

describe('the requests about presets', () => {
  it('save, rename, choose, delete and import presets, and announce every change', async () => {
    const { ask, sentEvents } = await openExampleLaboratory();
    const saved = await ask('presets.save', { title: 'My own', config });
    expect(saved).toMatchObject({ name: 'my-own', description: '' });
    await ask('presets.rename', { name: 'my-own', title: 'Mine', description: 'Better.' });
    await ask('presets.chooseDefault', { name: 'mine' });
    expect(await ask('presets.list', {})).toMatchObject({
      presets: [{ name: 'mine', description: 'Better.' }],
      defaultName: 'mine',
    });
    const deleted = await ask('presets.delete', { name: 'mine' });
    const imported = await ask('presets.import', { text: formatPresetFile(deleted) });
    expect(imported).toEqual(deleted);
    const changes = sentEvents('presets.changed');
    expect(changes.map(({ presets }) => presets.map(({ name }) => name).join())).toEqual([
      'my-own',
      'mine',
      'mine',
      '',
      'mine',
    ]);
  });

  it('refuse what is taken, unknown or no preset, with the reason', async () => {
    const { ask, expectFailure } = await openExampleLaboratory();
    await ask('presets.save', { title: 'Mine', config });
    const fail = async (...request: Parameters<typeof expectFailure>) => {
      const { code, message } = await expectFailure(...request);
      return [code, message];
    };
    expect(await fail('presets.save', { title: 'mine', config })).toEqual([
      'conflict',
      'There is already a preset “mine”. Choose another name.',
    ]);
    expect((await fail('presets.delete', { name: 'tiny' }))[0]).toBe('conflict');
    expect(await fail('presets.import', { text: '{}' })).toEqual([
      'invalid',
      expect.stringMatching(/^The file is no preset of this program/),
    ]);
  });

  it('name a run after the preset of the user that it was started from', async () => {
    const { ask } = await openExampleLaboratory();
    const { config: saved } = await ask('presets.save', { title: 'Mine', config });
    const run = await ask('training.create', { config: saved, datasetId: 'synthetic', then: 'keep' });
    expect(run).toMatchObject({ name: 'mine', preset: 'mine' });
  });
});
