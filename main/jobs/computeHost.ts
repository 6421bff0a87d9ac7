/** How the parent reaches a compute process, whatever kind of process it is. */

import { extname, resolve } from 'node:path';
import type { Command, ComputeEvent } from '../compute/protocol.ts';

/** How a compute process ended. `signal` is the one that killed it, else null. */
export interface ComputeExit {
  readonly code: number | null;
  readonly signal: string | null;
}

export interface ComputeHost {
  send(command: Command): void;
  /** Returns the function that ends the subscription. */
  onEvent(listener: (event: ComputeEvent) => void): () => void;
  /** Settles when the process is gone. */
  readonly exited: Promise<ComputeExit>;
  /** Kills the process at once. */
  kill(): void;
}

/** `safe`: operation by operation instead of as compiled graphs, after a process has crashed. */
export type HostMode = 'usual' | 'safe';

/** Starts a compute process for one job. The mode is `usual` when it is left out. */
export type CreateHost = (mode?: HostMode) => ComputeHost;

/** The environment of a compute process. */
export function computeEnvironment(mode: HostMode = 'usual'): NodeJS.ProcessEnv {
  return mode === 'safe' ? { ...process.env, SPARSE_FIELD_LAB_EXECUTION: 'eager' } : process.env;
}

/** The compute process's program: beside this one, as TypeScript in a checkout and as JavaScript in the application. */
export function computeEntry(): string {
  return resolve(import.meta.dirname, `../compute/entry${extname(import.meta.filename)}`);
}
