import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { UpdateCheckResult } from 'electron-updater';
import { describe, expect, it } from 'vitest';
import { createUpdates, type Updater } from '../../main/shell/updates.ts';
import { describeUpdate } from '../../renderer/models/frame/updateText.ts';
import type { UpdateState } from '../../shared/updates.ts';
import { createFakeDesktop, openExampleLaboratory } from '../ipc/exampleLaboratory.ts';
import { makeTemporaryFolder } from '../store/temporaryFolder.ts';

interface Package {
  readonly isPackaged?: boolean;
  readonly isSigned?: boolean;
  /** Whether it was made for a release, with a server to ask. */
  readonly isPublished?: boolean;
  /** What the server answers; an error is thrown. */
  readonly answer?: UpdateCheckResult | null | Error;
}

/** Returns what a check finds if the server has this version. */
function findVersion(
  version: string,
  releaseNotes: string | null,
  isUpdateAvailable = true,
): UpdateCheckResult {
  const updateInfo = { version, files: [], path: '', sha512: '', releaseDate: '', releaseNotes };
  return { isUpdateAvailable, updateInfo, versionInfo: updateInfo };
}

/** Creates a package whose updater records its calls and answers as given. */
function install({ isPackaged = true, isSigned = true, isPublished = true, answer = null }: Package = {}) {
  const folder = makeTemporaryFolder();
  const resourcesFolder = join(folder, 'resources');
  mkdirSync(resourcesFolder);
  const manifest = {
    name: 'lab',
    ...(isPublished && { homepage: 'https://github.com/someone/lab', isSigned }),
  };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
  if (isPublished) writeFileSync(join(resourcesFolder, 'app-update.yml'), 'provider: github');
  const calls: string[] = [];
  const updater: Updater = {
    autoDownload: true,
    autoInstallOnAppQuit: false,
    allowPrerelease: true,
    logger: console,
    checkForUpdates() {
      calls.push('check');
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    },
    downloadUpdate() {
      calls.push('download');
      return Promise.resolve(['installer']);
    },
    quitAndInstall: (...how) => void calls.push(`install ${how.join(' ')}`),
  };
  const lines: string[] = [];
  const updates = createUpdates({
    app: { isPackaged, getAppPath: () => folder },
    resourcesFolder,
    load() {
      calls.push('load');
      return Promise.resolve(updater);
    },
    pauseAll() {
      calls.push('pause');
      return Promise.reject(new Error('a run does not answer'));
    },
    log: (line) => void lines.push(line),
  });
  const states: UpdateState['kind'][] = [];
  updates.onChange(({ kind }) => void states.push(kind));
  return { updates, updater, calls, states, lines };
}

describe('updates of the application', () => {
  it('send nothing and load nothing before a check is requested', () => {
    const { updates, calls } = install();
    expect(updates.state()).toEqual({ kind: 'idle' });
    expect(calls).toEqual([]);
  });

  it('are found with their notes and their page, and not downloaded by themselves', async () => {
    const { updates, updater, calls, states } = install({ answer: findVersion('0.2.0', '- Something.') });
    expect(await updates.check()).toEqual({
      kind: 'available',
      version: '0.2.0',
      notes: '- Something.',
      page: 'https://github.com/someone/lab/releases/tag/v0.2.0',
      canInstall: true,
    });
    expect(states).toEqual(['checking', 'available']);
    expect(calls).toEqual(['load', 'check']);
    expect([updater.autoDownload, updater.autoInstallOnAppQuit, updater.allowPrerelease]).toEqual([
      false,
      true,
      false,
    ]);
  });

  it('are downloaded on request and installed when the application quits', async () => {
    const { updates, calls, states } = install({ answer: findVersion('0.2.0', null) });
    await updates.check();
    expect(await updates.install()).toMatchObject({ kind: 'ready', version: '0.2.0', notes: '' });
    expect(states).toEqual(['checking', 'available', 'downloading', 'ready']);
    expect(calls).toEqual(['load', 'check', 'download']);
  });

  it('are installed at once on request, after runs were paused, and only what was downloaded', async () => {
    const { updates, calls } = install({ answer: findVersion('0.2.0', null) });
    await updates.check();
    expect((await updates.restart()).kind).toBe('available');
    await updates.install();
    await updates.restart();
    // Silent, and started again.
    expect(calls).toEqual(['load', 'check', 'download', 'pause', 'install true true']);
  });

  it('are not installed by a package without a signature, which leads to their page', async () => {
    const { updates, calls } = install({ isSigned: false, answer: findVersion('0.2.0', '') });
    const state = await updates.check();
    expect(state).toMatchObject({ kind: 'available', canInstall: false });
    expect(await updates.install()).toBe(state);
    expect(calls).not.toContain('download');
    expect(describeUpdate(state)).toMatch(/download it from its page/);
  });

  it('say so if this is the newest version', async () => {
    const { updates } = install({ answer: findVersion('0.1.0', null, false) });
    expect(await updates.check()).toEqual({ kind: 'current' });
  });

  it('report a server that cannot be reached, and can be checked again', async () => {
    const { updates, calls, lines } = install({
      answer: new Error('net::ERR_INTERNET_DISCONNECTED\n  at x'),
    });
    expect(await updates.check()).toEqual({
      kind: 'failed',
      message: 'net::ERR_INTERNET_DISCONNECTED Try again later.',
    });
    expect(lines[0]).toContain('ERR_INTERNET_DISCONNECTED');
    await updates.check();
    expect(calls).toEqual(['load', 'check', 'check']);
  });

  it.each([
    [{ isPackaged: false }, /runs from its sources/],
    [{ isPublished: false }, /built by hand/],
  ])('are unavailable with the reason for %o, and no server is asked', async (copy, reason) => {
    const { updates, calls } = install(copy);
    const state = await updates.check();
    expect(state).toMatchObject({ kind: 'unavailable' });
    expect(describeUpdate(state)).toMatch(reason);
    expect(calls).toEqual([]);
  });

  it('reach the page as an event and a notice, and are unavailable in a browser', async () => {
    const { updates } = install({ answer: findVersion('0.2.0', '') });
    const desktop = createFakeDesktop({ updates });
    const { ask, sentEvents } = await openExampleLaboratory({ mode: 'desktop', desktop });
    expect(await ask('updates.check', {})).toMatchObject({ kind: 'available', version: '0.2.0' });
    expect(await ask('updates.get', {})).toEqual(updates.state());
    expect(sentEvents('updates.changed').map(({ kind }) => kind)).toEqual(['checking', 'available']);
    expect(sentEvents('notice').map(({ message }) => message)).toEqual([
      'Version 0.2.0 is available. The settings show what it changes.',
    ]);
    const served = await openExampleLaboratory();
    expect(await served.ask('updates.check', {})).toMatchObject({ kind: 'unavailable' });
  });
});
