/** The only place that says how pages run: sandboxed, isolated, without Node. */

import type { WebPreferences } from 'electron';

/** @param preload Absolute path of the bundled preload script. */
export function secureWebPreferences(preload: string): WebPreferences {
  return {
    preload,
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
  };
}
