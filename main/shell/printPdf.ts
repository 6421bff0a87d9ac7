/** Prints reports with Electron, in a hidden window without scripts. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPrintWindow, type WindowMaker } from './window.ts';

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
