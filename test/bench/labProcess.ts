/** Runs the real command line with --json, as measurements of the whole program need it. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { lastLine } from '../../main/runtime/command.ts';

const root = join(import.meta.dirname, '..', '..');

/** A line of the output, and what the program and its compute process had used when it arrived. */
export interface LabLine {
  readonly value: object;
  /** Seconds since the start of the program. */
  readonly seconds: number;
  /** Seconds of processor time; null except on Linux. */
  readonly processorSeconds: number | null;
}

/** Runs a command to its end and returns its JSON lines. @throws Error with the last line of stderr if it fails. */
export async function runLab(args: readonly string[], dataFolder: string): Promise<object[]> {
  const lines = await recordLab(args, dataFolder);
  return lines.map(({ value }) => value);
}

/** As `runLab`, with the time at which each line arrived. */
export async function recordLab(args: readonly string[], dataFolder: string): Promise<LabLine[]> {
  const startedAt = performance.now();
  const child = spawn(process.execPath, ['main/cli/start.mjs', ...args, '--json', '--data-dir', dataFolder], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const end = () => void child.kill('SIGINT');
  process.once('exit', end);
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors = (errors + chunk.toString()).slice(-4000)));
  const lines: LabLine[] = [];
  const closed = once(child, 'close') as Promise<[number | null]>;
  for await (const line of createInterface(child.stdout)) {
    const seconds = (performance.now() - startedAt) / 1000;
    lines.push({ value: JSON.parse(line) as object, seconds, processorSeconds: readTree(child.pid ?? 0) });
  }
  const [code] = await closed;
  process.off('exit', end);
  if (code !== 0) throw new Error(`lab ${args.join(' ')} ended with ${code}: ${lastLine(errors)}`);
  return lines;
}

/** Returns the processor seconds of a process and its living children; the clock ticks a hundred times a second. */
function readTree(pid: number): number | null {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
    const own = (Number(fields[11]) + Number(fields[12])) / 100;
    return (children ? children.split(' ') : []).reduce(
      (sum, child) => sum + (readTree(Number(child)) ?? 0),
      own,
    );
  } catch {
    return null;
  }
}
