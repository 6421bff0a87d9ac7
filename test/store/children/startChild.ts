/** Runs a TypeScript file of this folder in a child process that is killed when the test finishes. */

import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

export interface Child {
  readonly process: ChildProcess;
  /** Returns everything printed so far. */
  readonly output: () => string;
  /** Resolves when `text` has been printed; rejects if the process exits before. */
  readonly waitFor: (text: string) => Promise<void>;
  /** Sends SIGKILL and resolves when the process has exited. */
  readonly kill: () => Promise<void>;
}

export function startChild(file: string, ...values: readonly string[]): Child {
  const child = spawn(process.execPath, [fileURLToPath(new URL(file, import.meta.url)), ...values]);
  let output = '';
  const listeners = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (data: Buffer) => {
      output += data.toString();
      listeners.forEach((listener) => listener());
    });
  }
  const closed = once(child, 'close');
  onTestFinished(() => void child.kill('SIGKILL'));
  const waitFor = (text: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const listener = (): void => (output.includes(text) ? resolve() : undefined);
      listeners.add(listener);
      listener();
      void closed.then(() => reject(new Error(`"${text}" expected before the end, found: ${output}`)));
    });
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await closed;
  };
  return { process: child, output: () => output, waitFor, kill };
}
