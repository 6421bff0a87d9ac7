/** The application's window: creating it, its bounds, showing it again, and recovering from crashes; and a hidden print window. */

import type { App, BrowserWindow, BrowserWindowConstructorOptions, Rectangle } from 'electron';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { pageAddress } from './addresses.ts';
import { printWebPreferences, secureWebPreferences } from './guards.ts';

export interface WindowMaker {
  readonly BrowserWindow: new (options: BrowserWindowConstructorOptions) => BrowserWindow;
  readonly screen: { getAllDisplays(): readonly { readonly workArea: Rectangle }[] };
  readonly nativeTheme: { readonly shouldUseDarkColors: boolean };
}

/** Backgrounds of the two themes, so that a window does not flash white before it is drawn. */
const backgrounds = { light: '#f4f6f8', dark: '#101418' } as const;

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
    backgroundColor: isDark ? backgrounds.dark : backgrounds.light,
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

/** Creates the window that prints: never shown, without scripts. */
export function createPrintWindow({ BrowserWindow }: Pick<WindowMaker, 'BrowserWindow'>): BrowserWindow {
  return new BrowserWindow({ show: false, webPreferences: printWebPreferences() });
}

export interface OpenedWindow {
  find(): BrowserWindow | null;
  /** Shows and focuses the window, creating it if it was closed. */
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
const defaultSize = { width: 1440, height: 900 } as const;
/** Length in points of the window's top edge that must lie on a display, so that it can be dragged. */
const grip = 120;

/** Returns null if no state was stored or it is unreadable. */
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
 * Returns the stored bounds if enough of them lies on one of `displays` (their work areas), otherwise the default size
 * without a position, which centres the window.
 */
export function placeWindow(
  kept: WindowState | null,
  displays: readonly Rectangle[],
): Partial<Rectangle> & { width: number; height: number } {
  if (!kept) return { ...defaultSize };
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
  /** Reports to the user that the page could not be restored. */
  giveUp(reason: string): void;
  /** Milliseconds; `performance.now` outside tests. */
  now(): number;
}

const mostReloads = 3;
/** Milliseconds after which a reload no longer counts. */
const reloadMemory = 60_000;

export function recoverFromCrashes(window: BrowserWindow, parts: CrashParts): void {
  const reloads: number[] = [];
  window.webContents.on('render-process-gone', (_event, { reason, exitCode }) => {
    parts.log(`The page's process is gone: ${reason}, code ${exitCode}.`);
    if (reason === 'clean-exit' || window.isDestroyed()) return;
    const now = parts.now();
    while (reloads.length > 0 && now - reloads[0] > reloadMemory) reloads.shift();
    if (reloads.length >= mostReloads) {
      parts.giveUp(reason);
      return;
    }
    reloads.push(now);
    window.webContents.reload();
  });
  window.on('unresponsive', () => parts.log('The page does not respond.'));
  parts.app.on('child-process-gone', (_event, { type, reason, exitCode }) =>
    parts.log(`A process of type ${type} is gone: ${reason}, code ${exitCode}.`),
  );
}

/** Prints a complete HTML document as PDF; its print rules set sizes and margins. */
export async function printPdf(
  electron: Pick<WindowMaker, 'BrowserWindow'>,
  html: string,
): Promise<Uint8Array> {
  const folder = await mkdtemp(join(tmpdir(), 'sparse-field-lab-print-'));
  const window = createPrintWindow(electron);
  try {
    const page = join(folder, 'report.html');
    await writeFile(page, html);
    await window.loadFile(page);
    return await window.webContents.printToPDF({ printBackground: true, preferCSSPageSize: true });
  } finally {
    window.destroy();
    await rm(folder, { recursive: true, force: true });
  }
}
