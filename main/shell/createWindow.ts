/** Windows: the one that is shown when it has something to show, and a hidden one that prints. */

import type { BrowserWindow, BrowserWindowConstructorOptions, Rectangle } from 'electron';
import { pageAddress } from './addresses.ts';
import { printWebPreferences, secureWebPreferences } from './webPreferences.ts';
import { placeWindow, readWindowState, smallestSize, writeWindowState } from './windowState.ts';

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
