/** Information about the application that the page shows, and messages between the two. */

import type { BackendInfo } from './run.ts';

export interface AppInfo {
  readonly version: string;
  /** `desktop`: Electron, with native dialogs; `browser`: served on the loopback address. */
  readonly mode: 'desktop' | 'browser';
  readonly platform: string;
  /** Path, for display only. */
  readonly dataFolder: string;
  readonly freeBytes: number;
  /** Backend of the last check or run; null before the first. */
  readonly backend: BackendInfo | null;
  /** What opening the store found and repaired. */
  readonly findings: readonly string[];
}

export interface LogLine {
  /** ISO 8601, UTC. */
  readonly time: string;
  readonly level: 'error' | 'warn' | 'info';
  readonly text: string;
}

/** A message to show the user now. */
export interface Notice {
  readonly level: 'success' | 'info' | 'warning' | 'error';
  readonly message: string;
  /** For "Open run". */
  readonly runId: string | null;
}

/** Commands of the native menu and the global keys. */
export const menuCommands = [
  'newRun',
  'openImages',
  'find',
  'commandPalette',
  'settings',
  'keys',
  'doctor',
  'pauseResume',
  'runs',
  'datasets',
] as const;
export type MenuCommand = (typeof menuCommands)[number];
