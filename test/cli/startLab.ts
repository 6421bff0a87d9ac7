/** Runs commands in a separate process, as a terminal does. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { onTestFinished } from 'vitest';

export interface LabProcess {
  readonly child: ChildProcess;
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Resolves once stdout or stderr contains `text`; rejects if the process ends first. */
  readonly waitFor: (text: string) => Promise<void>;
  /** Exit code, or the signal that ended it. */
  readonly ended: Promise<number | string | null>;
}

const root = resolve(import.meta.dirname, '../..');

export function startLab(...args: readonly string[]): LabProcess {
  return startProgram(process.execPath, ['main/cli/start.mjs', ...args]);
}

/** Runs in the project's root or in `folder`; killed at the end of the test at the latest. */
export function startProgram(program: string, args: readonly string[], folder = root): LabProcess {
  const child = spawn(program, args, {
    cwd: folder,
    env: userEnvironment(),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const printed = { stdout: '', stderr: '' };
  const listeners = new Set<() => void>();
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].on('data', (data: Buffer) => {
      printed[name] += data.toString();
      listeners.forEach((listener) => listener());
    });
  }
  onTestFinished(() => void child.kill('SIGKILL'));
  const ended = once(child, 'close').then(([code, signal]) => (code ?? signal) as number | string | null);
  const waitFor = (text: string) =>
    new Promise<void>((done, reject) => {
      const look = () => (Object.values(printed).some((all) => all.includes(text)) ? done() : undefined);
      listeners.add(look);
      look();
      void ended.then(() =>
        reject(new Error(`"${text}" expected, found: ${printed.stdout}${printed.stderr}`)),
      );
    });
  return { child, stdout: () => printed.stdout, stderr: () => printed.stderr, waitFor, ended };
}

/** The environment without the npm settings that an npm running the tests passes down, and without the tests' cache of compiled modules. */
function userEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !name.startsWith('npm_config_') && name !== 'NODE_COMPILE_CACHE',
    ),
  );
}
