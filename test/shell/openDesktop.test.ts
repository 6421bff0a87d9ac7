import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { MenuItemConstructorOptions } from 'electron';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type * as PageFiles from '../../main/ipc/pageFiles.ts';
import { requestNames } from '../../shared/contract.ts';
import { openDesktop } from '../../main/shell/openDesktop.ts';
import { findApplication } from '../../main/store/applicationLock.ts';
import { startChild } from '../store/children/startChild.ts';
import { makeTemporaryFolder } from '../store/temporaryFolder.ts';
import { clickMenuItem, createFakeElectron } from './fakeElectron.ts';

/** Folder of a minimal page, which replaces the built one. */
const sources = vi.hoisted(() => ({ folder: '' }));

vi.mock('../../main/ipc/pageFiles.ts', async (load) => {
  const actual = await load<typeof PageFiles>();
  return { ...actual, mapPageFiles: () => actual.mapPageFiles(sources.folder) };
});

const checkForUpdates = vi.hoisted(() => vi.fn(() => Promise.resolve(null)));
vi.mock('electron-updater', () => ({ default: { autoUpdater: { checkForUpdates } } }));

async function openInFolder(folder = makeTemporaryFolder()) {
  sources.folder = join(folder, 'page');
  mkdirSync(sources.folder);
  writeFileSync(join(sources.folder, 'index.html'), '<html><head></head></html>');
  vi.stubEnv('SPARSE_FIELD_LAB_CONFIG', join(folder, 'config'));
  vi.stubEnv('SPARSE_FIELD_LAB_DATA', join(folder, 'data'));
  const fake = createFakeElectron();
  if (existsSync(join(folder, 'app-update.yml')))
    Object.assign(fake.app, { isPackaged: true, getAppPath: () => folder });
  await openDesktop(fake.electron);
  return fake;
}

afterEach(() => void vi.unstubAllEnvs());

describe('the desktop application', () => {
  it('opens one window, answers every request of the contract and serves its two schemes', async () => {
    const fake = await openInFolder();
    expect(fake.windows.map(({ addresses }) => addresses)).toEqual([['app://lab/']]);
    expect([...fake.handlers.keys()].sort()).toEqual(requestNames.map((name) => `lab:${name}`).sort());
    expect([...fake.protocols.keys()]).toEqual(['app', 'lab-media']);
    expect(fake.calls('permissionRequest')).toHaveLength(1);
    expect(fake.calls('menu')).toHaveLength(1);
    fake.app.emit('will-quit', {});
  });

  it('shows its window and opens images on behalf of the user when that menu item is chosen', async () => {
    const fake = await openInFolder();
    const [window] = fake.windows;
    window.hide();
    const [[template]] = fake.calls('menu') as [[MenuItemConstructorOptions[]]];
    const items = template.flatMap(({ submenu }) => (Array.isArray(submenu) ? submenu : []));
    const item = items.find(({ label }) => label === 'Open images…');
    if (!item) throw new Error('The menu has no such item.');
    clickMenuItem(item);
    expect([window.isShown, window.webContents.isActivated]).toEqual([true, true]);
    expect(window.webContents.sent).toContainEqual(['lab:event', 'menu.command', 'openImages']);
    fake.app.emit('will-quit', {});
  });

  it('shows its window when it is started a second time', async () => {
    const fake = await openInFolder();
    fake.windows[0].emit('ready-to-show');
    fake.windows[0].hide();
    fake.app.emit('second-instance', {}, [], '/');
    expect(fake.windows).toHaveLength(1);
    expect(fake.windows[0].isShown).toBe(true);
    fake.app.emit('will-quit', {});
  });

  it.each([
    ['asks for a new version once its page is there, if that is switched on', true],
    ['asks for no new version before the user has agreed', false],
  ])('%s', async (_title, checkUpdates) => {
    const folder = makeTemporaryFolder();
    Object.assign(process, { resourcesPath: folder });
    writeFileSync(join(folder, 'app-update.yml'), 'provider: github');
    const manifest = { homepage: 'https://github.com/someone/lab', isSigned: false };
    writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
    mkdirSync(join(folder, 'config'));
    writeFileSync(join(folder, 'config', 'settings.json'), JSON.stringify({ checkUpdates }));
    checkForUpdates.mockClear();
    const fake = await openInFolder(folder);
    expect(checkForUpdates).not.toHaveBeenCalled();
    fake.windows[0].webContents.emit('did-finish-load');
    const get = fake.handlers.get('lab:updates.get');
    const readState = () => get?.({ senderFrame: fake.windows[0].webContents.mainFrame }, {});
    const value = { kind: checkUpdates ? 'current' : 'idle' };
    await expect.poll(readState).toEqual({ ok: true, value });
    expect(checkForUpdates).toHaveBeenCalledTimes(checkUpdates ? 1 : 0);
    fake.app.emit('will-quit', {});
  });

  it('quits without asking if nothing is computed', async () => {
    const fake = await openInFolder();
    const event = { preventDefault: vi.fn() };
    fake.app.emit('before-quit', event);
    expect(event.preventDefault).not.toHaveBeenCalled();
    expect(fake.calls('showMessageBox')).toEqual([]);
    fake.app.emit('will-quit', {});
  });

  it('quits without asking if its terminal hangs up, and removes its signal handler', async () => {
    const fake = await openInFolder();
    const before = process.listenerCount('SIGHUP');
    process.emit('SIGHUP');
    expect(fake.calls('quit')).toHaveLength(1);
    expect(fake.calls('showMessageBox')).toEqual([]);
    fake.app.emit('will-quit', {});
    await vi.waitUntil(() => process.listenerCount('SIGHUP') === before - 1);
  });

  it('locks its data folder against a server until it is closed', async () => {
    const folder = makeTemporaryFolder();
    const data = join(folder, 'data');
    const fake = await openInFolder(folder);
    const server = startChild('holdDataFolder.ts', data, 'server');
    await server.waitFor(`refused: window of process ${process.pid}`);
    fake.app.emit('will-quit', {});
    await expect.poll(() => findApplication(data)).toBeNull();
  });

  it('does not open a data folder that a server uses, and shows what to do', async () => {
    const folder = makeTemporaryFolder();
    const data = join(folder, 'data');
    mkdirSync(data);
    const server = startChild('holdDataFolder.ts', data, 'server');
    await server.waitFor('held by');
    const fake = await openInFolder(folder);
    const [[, message]] = fake.calls('showErrorBox');
    expect(message).toContain(`served for a browser by process ${server.process.pid}`);
    expect(fake.calls('exit')).toEqual([[1]]);
    expect(fake.windows).toEqual([]);
  });

  it('shows the reason and exits if it cannot be opened', async () => {
    const file = join(makeTemporaryFolder(), 'file');
    writeFileSync(file, '');
    vi.stubEnv('SPARSE_FIELD_LAB_DATA', join(file, 'data'));
    const fake = createFakeElectron();
    await openDesktop(fake.electron);
    const [[title, message]] = fake.calls('showErrorBox');
    expect(title).toBe('Sparse Field Lab cannot be opened');
    expect(message).toMatch(/data folder .* cannot be used/);
    expect(fake.calls('exit')).toEqual([[1]]);
    expect(fake.windows).toEqual([]);
  });
});
