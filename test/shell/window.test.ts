import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { createWindow, placeWindow, readWindowState, writeWindowState } from '../../main/shell/window.ts';
import { secureWebPreferences } from '../../main/shell/guards.ts';
import { makeTemporaryFolder } from '../store/temporaryFolder.ts';
import { createFakeElectron } from '../support/fakeElectron.ts';

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
