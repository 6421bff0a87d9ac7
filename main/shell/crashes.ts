/** A page that died is loaded again; one that keeps dying is not. Training goes on meanwhile: it lives elsewhere. */

import type { App, BrowserWindow } from 'electron';

export interface CrashParts {
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
