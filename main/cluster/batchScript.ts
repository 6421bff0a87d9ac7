/** The batch script of a sweep: one array task is one member, and becomes the program itself. */

import { quoteWord } from '../../shared/config/trainCommand.ts';
import { formatPlural } from '../../shared/text/format.ts';
import type { SlurmOptions } from '../../shared/sweep/slurm.ts';

export interface ScriptInput {
  readonly sweep: { readonly id: string; readonly name: string };
  readonly members: number;
  /** Absolute, on the cluster. */
  readonly folder: string;
  /** The prepared checkout, absolute, on the cluster. */
  readonly program: string;
  readonly options: SlurmOptions;
}

/** Name of the script in the folder of a sweep. */
export const scriptName = 'job.sbatch';

/**
 * Returns the script. Its argument is the number of the member that belongs to task 0, because an array cannot have numbers
 * above MaxArraySize.
 */
export function formatBatchScript({ sweep, members, folder, program, options }: ScriptInput): string {
  const directives = options.lines.filter((line) => line.startsWith('#SBATCH'));
  const commands = options.lines.filter((line) => !line.startsWith('#SBATCH'));
  return `${[
    '#!/bin/bash',
    `# One task of the sweep "${sweep.name}" (${sweep.id}): ${formatPlural(members, 'run')}, one per task.`,
    `# "lab sweep status ${sweep.id}" reports on them; "lab sweep retry ${sweep.id}" submits again what failed.`,
    ...slurmDirectives(options).map((directive) => `#SBATCH ${directive}`),
    ...directives,
    '',
    `folder=${quoteWord(folder)}`,
    `program=${quoteWord(program)}`,
    'node=$program/node_modules/node/bin/node',
    'member=$((${1:-0} + SLURM_ARRAY_TASK_ID))',
    '',
    'if [ ! -w "$folder" ]; then',
    '  echo "lab: $(hostname) cannot write to $folder; a folder shared with the login node was expected." >&2',
    '  exit 1',
    'fi',
    'if [ ! -x "$node" ]; then',
    '  echo "lab: $(hostname) has no program $node; a checkout that npm run setup has prepared was expected in $program." >&2',
    '  exit 1',
    'fi',
    ...(commands.length > 0 ? ['', ...commands] : []),
    '',
    '# Slurm sends USR1 before the time limit. Until the program listens, the signal must not end it.',
    "trap '' USR1",
    '# Without exec, signals would end at this shell.',
    'exec "$node" --disable-sigusr1 "$program/main/cli/start.mjs" cluster-task "$folder" "$member"',
  ].join('\n')}\n`;
}

function slurmDirectives(options: SlurmOptions): string[] {
  const { partition, account, time, cpus, memory, gpus } = options;
  const given = { partition, account, time, mem: memory, gpus };
  return [
    '--requeue',
    '--open-mode=append',
    `--signal=B:USR1@${options.warningSeconds}`,
    '--nodes=1',
    '--ntasks=1',
    `--cpus-per-task=${cpus}`,
    ...Object.entries(given).flatMap(([name, value]) => (value === null ? [] : [`--${name}=${value}`])),
  ];
}

/** A part of a sweep that one array job computes: its indices start at `offset`. */
export interface ArrayChunk {
  /** Number of the member that belongs to task 0. */
  readonly offset: number;
  /** Numbers of members, ascending. */
  readonly members: readonly number[];
}

/** Divides members into arrays whose numbers stay below `maxArraySize`, which Slurm's MaxArraySize names. */
export function divideIntoArrays(members: readonly number[], maxArraySize: number): ArrayChunk[] {
  const chunks = new Map<number, number[]>();
  for (const member of members.toSorted((one, other) => one - other)) {
    const offset = Math.floor(member / maxArraySize) * maxArraySize;
    const own = chunks.get(offset);
    if (own) own.push(member);
    else chunks.set(offset, [member]);
  }
  return Array.from(chunks, ([offset, own]) => ({ offset, members: own }));
}

/** Returns the value of `--array`, such as `0-4,7%2`. */
export function formatArray({ offset, members }: ArrayChunk, parallel: number | null): string {
  const ranges: [number, number][] = [];
  for (const member of members) {
    const task = member - offset;
    const last = ranges.at(-1);
    if (last && last[1] === task - 1) last[1] = task;
    else ranges.push([task, task]);
  }
  const list = ranges.map(([from, to]) => (from === to ? String(from) : `${from}-${to}`)).join(',');
  return parallel === null ? list : `${list}%${parallel}`;
}
