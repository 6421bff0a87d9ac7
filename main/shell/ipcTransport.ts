/** The contract over Electron's IPC: answers only our own page's main frame, tells only our own window. */

import type { BrowserWindow, IpcMain, IpcMainInvokeEvent } from 'electron';
import type { EventName, Events } from '../../shared/contract.ts';
import type { Answer } from '../../shared/failure.ts';
import type { Transport } from '../ipc/parts.ts';
import { isOwnPage } from './addresses.ts';

/** Sees every event the page is told of. */
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

/** A frame inside the page, another window, or our window at a foreign address: none of them may ask. */
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
  const message = `The request "${channel}" came from a foreign page; only the laboratory's own window may ask.`;
  return { ok: false, failure: { code: 'invalid', message, details: channel } };
}
