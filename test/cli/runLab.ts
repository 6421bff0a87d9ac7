/** Runs commands inside this process and records their output. */

import { runCommandLine } from '../../main/cli/runCommandLine.ts';

export interface LabResult {
  /** Exit code. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Parses every line of stdout as JSON. @throws SyntaxError when a line is not JSON. */
  readonly lines: () => Record<string, unknown>[];
}

export async function runLab(...args: readonly string[]): Promise<LabResult> {
  let stdout = '';
  let stderr = '';
  const code = await runCommandLine(args, {
    stdout: { write: (text) => (stdout += text) },
    stderr: { write: (text) => (stderr += text), isTTY: false, columns: 120 },
  });
  return { code, stdout, stderr, lines: () => parseLines(stdout) };
}

export function parseLines(stdout: string): Record<string, unknown>[] {
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}
