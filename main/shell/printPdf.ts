/** Prints a report by Electron: in a hidden window without script. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPrintWindow, type WindowMaker } from './window.ts';

/** A whole HTML file as PDF; sizes and margins are those of its print rules. */
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
