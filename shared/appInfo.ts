/** What the page knows about the application around it. */

import type { BackendInfo } from './run.ts';

export interface AppInfo {
  readonly version: string;
  /** `desktop`: Electron, with native dialogs; `browser`: served on the loopback address. */
  readonly mode: 'desktop' | 'browser';
  readonly platform: string;
  /** To be read by people. */
  readonly dataFolder: string;
  readonly freeBytes: number;
  /** What computes here, as of the last check or run; null before the first. */
  readonly backend: BackendInfo | null;
  /** What opening the store found and mended. */
  readonly findings: readonly string[];
}

export interface LogLine {
  /** ISO 8601, UTC. */
  readonly time: string;
  readonly level: 'error' | 'warn' | 'info';
  readonly text: string;
}

/** Something to tell the user now. */
export interface Notice {
  readonly level: 'success' | 'info' | 'warning' | 'error';
  readonly message: string;
  /** For "Open run". */
  readonly runId: string | null;
}

/** Chosen in the native menu, or by a global key. */
export const menuCommands = [
  'newRun',
  'openPictures',
  'find',
  'commandPalette',
  'settings',
  'keys',
  'doctor',
  'pauseResume',
  'runs',
  'dataSets',
] as const;
export type MenuCommand = (typeof menuCommands)[number];
