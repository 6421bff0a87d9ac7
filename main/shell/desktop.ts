/** Native dialogs: choosing a folder, showing one, and the question before quitting. */

import type { BrowserWindow, Dialog, Shell } from 'electron';
import type { Desktop, Updates } from '../ipc/parts.ts';
import type { QuitChoice } from './quitGuard.ts';

export interface DesktopParts {
  readonly dialog: Pick<Dialog, 'showOpenDialog' | 'showMessageBox'>;
  readonly shell: Pick<Shell, 'openPath'>;
  findWindow(): BrowserWindow | null;
  printPdf(html: string): Promise<Uint8Array>;
  readonly updates: Updates;
}

export function createDesktop({ dialog, shell, findWindow, printPdf, updates }: DesktopParts): Desktop {
  return {
    async chooseFolder() {
      const window = findWindow();
      const options = { title: 'Add a folder of images', properties: ['openDirectory' as const] };
      const chosen = window
        ? await dialog.showOpenDialog(window, options)
        : await dialog.showOpenDialog(options);
      return chosen.canceled ? null : (chosen.filePaths[0] ?? null);
    },
    async openFolder(path) {
      const fault = await shell.openPath(path);
      if (fault) throw new Error(`${path} cannot be shown: ${fault}. Open it in your file manager.`);
    },
    printPdf,
    updates,
  };
}

const choices = ['pause', 'keep', 'cancel'] as const satisfies readonly QuitChoice[];

/** Asks "Pause and quit / Keep running / Cancel". */
export async function askToQuit({
  dialog,
  findWindow,
}: Pick<DesktopParts, 'dialog' | 'findWindow'>): Promise<QuitChoice> {
  const options = {
    type: 'question' as const,
    title: 'Sparse Field Lab',
    message: 'A run is active.',
    detail:
      'Pause and quit writes a checkpoint first, from which you can resume the run. Keep running hides the window; open the application again to show it.',
    buttons: ['Pause and quit', 'Keep running', 'Cancel'],
    defaultId: 0,
    cancelId: 2,
    noLink: true,
  };
  const window = findWindow();
  const { response } = window
    ? await dialog.showMessageBox(window, options)
    : await dialog.showMessageBox(options);
  return choices[response] ?? 'cancel';
}
