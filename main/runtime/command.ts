/** Run another program with a time limit; a missing program is an answer, not an exception. */

import { type ChildProcess, spawn } from 'node:child_process';
import { proxyEnvironment } from './networkProxy.mjs';
import { exitOnEndRequest } from './processEnd.mjs';

export interface CommandOptions {
  /** Milliseconds until the program is killed. */
  readonly limit: number;
  readonly folder?: string;
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Asked twice a second while the program runs: a sentence ends it, null lets it run on. */
  readonly watch?: () => string | null;
}

export interface CommandResult {
  readonly isOk: boolean;
  readonly stdout: string;
  readonly stderr: string;
  /** Why it failed, in a few words; empty when it did not. */
  readonly failure: string;
}

/** Run `program` with `words` as arguments and collect what it prints. Never rejects. */
export function runCommand(
  program: string,
  words: readonly string[],
  options: CommandOptions,
): Promise<CommandResult> {
  const child = spawn(program, words, {
    cwd: options.folder,
    env: { ...process.env, ...proxyEnvironment(), ...options.environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    windowsHide: true,
  });
  const stdout = collect(child.stdout);
  const stderr = collect(child.stderr);
  let stopped = '';
  const stop = (reason: string): void => {
    stopped ||= reason;
    child.kill('SIGKILL');
    // A program that it started may hold them open, and would be waited for.
    child.stdout.destroy();
    child.stderr.destroy();
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
    const settle = (failure: string): void => {
      process.off('exit', end);
      release();
      clearTimeout(limit);
      clearInterval(watch);
      resolve({ isOk: failure === '', stdout: stdout.join(''), stderr: stderr.join(''), failure });
    };
    child.on('error', (error) => settle(`${program} could not be started (${error.message})`));
    child.on('close', (code, signal) => settle(stopped || (code === 0 ? '' : describeExit(code, signal))));
  });
}

function collect(stream: NodeJS.ReadableStream): string[] {
  const pieces: string[] = [];
  stream.setEncoding('utf8');
  stream.on('data', (piece: string) => pieces.push(piece));
  return pieces;
}

/** How a process failed, in a few words; null where it did not. `child` may still run. */
export function waitForExit(child: ChildProcess): Promise<string | null> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(`could not be started (${error.message})`));
    child.once('exit', (code, signal) => resolve(code === 0 ? null : describeExit(code, signal)));
  });
}

/** The end of a failed process: by its exit code, or by the signal that it died of, which leaves none. */
export function describeExit(code: number | null, signal: string | null): string {
  return signal === null ? `ended with exit code ${code}` : `was ended by ${signal}`;
}

/** The last line of `text` that says anything, at most 300 characters of it: what went wrong, as most programs tell it. */
export function lastLine(text: string): string {
  const lines = text.split('\n').map((line) => line.trim());
  return (lines.findLast((line) => line !== '') ?? '').slice(0, 300);
}

/** The message of the error that ended a Node process, without its stack; empty when there is none. */
export function findErrorMessage(stderr: string): string {
  const line = stderr.split('\n').find((text) => /^\w*Error(?: \[\w+\])?: /.test(text));
  return line?.replace(/^\w*Error(?: \[\w+\])?: /, '') ?? '';
}
