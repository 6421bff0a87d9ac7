/** What no page may do: ask for permissions, leave our own address, open windows or embed others. */

import type { App, Session, Shell, WebContents } from 'electron';
import { isOpenedOutside, isOwnPage } from './addresses.ts';

/** Every permission is denied, asked for or checked, and no device is ever offered. */
export function denyPermissions(session: Session): void {
  session.setPermissionRequestHandler((_contents, _permission, answer) => answer(false));
  session.setPermissionCheckHandler(() => false);
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
