/** What no page may do: ask for permissions, leave our own address, open windows or embed others. */

import type { App, Session, Shell, WebContents, WebPreferences } from 'electron';
import { isOpenedOutside, isOwnPage } from './addresses.ts';

/** What "Copy" needs; writing only, and only after the user's click. */
const writeClipboard = 'clipboard-sanitized-write';

/** Every permission is denied, asked for or checked, but our own page's "Copy"; no device is ever offered. */
export function denyPermissions(session: Session): void {
  session.setPermissionRequestHandler((contents, permission, answer) =>
    answer(permission === writeClipboard && isOwnPage(contents.getURL())),
  );
  session.setPermissionCheckHandler(
    (contents, permission) =>
      permission === writeClipboard && contents !== null && isOwnPage(contents.getURL()),
  );
  session.setDevicePermissionHandler(() => false);
  session.setDisplayMediaRequestHandler((_request, answer) => answer({}));
}

/** Guards every page that is ever made, whoever makes it. */
export function guardEveryPage(app: Pick<App, 'on'>, shell: Pick<Shell, 'openExternal'>): void {
  app.on('web-contents-created', (_event, contents) => guardPage(contents, shell));
}

function guardPage(contents: WebContents, shell: Pick<Shell, 'openExternal'>): void {
  const stay = (event: { preventDefault: () => void }, address: string) => {
    if (!isOwnPage(address)) event.preventDefault();
  };
  contents.on('will-navigate', (event) => stay(event, event.url));
  contents.on('will-redirect', (event) => stay(event, event.url));
  contents.on('will-frame-navigate', (event) => stay(event, event.url));
  contents.on('will-attach-webview', (event) => event.preventDefault());
  contents.setWindowOpenHandler(({ url }) => {
    if (isOpenedOutside(url)) void shell.openExternal(url);
    return { action: 'deny' };
  });
}

const secure = {
  sandbox: true,
  contextIsolation: true,
  nodeIntegration: false,
  nodeIntegrationInWorker: false,
  nodeIntegrationInSubFrames: false,
  webSecurity: true,
  allowRunningInsecureContent: false,
  experimentalFeatures: false,
  webviewTag: false,
  navigateOnDragDrop: false,
  spellcheck: false,
  // A hidden window goes on drawing nothing; training does not depend on it.
  backgroundThrottling: true,
} as const satisfies WebPreferences;

/** @param preload Absolute path of the bundled preload script. */
export function secureWebPreferences(preload: string): WebPreferences {
  return { preload, ...secure };
}

/** As secure, for a page that is only printed: no script at all, and nothing to talk to. */
export function printWebPreferences(): WebPreferences {
  return { ...secure, javascript: false };
}
