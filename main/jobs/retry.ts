/** What happens when a compute process crashes in native code: its job is started once more, in a process that runs eagerly. */

import { constants } from 'node:os';
import type { ComputeEvent } from '../compute/protocol.ts';
import type { ComputeExit } from './computeHost.ts';

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
