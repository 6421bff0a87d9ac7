/** The bridge of the desktop: a frozen object with the requests and events of the contract. */

import { contextBridge, ipcRenderer, type IpcRendererEvent, webUtils } from 'electron';
import {
  type Bridge,
  type DroppedFile,
  eventNames,
  requestNames,
  type EventName,
  type Events,
  type RequestName,
} from '../shared/contract.ts';
import type { Answer } from '../shared/failure.ts';

const bridge: Bridge = Object.freeze({
  mode: 'desktop' as const,
  mediaRoot: 'lab-media://lab/',
  request: (name: RequestName, input: unknown) => {
    if (!requestNames.includes(name)) return Promise.reject(new Error(`No request "${String(name)}".`));
    return ipcRenderer.invoke(`lab:${name}`, input) as Promise<Answer<unknown>>;
  },
  on: <Name extends EventName>(name: Name, listener: (payload: Events[Name]) => void) => {
    if (!eventNames.includes(name)) throw new Error(`No event "${String(name)}".`);
    const receive = (_event: IpcRendererEvent, sent: EventName, payload: unknown) => {
      if (sent === name) listener(payload as Events[Name]);
    };
    ipcRenderer.on('lab:event', receive);
    return () => void ipcRenderer.off('lab:event', receive);
  },
  // Electron's own function; it knows no path for files that the page has made itself.
  pathOfFile: (file: DroppedFile) => webUtils.getPathForFile(file as File) || null,
  onConnection: (listener: (isConnected: boolean) => void) => {
    listener(true);
    return () => undefined;
  },
});

contextBridge.exposeInMainWorld('lab', bridge);
