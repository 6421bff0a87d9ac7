/** The contract over Electron's IPC: answers only the main frame of our own page, and sends events only to our own window. */

import type { BrowserWindow, IpcMain, IpcMainInvokeEvent } from 'electron';
import type { EventName, Events } from '../../shared/contract.ts';
import type { Answer } from '../../shared/failure.ts';
import type { Transport } from '../ipc/parts.ts';
import { isOwnPage } from './addresses.ts';

/** Receives every event that is sent to the page. */
export type EventListener = <Name extends EventName>(name: Name, payload: Events[Name]) => void;

export function createIpcTransport(
  ipcMain: Pick<IpcMain, 'handle'>,
  findWindow: () => BrowserWindow | null,
  listener: EventListener,
): Transport {
  return {
    handle(channel, answer) {
      ipcMain.handle(`lab:${channel}`, (event, input: unknown) =>
        isFromOwnPage(event, findWindow()) ? answer(input) : refuse(channel),
      );
    },
    send(name, payload) {
      const window = findWindow();
      if (window && !window.webContents.isDestroyed()) window.webContents.send('lab:event', name, payload);
      listener(name, payload);
    },
  };
}

/** Rejects frames inside the page, other windows, and our window at a foreign address. */
function isFromOwnPage({ senderFrame }: IpcMainInvokeEvent, window: BrowserWindow | null): boolean {
  return (
    senderFrame !== null &&
    window !== null &&
    !window.isDestroyed() &&
    senderFrame === window.webContents.mainFrame &&
    isOwnPage(senderFrame.url)
  );
}

function refuse(channel: string): Answer<never> {
  const message = `The request "${channel}" came from a foreign page; only the application's own window may send requests.`;
  return { ok: false, failure: { code: 'invalid', message, details: channel } };
}
