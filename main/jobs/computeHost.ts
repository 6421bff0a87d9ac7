/** How the parent starts, reaches and judges a compute process, whether it is forked by Node or by Electron. */

import { fork } from 'node:child_process';
import { constants } from 'node:os';
import { extname, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { Command, ComputeEvent } from '../compute/protocol.ts';
import { type LaneShare, shareEnvironment, wholeMachine } from './laneShare.ts';

/** How a compute process ended. */
export interface ComputeExit {
  readonly code: number | null;
  /** The signal that killed it, if one did. */
  readonly signal: string | null;
}

export interface ComputeHost {
  send(command: Command): void;
  /** Returns a function that ends the subscription. */
  onEvent(listener: (event: ComputeEvent) => void): () => void;
  /** Resolves when the process has ended. */
  readonly exited: Promise<ComputeExit>;
  /** Kills the process at once. */
  kill(): void;
  /** The graphics card that it may use, as CUDA_VISIBLE_DEVICES names it; absent: that of the parent process. */
  readonly card?: string;
}

/** `safe` runs operation by operation instead of compiled graphs; it is used after a process has crashed. */
export type HostMode = 'usual' | 'safe';

/** Starts a compute process for one job. Default mode: `usual`; default share: the whole machine. */
export type CreateHost = (mode?: HostMode, share?: LaneShare) => ComputeHost;

/** Returns the environment variables of a compute process. */
export function computeEnvironment(
  mode: HostMode = 'usual',
  share: LaneShare = wholeMachine,
): NodeJS.ProcessEnv {
  const isEager = process.env.SPARSE_FIELD_LAB_EXECUTION === 'eager';
  const variables =
    share === wholeMachine ? process.env : { ...shareEnvironment(share), ...process.env, ...cardOf(share) };
  if (mode === 'usual' || isEager) return variables;
  return { ...variables, SPARSE_FIELD_LAB_EXECUTION: 'after-crash' };
}

/** The card replaces what the parent may use; the numbers of threads do not replace what the user has set. */
function cardOf({ card }: LaneShare): NodeJS.ProcessEnv {
  return card === null ? {} : { CUDA_VISIBLE_DEVICES: card };
}

/** Returns the path of the compute process's program: TypeScript in a checkout, JavaScript in the built application. */
export function computeEntry(): string {
  return resolve(import.meta.dirname, `../compute/entry${extname(import.meta.filename)}`);
}

/** Lines that TensorFlow prints at every start, before it reads its log level. */
const startUpLines = /^(WARNING: All log messages before absl|I0000 .*oneDNN custom operations are on)/;

/** Passes on the stderr of a compute process line by line, without TensorFlow's usual start-up lines. */
export function forwardOutput(stderr: NodeJS.ReadableStream, write: (line: string) => void): void {
  createInterface(stderr).on('line', (line) => {
    if (!startUpLines.test(line)) write(line);
  });
}

/** Signals raised by crashes of native code; SIGKILL, SIGTERM, SIGINT and SIGHUP come from outside. */
const crashSignals = ['SIGSEGV', 'SIGBUS', 'SIGILL', 'SIGABRT', 'SIGTRAP', 'SIGFPE'] as const;

/** Windows reports the exception as the exit code, such as STATUS_ACCESS_VIOLATION = 0xC0000005. */
const firstWindowsException = 0xc0000000;

/** Returns the name of the crash, such as SIGSEGV; null if the process ended in any other way. */
export function describeCrash({ code, signal }: ComputeExit): string | null {
  if (signal !== null) return crashSignals.find((name) => name === signal) ?? null;
  if (code === null) return null;
  if (process.platform === 'win32') {
    const exception = code >>> 0;
    return exception >= firstWindowsException ? `exception 0x${exception.toString(16).toUpperCase()}` : null;
  }
  // With a launcher in between, the exit code is 128 plus the number of the signal.
  return crashSignals.find((name) => code === 128 + constants.signals[name]) ?? null;
}

/** Reports that a job is started again, in safe mode, after its process crashed. */
export function retriedEvent(crash: string): Extract<ComputeEvent, { type: 'retried' }> {
  const message = `The compute process crashed (${crash}); continuing once more in a safer, slower mode.`;
  return { type: 'retried', message };
}

/** Describes a process that ended before it had a result. */
export function describeEarlyEnd({ code, signal }: ComputeExit): string {
  return `The compute process ended (${signal ?? `code ${code}`}) before it had a result. Try again; lab doctor checks the runtime.`;
}

/** Forks `main/compute/entry.ts`. Its stderr is passed on to the parent's; its stdout is unused. */
export function forkHost(mode?: HostMode, share?: LaneShare): ComputeHost {
  const child = fork(computeEntry(), {
    // Passes typed arrays without converting them to JSON.
    serialization: 'advanced',
    env: computeEnvironment(mode, share),
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  if (child.stderr) forwardOutput(child.stderr, (line) => void process.stderr.write(`${line}\n`));
  const exited = new Promise<ComputeExit>((resolve) => {
    // `exit` can come before the last messages have been read.
    child.once('close', (code, signal) => resolve({ code, signal }));
    child.once('error', () => resolve({ code: null, signal: null }));
  });
  return {
    send: (command: Command) => void (child.connected && child.send(command)),
    onEvent(listener) {
      const receive = (event: unknown) => listener(event as ComputeEvent);
      child.on('message', receive);
      return () => void child.off('message', receive);
    },
    exited,
    kill: () => void child.kill('SIGKILL'),
    ...(typeof share?.card === 'string' && { card: share.card }),
  };
}
