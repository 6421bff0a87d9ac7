/** The commands in a process of their own, as a terminal starts them. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { onTestFinished } from 'vitest';

export interface LabProcess {
  readonly child: ChildProcess;
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Resolves when stdout or stderr holds `text`; rejects when the process ends before. */
  readonly waitFor: (text: string) => Promise<void>;
  /** Exit code, or the signal that ended it. */
  readonly ended: Promise<number | string | null>;
}

const root = resolve(import.meta.dirname, '../..');

export function startLab(...words: readonly string[]): LabProcess {
  return startProgram(process.execPath, ['main/cli/index.ts', ...words]);
}

/** Runs in the project's root, or in `folder`; killed at the latest when the test is over. */
export function startProgram(program: string, words: readonly string[], folder = root): LabProcess {
  const child = spawn(program, words, {
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

/** As in a terminal: an npm that runs the tests hands its own settings down, --loglevel among them. */
function userEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('npm_config_')));
}
