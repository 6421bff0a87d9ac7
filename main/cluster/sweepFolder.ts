/**
 * The folder of a sweep on the cluster, which login node and compute nodes share and a person can read:
 *
 *   README.txt                what is here
 *   sweep.json                the sweep, and how its tasks run
 *   job.sbatch                the script of every task
 *   submissions/<n>.json      what was submitted: written before sbatch is called
 *   tasks/<member>/state.json what the task says about itself, replaced as a whole
 *   tasks/<member>/data       its data folder, with its checkpoints; no two tasks share one
 *   tasks/<member>/run.sparsefield   its run, once it has ended
 *   claims/<member>-<rung>    which task computes this part of a member, where runs are stopped early
 *   nodes/<node>.json         what was found when a node was checked
 *   logs/<job>_<task>.txt     what the tasks printed
 *   cancelled                 exists once the sweep was cancelled
 *
 * A file appears under its name only when it is complete.
 */

import { createHash } from 'node:crypto';
import { createReadStream, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { stringifyJson } from '../../shared/numbers/nonFinite.ts';
import { describeError } from '../../shared/text/describeError.ts';
import { formatPlural } from '../../shared/text/format.ts';
import { slurmOptionsSchema, type TaskState, taskStateSchema } from '../../shared/sweep/slurm.ts';
import { sweepSpecSchema } from '../../shared/sweep/sweep.ts';
import { runIdSchema } from '../../shared/runList.ts';
import { makeFolder, writeFileAtomically } from '../store/files/atomicFile.ts';
import { nodeFileSystem, withFile } from '../store/files/fileSystem.ts';
import { formatBatchScript, scriptName } from './batchScript.ts';

/** `sweep.json`. */
export const sweepFileSchema = z.strictObject({
  format: z.literal('sparse-field-lab sweep on slurm'),
  version: z.literal(1),
  id: runIdSchema,
  createdAt: z.string().max(40),
  /** Version of the program that wrote it. */
  appVersion: z.string().max(50),
  members: z.int().min(1),
  /** The prepared checkout, absolute. */
  program: z.string().max(1100),
  options: slurmOptionsSchema,
  spec: sweepSpecSchema,
});
export type SweepFile = z.infer<typeof sweepFileSchema>;

/** `submissions/<n>.json`: one array job. */
const submissionSchema = z.strictObject({
  version: z.literal(1),
  number: z.int().min(1),
  /** Name of the job, `lab-<sweep>-<n>`: no other job has it. */
  name: z.string().max(60),
  offset: z.int().min(0),
  members: z.array(z.int().min(0)).min(1).readonly(),
  array: z.string(),
  /** `intended`: sbatch is about to be called, or has not answered; `withdrawn`: Slurm does not have it, and no task may run. */
  state: z.enum(['intended', 'submitted', 'refused', 'withdrawn']),
  jobId: z.int().min(0).nullable(),
  /** Why it was refused. */
  reason: z.string().max(2000).nullable(),
});
export type Submission = z.infer<typeof submissionSchema>;

/** Creates the folder, or completes one that exists for the same sweep. @throws Error when it belongs to another sweep. */
export function createSweepFolder(folder: string, file: SweepFile): void {
  const existing = existsSync(join(folder, 'sweep.json')) ? readSweepFile(folder) : null;
  if (existing && existing.id !== file.id)
    throw new Error(
      `${folder} holds the sweep ${existing.id}; a folder for the sweep ${file.id} was expected. Choose another folder.`,
    );
  for (const name of ['submissions', 'tasks', 'claims', 'nodes', 'logs']) makeFolder(join(folder, name));
  const { id, members, program, options, spec } = file;
  const script = formatBatchScript({ sweep: { id, name: spec.name }, members, folder, program, options });
  writeText(folder, scriptName, script);
  writeText(folder, 'README.txt', describeFolder(file));
  // Written last: a folder with it is complete.
  writeText(folder, 'sweep.json', `${JSON.stringify(file, null, 2)}\n`);
}

function describeFolder({ id, spec, members, createdAt }: SweepFile): string {
  return `${[
    `Sweep "${spec.name}" (${id}), ${formatPlural(members, 'run')}, created ${createdAt}`,
    '',
    `lab sweep status ${id}     how far the runs are, and why one failed`,
    `lab sweep collect ${id}    import the finished runs`,
    `lab sweep retry ${id}      submit again what failed or was cancelled; runs continue from their checkpoints`,
    `lab sweep cancel ${id}     end all tasks; checkpoints stay`,
    '',
    'sweep.json           the sweep and the options of its tasks',
    'job.sbatch           the script of every task; submit it with the commands above, which prevent doubles',
    'submissions/         array jobs, each written before it was submitted',
    'tasks/<n>/           state.json, data/ (checkpoints) and, at the end, run.sparsefield of member n',
    'claims/, nodes/      which task continues which run; what was found when nodes were checked',
    'logs/<job>_<task>.txt   what the tasks printed',
    '',
    'Once all runs are collected, the folder can be deleted.',
  ].join('\n')}\n`;
}

/** @throws Error that names the file and what is wrong with it. */
export function readSweepFile(folder: string): SweepFile {
  const next = 'Submit the sweep again with lab sweep retry.';
  return readJson(join(folder, 'sweep.json'), sweepFileSchema, next);
}

/** Returns all submissions, oldest first. @throws Error when one cannot be read, because its job would be submitted twice. */
export function listSubmissions(folder: string): Submission[] {
  const numbers = readdirSync(join(folder, 'submissions')).flatMap((name) => {
    const number = /^(\d+)\.json$/.exec(name)?.[1];
    return number === undefined ? [] : [Number(number)];
  });
  return numbers.toSorted((one, other) => one - other).map((number) => readSubmission(folder, number));
}

export function readSubmission(folder: string, number: number): Submission {
  const path = join(folder, 'submissions', `${number}.json`);
  return readJson(path, submissionSchema, 'Restore the file, or move the folder and submit the sweep again.');
}

export function writeSubmission(folder: string, submission: Submission): void {
  const text = `${JSON.stringify(submission, null, 2)}\n`;
  writeText(join(folder, 'submissions'), `${submission.number}.json`, text);
}

export const submissionLock = (folder: string, number: number) =>
  join(folder, 'submissions', `${number}.lock`);

export function taskFolder(folder: string, member: number): string {
  return join(folder, 'tasks', String(member));
}

export const resultName = 'run.sparsefield';

/** Returns what a task last said; null if none has started. @throws Error when the file is damaged. */
export function readTaskState(folder: string, member: number): TaskState | null {
  const path = join(taskFolder(folder, member), 'state.json');
  if (!existsSync(path)) return null;
  const next = `Delete ${path} and use lab sweep retry: the run continues from its checkpoint.`;
  return readJson(path, taskStateSchema, next);
}

export function writeTaskState(folder: string, state: TaskState): void {
  mkdirSync(taskFolder(folder, state.member), { recursive: true });
  writeText(taskFolder(folder, state.member), 'state.json', `${stringifyJson(state)}\n`);
}

/** Bytes at the end of a log that are read. */
const logEnd = 8192;

/** Returns the last lines that a task printed; empty without a log. */
export function readLogEnd(folder: string, job: { jobId: number; task: number }, lines = 5): string[] {
  const path = join(folder, 'logs', `${job.jobId}_${job.task}.txt`);
  if (!existsSync(path)) return [];
  const text = withFile({ path, mode: 'read', fileSystem: nodeFileSystem }, (file) => {
    const size = nodeFileSystem.size(file);
    const bytes = new Uint8Array(Math.min(size, logEnd));
    const read = nodeFileSystem.read(file, bytes, size - bytes.byteLength);
    return new TextDecoder().decode(bytes.subarray(0, read));
  });
  const printed = text.split('\n').map((line) => line.replace(/\p{Cc}+/gu, ' ').trim());
  return printed
    .filter((line) => line !== '')
    .slice(-lines)
    .map((line) => line.slice(0, 300));
}

/** Returns the SHA-256 of a file in hexadecimal. */
export async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

export function isCancelled(folder: string): boolean {
  return existsSync(join(folder, 'cancelled'));
}

export function setCancelled(folder: string, isSet: boolean): void {
  if (isSet) writeText(folder, 'cancelled', `${new Date().toISOString()}\n`);
  else rmSync(join(folder, 'cancelled'), { force: true });
}

export function writeText(folder: string, name: string, text: string): void {
  writeFileAtomically({ folder, name, bytes: new TextEncoder().encode(text) });
}

export function readJson<Value>(path: string, schema: z.ZodType<Value>, next: string): Value {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new Error(`${path} cannot be read: ${describeError(error)} ${next}`, { cause: error });
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [{ path: where, message }] = result.error.issues;
  throw new Error(`${path} is damaged at ${where.join('.') || 'its start'}: ${message}. ${next}`);
}
