/** One thing that can train and sample, in a process of its own: driven by a JSON object a line, answered by one a line. */

import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

import { findErrorMessage, lastLine } from '../../main/runtime/command.ts';

/** What can be asked; every process answers `setup` first. */
export type Request = Readonly<Record<string, object>>;

export interface Contestant {
  readonly name: string;
  /** @throws Error with the message of the process when it cannot answer. */
  ask<Answer extends object>(request: Request): Promise<Answer>;
  close(): void;
}

/** How much of its stderr is kept for telling why it ended. */
const keptLines = 20;

/** Starts the program; `env` comes on top of this process's own environment. */
export function startContestant(
  name: string,
  program: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Contestant {
  const child = spawn(program[0], program.slice(1), { env: { ...process.env, ...env }, windowsHide: true });
  const readAnswer = createReader(child);
  const end = () => void child.kill('SIGKILL');
  process.once('exit', end);
  child.once('close', () => void process.off('exit', end));
  return {
    name,
    async ask<Answer extends object>(request: Request) {
      child.stdin.write(`${JSON.stringify(request)}\n`);
      const answer = JSON.parse(await readAnswer()) as Answer | { readonly error: string };
      if ('error' in answer) throw new Error(answer.error);
      return answer;
    },
    close: end,
  };
}

/** The next line that is an object; libraries may print lines of their own. */
function createReader(child: ChildProcessWithoutNullStreams): () => Promise<string> {
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const complaints: string[] = [];
  createInterface(child.stderr).on('line', (line) => {
    complaints.push(line);
    if (complaints.length > keptLines) complaints.shift();
  });
  const closed = new Promise<void>((resolve) => void child.once('close', () => resolve()));
  const failed = new Promise<never>((_, reject) => void child.once('error', reject));
  // A process that ends between two questions is reported by the next one.
  failed.catch(() => undefined);
  child.stdin.on('error', () => undefined);
  return async () => {
    for (;;) {
      const { value, done } = await Promise.race([lines.next(), failed]);
      if (!done && value.startsWith('{')) return value;
      if (!done) continue;
      await Promise.race([closed, failed]);
      const text = complaints.join('\n');
      throw new Error(`its process ended (${findErrorMessage(text) || lastLine(text) || 'without a word'})`);
    }
  };
}
