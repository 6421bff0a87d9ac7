/** Whether to use an NVIDIA card: asked only where there is one and somebody to answer. */

import { createInterface } from 'node:readline/promises';

import { runCommand } from './command.ts';

/** The name of the first NVIDIA card, or null when `nvidia-smi` does not answer. */
export async function findGpu(): Promise<string | null> {
  const answer = await runCommand('nvidia-smi', ['--query-gpu=name', '--format=csv,noheader'], {
    limit: 15_000,
  });
  return answer.isOk ? answer.stdout.split('\n')[0].trim() || null : null;
}

/** Ask at the terminal whether the card should be used; silence for a minute, or no terminal, is a no. */
export async function askForGpu(): Promise<boolean> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return false;
  const name = await findGpu();
  if (name === null) return false;
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const question = `      Found ${name}. Train on it? Downloads about 4 GB of CUDA libraries. [y/N] `;
    const answer = await terminal.question(question, { signal: AbortSignal.timeout(60_000) });
    return /^y(es)?$/i.test(answer.trim());
  } catch {
    return false;
  } finally {
    terminal.close();
  }
}
