import type { MenuItemConstructorOptions } from 'electron';
import fc from 'fast-check';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import ts from 'typescript';
import { describe, expect, it, vi } from 'vitest';
import { secureWebPreferences } from '../../main/shell/guards.ts';
import { menuTemplate } from '../../main/shell/menu.ts';
import {
  printPdf,
  createWindow,
  placeWindow,
  readWindowState,
  recoverFromCrashes,
  writeWindowState,
} from '../../main/shell/window.ts';
import { menuCommands } from '../../shared/appInfo.ts';
import { makeTemporaryFolder } from '../store/temporaryFolder.ts';
import { clickMenuItem, createFakeElectron, FakeWindow, toBrowserWindow } from './fakeElectron.ts';

const root = resolve(import.meta.dirname, '../..');

describe('the window', () => {
  it('is sandboxed, isolated and has no access to Node', () => {
    expect(secureWebPreferences('/preload.cjs')).toMatchObject({
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      webviewTag: false,
      navigateOnDragDrop: false,
    });
  });

  it('stays hidden, with the background of the theme, until it has something to show', () => {
    const fake = createFakeElectron();
    const stateFile = join(makeTemporaryFolder(), 'window.json');
    createWindow(fake.electron, { preload: '/p.cjs', stateFile, theme: 'system' });
    const [window] = fake.windows;
    expect([window.options.show, window.options.backgroundColor]).toEqual([false, '#101418']);
    expect(window.addresses).toEqual(['app://lab/']);
    window.emit('ready-to-show');
    expect(window.isShown).toBe(true);
  });

  it('reopens where it was closed', () => {
    const fake = createFakeElectron();
    const stateFile = join(makeTemporaryFolder(), 'window.json');
    const options = { preload: '/p.cjs', stateFile, theme: 'light' as const };
    createWindow(fake.electron, options);
    fake.windows[0].bounds = { x: 100, y: 50, width: 1000, height: 700 };
    fake.windows[0].isLarge = true;
    fake.windows[0].emit('close', {});
    createWindow(fake.electron, options);
    fake.windows[1].emit('ready-to-show');
    expect(fake.windows[1].options).toMatchObject({ x: 100, y: 50, width: 1000, height: 700 });
    expect(fake.windows[1].isLarge).toBe(true);
  });

  it('is created in one module, and electron is imported by shell and preload only', () => {
    const violations = listSourceFiles().flatMap((file) => {
      const text = readFileSync(file, 'utf8');
      const name = file.slice(root.length + 1).replaceAll('\\', '/');
      return findViolations(name, ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true));
    });
    expect(violations).toEqual([]);
  });
});

function listSourceFiles(): string[] {
  return ['main', 'preload', 'shared', 'renderer'].flatMap((room) =>
    readdirSync(join(root, room), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.(ts|mjs)$/.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name)),
  );
}

function findViolations(name: string, source: ts.SourceFile): string[] {
  const violations: string[] = [];
  const isShell = name.startsWith('main/shell/') || name.startsWith('preload/') || name === 'main/index.ts';
  const visit = (node: ts.Node): void => {
    if (ts.isNewExpression(node) && /\bBrowserWindow$/.test(node.expression.getText()))
      if (name !== 'main/shell/window.ts') violations.push(`${name}: new BrowserWindow`);
    const isImport = ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier);
    if (isImport && (node.moduleSpecifier as ts.StringLiteral).text === 'electron' && !isShell)
      violations.push(`${name}: import of electron`);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return violations;
}

describe('the position of the window', () => {
  const screen = { x: 0, y: 0, width: 1920, height: 1080 };

  it('is forgotten if its display is gone', () => {
    const kept = { x: 2500, y: 100, width: 1000, height: 700, isMaximized: false };
    expect(placeWindow(kept, [screen])).toEqual({ width: 1000, height: 700 });
  });

  it('always leaves enough of the window on a display to drag it', () => {
    const state = fc.record({
      x: fc.integer({ min: -5000, max: 5000 }),
      y: fc.integer({ min: -5000, max: 5000 }),
      width: fc.integer({ min: 1, max: 4000 }),
      height: fc.integer({ min: 1, max: 4000 }),
      isMaximized: fc.boolean(),
    });
    fc.assert(
      fc.property(state, (kept) => {
        const { x, y, width } = placeWindow(kept, [screen]);
        if (x === undefined || y === undefined) return;
        expect(Math.min(x + width, 1920) - Math.max(x, 0)).toBeGreaterThanOrEqual(120);
        expect(y).toBeGreaterThanOrEqual(0);
        expect(y).toBeLessThanOrEqual(960);
      }),
    );
  });

  it('is read as it was written, and is null without a file', () => {
    const file = join(makeTemporaryFolder(), 'window.json');
    expect(readWindowState(file)).toBeNull();
    const state = { x: 1, y: 2, width: 900, height: 600, isMaximized: true };
    writeWindowState(file, state);
    expect(readWindowState(file)).toEqual(state);
  });
});

function openWatched() {
  const fake = createFakeElectron();
  const window = new FakeWindow({});
  const clock = { now: 0 };
  const parts = { app: fake.electron.app, log: vi.fn(), giveUp: vi.fn(), now: () => clock.now };
  recoverFromCrashes(toBrowserWindow(window), parts);
  const crash = (reason = 'crashed') =>
    window.webContents.emit('render-process-gone', {}, { reason, exitCode: 5 });
  return { fake, window, clock, parts, crash };
}

describe('a page whose process crashed', () => {
  it('is reloaded at most three times per minute', () => {
    const { window, crash, parts } = openWatched();
    for (let time = 0; time < 4; time++) crash('oom');
    expect(window.webContents.reloads).toBe(3);
    expect(parts.giveUp).toHaveBeenCalledExactlyOnceWith('oom');
    expect(parts.log).toHaveBeenCalledTimes(4);
  });

  it('is reloaded without limit if it crashes rarely', () => {
    const { window, crash, clock, parts } = openWatched();
    for (let time = 0; time < 10; time++, clock.now += 30_000) crash();
    expect(window.webContents.reloads).toBe(10);
    expect(parts.giveUp).not.toHaveBeenCalled();
  });

  it('is not reloaded if it exited cleanly or its window is gone', () => {
    const { window, crash } = openWatched();
    crash('clean-exit');
    window.isGone = true;
    crash();
    expect(window.webContents.reloads).toBe(0);
  });

  it('is logged, as is any other process that crashed', () => {
    const { fake, parts } = openWatched();
    fake.app.emit('child-process-gone', {}, { type: 'GPU', reason: 'killed', exitCode: 9 });
    expect(parts.log).toHaveBeenCalledWith('A process of type GPU is gone: killed, code 9.');
  });
});

function listItems(template: readonly MenuItemConstructorOptions[]): MenuItemConstructorOptions[] {
  return template.flatMap((item) => [item, ...(Array.isArray(item.submenu) ? listItems(item.submenu) : [])]);
}

describe.each([true, false])('the menu (macOS: %s)', (isMac) => {
  const send = vi.fn();
  const all = listItems(menuTemplate({ isMac, send, openDataFolder: vi.fn() }));

  it('has one item for every menu command of the page', () => {
    for (const item of all) if (item.label !== 'Open data folder') clickMenuItem(item);
    expect(send.mock.calls.map(([command]) => command as string).sort()).toEqual([...menuCommands].sort());
  });

  it('has no accelerator twice', () => {
    const keys = all.flatMap(({ accelerator }) => accelerator ?? []);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('has neither developer tools nor a reload, which would discard unsaved input', () => {
    const roles = all.map(({ role }) => role);
    for (const role of ['toggleDevTools', 'reload', 'forceReload', 'viewMenu'])
      expect(roles).not.toContain(role);
  });
});

describe('printPdf', () => {
  it('prints in a hidden, sandboxed window without scripts, and leaves no files behind', async () => {
    const fake = createFakeElectron();
    const pdf = await printPdf(fake.electron, '<p>report</p>');
    const [{ options, loaded, destroyCount }] = fake.windows;
    expect(options).toMatchObject({
      show: false,
      webPreferences: { sandbox: true, contextIsolation: true, nodeIntegration: false, javascript: false },
    });
    expect(options.webPreferences).not.toHaveProperty('preload');
    expect([loaded.text, destroyCount, existsSync(loaded.file)]).toEqual(['<p>report</p>', 1, false]);
    expect(JSON.parse(Buffer.from(pdf).toString())).toEqual({
      printBackground: true,
      preferCSSPageSize: true,
    });
  });

  it('closes the window if the page cannot be loaded', async () => {
    const fake = createFakeElectron({ loadFault: new Error('gone') });
    await expect(printPdf(fake.electron, '')).rejects.toThrow('gone');
    const [{ loaded, destroyCount }] = fake.windows;
    expect([destroyCount, existsSync(loaded.file)]).toEqual([1, false]);
  });
});
