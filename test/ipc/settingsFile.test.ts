import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openLog } from '../../main/ipc/log.ts';
import { openSettings } from '../../main/ipc/settingsFile.ts';
import { defaultSettings } from '../../shared/settings.ts';
import { makeTemporaryFolder } from '../store/temporaryFolder.ts';
import { openExampleLaboratory } from './exampleLaboratory.ts';

describe('the settings', () => {
  it('have default values at first, and are not written', () => {
    const folder = join(makeTemporaryFolder(), 'config');
    const settings = openSettings(folder);
    expect([settings.get(), settings.finding]).toEqual([defaultSettings, null]);
    expect(readdirSync(join(folder, '..'))).toEqual([]);
  });

  it('are changed one by one and kept for the next start', () => {
    const folder = join(makeTemporaryFolder(), 'config');
    const settings = openSettings(folder);
    settings.change({ theme: 'dark' });
    expect(settings.change({ smoothing: 0.9 })).toEqual({
      ...defaultSettings,
      theme: 'dark',
      smoothing: 0.9,
    });
    expect(openSettings(folder).get()).toEqual(settings.get());
    expect(readdirSync(folder)).toEqual(['settings.json']);
  });

  it.each(['', '{', '[]', '{"theme":"pink"}', '{"smoothing":2}', '{"unheardOf":1}', '\0\0\0'])(
    'of the damaged file %j are moved aside and reported to the user',
    (text) => {
      const folder = makeTemporaryFolder();
      writeFileSync(join(folder, 'settings.json'), text);
      const settings = openSettings(folder);
      expect([settings.get(), settings.finding]).toEqual([
        defaultSettings,
        expect.stringMatching(/were damaged/),
      ]);
      const [aside] = readdirSync(folder);
      expect(aside).toMatch(/^settings\.json\.damaged-/);
      expect(readFileSync(join(folder, aside), 'utf8')).toBe(text);
      expect(openSettings(folder).finding).toBe(null);
    },
  );

  it('do not change if they cannot be written', () => {
    const folder = join(makeTemporaryFolder(), 'config');
    writeFileSync(folder, 'a file in its place');
    const settings = openSettings(folder);
    expect(() => settings.change({ theme: 'dark' })).toThrow();
    expect(settings.get()).toEqual(defaultSettings);
  });

  it('are reported as a finding if they were damaged, and every page is notified of a change', async () => {
    const folder = makeTemporaryFolder();
    mkdirSync(join(folder, 'config'));
    writeFileSync(join(folder, 'config', 'settings.json'), '{');
    const { ask, sentEvents } = await openExampleLaboratory({}, folder);
    expect((await ask('system.info', {})).findings).toEqual([expect.stringMatching(/settings were damaged/)]);
    await ask('settings.change', { density: 'comfortable' });
    expect(sentEvents('settings.changed')).toEqual([{ ...defaultSettings, density: 'comfortable' }]);
    expect(await ask('settings.get', {})).toMatchObject({ density: 'comfortable' });
  });
});

describe('the log', () => {
  it('returns its newest entries as one line each, oldest first', () => {
    const log = openLog(join(makeTemporaryFolder(), 'logs'));
    expect(log.newest(5)).toEqual([]);
    for (const text of ['one', 'two\n  lines', 'three']) log.write('warn', text);
    expect(log.newest(2)).toMatchObject([
      { level: 'warn', text: 'two ⏎ lines' },
      { level: 'warn', text: 'three' },
    ]);
  });

  it('never grows beyond two files of about a megabyte', () => {
    const folder = makeTemporaryFolder();
    const log = openLog(folder);
    for (let line = 0; line < 300; line++) log.write('info', `${line} ${'x'.repeat(10_000)}`);
    expect(readdirSync(folder).toSorted()).toEqual(['lab.log', 'lab.old.log']);
    expect(readFileSync(join(folder, 'lab.log')).length).toBeLessThan(1_100_000);
    expect(log.newest(100).length).toBe(100);
    expect(log.newest(1)[0].text).toMatch(/^299 /);
  });

  it('ignores that it cannot be written', () => {
    const folder = makeTemporaryFolder();
    chmodSync(folder, 0o500);
    writeFileSync(join(makeTemporaryFolder(), 'x'), '');
    expect(() => openLog(join('/dev/null', 'logs')).write('error', 'lost')).not.toThrow();
  });
});
