import { existsSync, readFileSync } from 'node:fs';
import type { BrowserWindow, BrowserWindowConstructorOptions } from 'electron';
import { describe, expect, it } from 'vitest';
import { printPdf } from '../../main/shell/printPdf.ts';

/** A window that prints what it was given, or refuses. */
function fakeElectron(fault?: Error) {
  const seen = { options: {} as BrowserWindowConstructorOptions, file: '', text: '', destroyed: 0 };
  class Window {
    constructor(options: BrowserWindowConstructorOptions) {
      seen.options = options;
    }
    loadFile = (file: string) => {
      Object.assign(seen, { file, text: readFileSync(file, 'utf8') });
      return fault ? Promise.reject(fault) : Promise.resolve();
    };
    webContents = { printToPDF: (options: object) => Promise.resolve(Buffer.from(JSON.stringify(options))) };
    destroy = () => void seen.destroyed++;
  }
  return {
    seen,
    electron: {
      BrowserWindow: Window as unknown as new (options: BrowserWindowConstructorOptions) => BrowserWindow,
    },
  };
}

describe('printing a report by Electron', () => {
  it('loads it in a hidden, sandboxed window without script, and leaves nothing behind', async () => {
    const { seen, electron } = fakeElectron();
    const pdf = await printPdf(electron, '<p>report</p>');
    expect(seen.options).toMatchObject({
      show: false,
      webPreferences: { sandbox: true, contextIsolation: true, nodeIntegration: false, javascript: false },
    });
    expect(seen.options.webPreferences).not.toHaveProperty('preload');
    expect([seen.text, seen.destroyed, existsSync(seen.file)]).toEqual(['<p>report</p>', 1, false]);
    expect(JSON.parse(Buffer.from(pdf).toString())).toEqual({
      printBackground: true,
      preferCSSPageSize: true,
    });
  });

  it('closes the window when the page cannot be loaded', async () => {
    const { seen, electron } = fakeElectron(new Error('gone'));
    await expect(printPdf(electron, '')).rejects.toThrow('gone');
    expect([seen.destroyed, existsSync(seen.file)]).toEqual([1, false]);
  });
});
