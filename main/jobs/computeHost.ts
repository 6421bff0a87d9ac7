/** How the parent reaches a compute process, whatever kind of process it is. */

import { constants } from 'node:os';
import { extname, resolve } from 'node:path';
import { createInterface } from 'node:readline';
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

/** Said before TensorFlow's log level is read: news to nobody. */
const startUpChatter = /^(WARNING: All log messages before absl|I0000 .*oneDNN custom operations are on)/;

export function passOnOutput(stderr: NodeJS.ReadableStream, write: (line: string) => void): void {
  createInterface(stderr).on('line', (line) => {
    if (!startUpChatter.test(line)) write(line);
  });
}

/** Signals that native code ends itself with. SIGKILL, SIGTERM, SIGINT and SIGHUP were sent by somebody. */
const crashSignals = ['SIGSEGV', 'SIGBUS', 'SIGILL', 'SIGABRT', 'SIGTRAP', 'SIGFPE'] as const;

/** Windows reports the exception as the exit code (STATUS_ACCESS_VIOLATION is 0xC0000005). */
const firstWindowsException = 0xc0000000;

/** The name of the crash, e.g. SIGSEGV; null when the process ended in any other way. */
export function crashOf({ code, signal }: ComputeExit): string | null {
  if (signal !== null) return crashSignals.find((name) => name === signal) ?? null;
  if (code === null) return null;
  if (process.platform === 'win32') {
    const exception = code >>> 0;
    return exception >= firstWindowsException ? `exception 0x${exception.toString(16).toUpperCase()}` : null;
  }
  // Where a launcher is in between, the exit code is 128 more than the signal's number.
  return crashSignals.find((name) => code === 128 + constants.signals[name]) ?? null;
}

/** Reports that a job continues after a crash. */
export function retriedEvent(crash: string): Extract<ComputeEvent, { type: 'retried' }> {
  const message = `The compute process crashed (${crash}); continuing once more in a safer, slower mode.`;
  return { type: 'retried', message };
}

/** Of a process that ended before it had the result it was asked for. */
export function describeEarlyEnd({ code, signal }: ComputeExit): string {
  return `The compute process ended (${signal ?? `code ${code}`}) before it had a result. Try again; lab doctor checks the runtime.`;
}
