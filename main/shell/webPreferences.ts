/** The only place that says how pages run: sandboxed, isolated, without Node. */

import type { WebPreferences } from 'electron';

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
