/** Runs other programs with a time limit; a missing program is a result, not an exception. */

import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { proxyEnvironment } from './networkProxy.mjs';
import { exitOnEndRequest } from './processEnd.mjs';

export interface CommandOptions {
  /** Milliseconds until the program is killed. */
  readonly limit: number;
  readonly folder?: string;
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Text for the program's standard input; default: none. */
  readonly input?: string;
  /** Receives what the program prints in place of `stdout` of the result; an existing file is replaced. */
  readonly outputFile?: string;
  /** Called twice a second while the program runs; a returned sentence is the reason to end it. */
  readonly watch?: () => string | null;
}

export interface CommandResult {
  readonly isOk: boolean;
  /** Exit code; null if it could not be started or a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Why it failed, in a few words; empty if it succeeded. */
  readonly failure: string;
}

/** Runs `program` with the arguments `args` and collects its output. Never rejects. */
export function runCommand(
  program: string,
  args: readonly string[],
  options: CommandOptions,
): Promise<CommandResult> {
  const file = options.outputFile === undefined ? null : openSync(options.outputFile, 'w', 0o600);
  const child = spawn(program, args, {
    cwd: options.folder,
    env: { ...process.env, ...proxyEnvironment(), ...options.environment },
    stdio: [options.input === undefined ? 'ignore' : 'pipe', file ?? 'pipe', 'pipe'],
    windowsHide: true,
  });
  if (file !== null) closeSync(file);
  // A program that ends without reading all of it reports its own error.
  child.stdin?.on('error', () => undefined).end(options.input);
  const stdout = collect(child.stdout);
  const stderr = collect(child.stderr);
  let stopped = '';
  const stop = (reason: string): void => {
    stopped ||= reason;
    child.kill('SIGKILL');
    // A program that it started may keep them open, and would be waited for.
    child.stdout?.destroy();
    child.stderr?.destroy();
  };
  const end = (): void => void child.kill('SIGKILL');
  process.once('exit', end);
  const release = exitOnEndRequest();
  const limit = setTimeout(
    () => stop(`took longer than ${Math.round(options.limit / 1000)} s`),
    options.limit,
  );
  const watch = setInterval(() => {
    const reason = options.watch?.() ?? null;
    if (reason !== null) stop(reason);
  }, 500);
  return new Promise((resolve) => {
    const settle = (failure: string, code: number | null = null): void => {
      process.off('exit', end);
      release();
      clearTimeout(limit);
      clearInterval(watch);
      resolve({ isOk: failure === '', code, stdout: stdout.join(''), stderr: stderr.join(''), failure });
    };
    child.on('error', (error) => settle(`${program} could not be started (${error.message})`));
    child.on('close', (code, signal) =>
      settle(stopped || (code === 0 ? '' : describeExit(code, signal)), code),
    );
  });
}

function collect(stream: Readable | null): string[] {
  const pieces: string[] = [];
  stream?.setEncoding('utf8');
  stream?.on('data', (piece: string) => pieces.push(piece));
  return pieces;
}

/** Waits for the process and returns how it failed, in a few words; null if it succeeded. */
export function waitForExit(child: ChildProcess): Promise<string | null> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(`could not be started (${error.message})`));
    child.once('exit', (code, signal) => resolve(code === 0 ? null : describeExit(code, signal)));
  });
}

/** Describes the end of a failed process by its exit code, or by the signal that killed it. */
function describeExit(code: number | null, signal: string | null): string {
  return signal === null ? `ended with exit code ${code}` : `was ended by ${signal}`;
}

/** Returns the last non-empty line of `text`, at most 300 characters: most programs report there what went wrong. */
export function lastLine(text: string): string {
  const lines = text.split('\n').map((line) => line.trim());
  return (lines.findLast((line) => line !== '') ?? '').slice(0, 300);
}

/** Returns the message of the error that ended a Node process, without its stack; empty if there is none. */
export function findErrorMessage(stderr: string): string {
  const line = stderr.split('\n').find((text) => /^\w*Error(?: \[\w+\])?: /.test(text));
  return line?.replace(/^\w*Error(?: \[\w+\])?: /, '') ?? '';
}
