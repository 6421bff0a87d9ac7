/** Windows: the one that is shown when it has something to show, and a hidden one that prints. */

import type { App, BrowserWindow, BrowserWindowConstructorOptions, Rectangle } from 'electron';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { pageAddress } from './addresses.ts';
import { printWebPreferences, secureWebPreferences } from './guards.ts';

export interface WindowMaker {
  readonly BrowserWindow: new (options: BrowserWindowConstructorOptions) => BrowserWindow;
  readonly screen: { getAllDisplays(): readonly { readonly workArea: Rectangle }[] };
  readonly nativeTheme: { readonly shouldUseDarkColors: boolean };
}

/** Grounds of the two themes: a window that is not drawn yet does not flash white. */
const grounds = { light: '#f4f6f8', dark: '#101418' } as const;

export function createWindow(
  electron: WindowMaker,
  from: { preload: string; stateFile: string; theme: 'system' | 'light' | 'dark' },
): BrowserWindow {
  const kept = readWindowState(from.stateFile);
  const areas = electron.screen.getAllDisplays().map(({ workArea }) => workArea);
  const isDark = from.theme === 'system' ? electron.nativeTheme.shouldUseDarkColors : from.theme === 'dark';
  const window = new electron.BrowserWindow({
    ...placeWindow(kept, areas),
    minWidth: smallestSize.width,
    minHeight: smallestSize.height,
    title: 'Sparse Field Lab',
    backgroundColor: isDark ? grounds.dark : grounds.light,
    show: false,
    webPreferences: secureWebPreferences(from.preload),
  });
  window.once('ready-to-show', () => {
    if (kept?.isMaximized) window.maximize();
    window.show();
  });
  window.on('close', () => {
    writeWindowState(from.stateFile, { ...window.getNormalBounds(), isMaximized: window.isMaximized() });
  });
  void window.loadURL(pageAddress);
  return window;
}

/** Never shown; its page has no script. */
export function createPrintWindow({ BrowserWindow }: Pick<WindowMaker, 'BrowserWindow'>): BrowserWindow {
  return new BrowserWindow({ show: false, webPreferences: printWebPreferences() });
}

export interface OpenedWindow {
  find(): BrowserWindow | null;
  /** Makes it visible and gives it the focus; makes it first where it is gone. */
  show(): BrowserWindow;
  hide(): void;
}

export function keepWindow(create: () => BrowserWindow): OpenedWindow {
  let window: BrowserWindow | null = null;
  const find = () => (window && !window.isDestroyed() ? window : null);
  return {
    find,
    show() {
      const present = find();
      if (!present) return (window = create());
      if (present.isMinimized()) present.restore();
      present.show();
      present.focus();
      return present;
    },
    hide: () => find()?.hide(),
  };
}

const windowStateSchema = z.object({
  x: z.number(),
  y: z.number(),
  width: z.number().min(1),
  height: z.number().min(1),
  isMaximized: z.boolean(),
});
type WindowState = z.infer<typeof windowStateSchema>;

const smallestSize = { width: 900, height: 600 } as const;
const firstSize = { width: 1440, height: 900 } as const;
/** Points of the window's top edge that must lie on a display, so that it can be taken hold of. */
const grip = 120;

/** null: none was kept, or it is not readable. */
export function readWindowState(file: string): WindowState | null {
  try {
    return windowStateSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return null;
  }
}

export function writeWindowState(file: string, state: WindowState): void {
  writeFileSync(`${file}.partial`, JSON.stringify(state));
  renameSync(`${file}.partial`, file);
}

/**
 * Bounds for the window: the kept ones where enough of them lies on one of `displays` (their work areas), else the
 * first size without a place, which centres it.
 */
export function placeWindow(
  kept: WindowState | null,
  displays: readonly Rectangle[],
): Partial<Rectangle> & { width: number; height: number } {
  if (!kept) return { ...firstSize };
  const width = Math.max(smallestSize.width, Math.round(kept.width));
  const height = Math.max(smallestSize.height, Math.round(kept.height));
  const x = Math.round(kept.x);
  const y = Math.round(kept.y);
  const isReachable = displays.some(
    (area) =>
      Math.min(x + width, area.x + area.width) - Math.max(x, area.x) >= grip &&
      y >= area.y &&
      y <= area.y + area.height - grip,
  );
  return isReachable ? { x, y, width, height } : { width, height };
}

interface CrashParts {
  readonly app: Pick<App, 'on'>;
  log(message: string): void;
  /** Tells the user that the page does not come back. */
  giveUp(reason: string): void;
  /** Milliseconds; `performance.now` outside tests. */
  now(): number;
}

const mostReloads = 3;
/** Reloads longer ago than this are forgotten, milliseconds. */
const memory = 60_000;

export function mendCrashes(window: BrowserWindow, parts: CrashParts): void {
  const reloads: number[] = [];
  window.webContents.on('render-process-gone', (_event, { reason, exitCode }) => {
    parts.log(`The page's process is gone: ${reason}, code ${exitCode}.`);
    if (reason === 'clean-exit' || window.isDestroyed()) return;
    const now = parts.now();
    while (reloads.length > 0 && now - reloads[0] > memory) reloads.shift();
    if (reloads.length >= mostReloads) {
      parts.giveUp(reason);
      return;
    }
    reloads.push(now);
    window.webContents.reload();
  });
  window.on('unresponsive', () => parts.log('The page does not answer.'));
  parts.app.on('child-process-gone', (_event, { type, reason, exitCode }) =>
    parts.log(`A process of type ${type} is gone: ${reason}, code ${exitCode}.`),
  );
}
