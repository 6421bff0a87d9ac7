/** Restrictions of every page: sandboxed, without Node, permissions, navigation, new windows or embedded pages. */

import type { App, Session, Shell, WebContents, WebPreferences } from 'electron';
import { isOpenedOutside, isOwnPage } from './addresses.ts';

/** Permission that "Copy" needs; it allows writing only, and only after a click. */
const writeClipboard = 'clipboard-sanitized-write';

/** Denies every permission except "Copy" on our own page, and offers no device. */
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

/** Guards every page that Electron creates. */
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
  // A hidden window does not need to draw; training does not depend on it.
  backgroundThrottling: true,
} as const satisfies WebPreferences;

/** @param preload Absolute path of the bundled preload script. */
export function secureWebPreferences(preload: string): WebPreferences {
  return { preload, ...secure };
}

/** Preferences of a page that is only printed: no scripts and no preload either. */
export function printWebPreferences(): WebPreferences {
  return { ...secure, javascript: false };
}
