/** Slurm's own commands and how their answers are read. */

import { type CommandOptions, type CommandResult, lastLine, runCommand } from '../runtime/command.ts';

/** Runs a program to its end; the programs of this machine unless a test puts others in their place. */
export type RunProgram = (
  program: string,
  args: readonly string[],
  options: CommandOptions,
) => Promise<CommandResult>;

/** One task of an array job that Slurm still knows: also some minutes after its end. */
export interface SlurmTask {
  /** Name of the job, which is that of its submission. */
  readonly name: string;
  readonly jobId: number;
  readonly task: number;
  /** `PENDING`, `RUNNING`, `COMPLETED`, … */
  readonly state: string;
  /** Why it waits, in Slurm's words, such as `Priority`. */
  readonly reason: string;
}

/** Slurm refused something or did not answer. */
export class SlurmError extends Error {
  /** Whether it is known that nothing was done. */
  readonly isRefusal: boolean;

  constructor(message: string, { isRefusal }: { isRefusal: boolean }) {
    super(message);
    this.isRefusal = isRefusal;
  }
}

/** What the laboratory asks of Slurm. Every function throws SlurmError. */
export interface SlurmCommands {
  /** Returns the tasks of jobs with these names. */
  list(names: readonly string[]): Promise<SlurmTask[]>;
  /** Returns how tasks ended that `list` no longer knows; empty where the cluster keeps no accounts. */
  listEnded(names: readonly string[]): Promise<SlurmTask[]>;
  /** Returns the seconds until the time limit of a task; null without one. */
  secondsLeft(jobId: number, task: number): Promise<number | null>;
  maxArraySize(): Promise<number>;
  /** Submits a batch script from its folder and returns the number of the job. */
  submit(request: SubmitRequest): Promise<number>;
  cancel(jobId: number): Promise<void>;
  requeue(jobId: number, task: number): Promise<void>;
}

export interface SubmitRequest {
  readonly folder: string;
  readonly script: string;
  readonly name: string;
  readonly array: string;
  readonly offset: number;
  /** The array starts once this job has ended. */
  readonly after: number | null;
  /** Held by sbatch while it works, so that a second attempt sees that the first one has not ended. */
  readonly lockFile: string;
}

/** Milliseconds; a busy controller answers after a minute or two. */
const answerLimit = 180_000;
/** Exit code of flock when another process holds the lock. */
export const lockedCode = 75;

const queueFormat = '%F|%K|%T|%j|%r';

export function createSlurmCommands(run: RunProgram = runCommand): SlurmCommands {
  const ask = async (program: string, args: readonly string[], folder?: string): Promise<string> => {
    const result = await run(program, args, { limit: answerLimit, folder });
    if (result.isOk) return result.stdout;
    throw new SlurmError(`${program} ${describeFailure(result)}`, { isRefusal: false });
  };
  return {
    async list(names) {
      if (names.length === 0) return [];
      const args = ['--noheader', '--array', '--states=all', `--name=${names.join(',')}`];
      return parseQueue(await ask('squeue', [...args, `--format=${queueFormat}`]));
    },
    async listEnded(names) {
      if (names.length === 0) return [];
      const fields = '--format=JobID,State,JobName';
      const args = ['--noheader', '--parsable2', '--allocations', '--starttime=now-30days', fields];
      const result = await run('sacct', [...args, `--name=${names.join(',')}`], { limit: answerLimit });
      return result.isOk ? parseAccounts(result.stdout) : [];
    },
    async secondsLeft(jobId, task) {
      return parseTimeLeft(await ask('squeue', ['--noheader', `--jobs=${jobId}_${task}`, '--format=%L']));
    },
    maxArraySize: async () => parseMaxArraySize(await ask('scontrol', ['show', 'config'])),
    submit: (request) => submit(run, request),
    cancel: async (jobId) => void (await ask('scancel', [String(jobId)])),
    requeue: async (jobId, task) => void (await ask('scontrol', ['requeue', `${jobId}_${task}`])),
  };
}

async function submit(run: RunProgram, request: SubmitRequest): Promise<number> {
  const { folder, script, name, array, offset, after, lockFile } = request;
  const dependency = after === null ? [] : [`--dependency=afterany:${after}`];
  const options = ['--parsable', `--job-name=${name}`, `--array=${array}`, '--output=logs/%A_%a.txt'];
  const sbatch = ['sbatch', ...options, ...dependency, script, String(offset)];
  const lock = ['--nonblock', '--conflict-exit-code', String(lockedCode), lockFile];
  const result = await run('flock', [...lock, ...sbatch], { limit: answerLimit, folder });
  if (result.isOk) {
    // With several clusters, the answer is `17;name`.
    const id = /^(\d+)(?:;|\s*$)/.exec(result.stdout.trim())?.[1];
    if (id !== undefined) return Number(id);
    const found = `sbatch answered "${lastLine(result.stdout)}"; the number of a job was expected`;
    throw new SlurmError(found, { isRefusal: false });
  }
  // The controller says so when it has looked at the job and will not have it; a timeout may come after it was accepted.
  const isRefusal =
    /Batch job submission failed/i.test(result.stderr) && !/timed? ?out|connection/i.test(result.stderr);
  throw new SlurmError(`sbatch ${describeFailure(result)}`, { isRefusal });
}

function describeFailure({ failure, stderr }: CommandResult): string {
  const reason = lastLine(stderr).replace(/^\w+: error: /, '');
  return reason === '' ? failure : `failed: ${reason}`;
}

/** Reads the answer of squeue; lines that are no array tasks are left out. */
export function parseQueue(text: string): SlurmTask[] {
  return text.split('\n').flatMap((line) => {
    const [jobId, task, state, name, ...reason] = line.trim().split('|');
    if (!/^\d+$/.test(jobId ?? '') || !/^\d+$/.test(task ?? '')) return [];
    return [{ name, jobId: Number(jobId), task: Number(task), state, reason: reason.join('|') }];
  });
}

/** Reads the answer of sacct: `17_3|OUT_OF_MEMORY|lab-abcdefgh-1`. */
export function parseAccounts(text: string): SlurmTask[] {
  return text.split('\n').flatMap((line) => {
    const [id = '', state = '', name = ''] = line.trim().split('|');
    const [, jobId, task] = /^(\d+)_(\d+)$/.exec(id) ?? [];
    if (jobId === undefined) return [];
    // `CANCELLED by 1000`
    return [{ name, jobId: Number(jobId), task: Number(task), state: state.split(' ')[0], reason: 'None' }];
  });
}

/** Reads `days-hours:minutes:seconds`, of which Slurm leaves out what is zero at the start. Returns seconds; null: no limit. */
export function parseTimeLeft(text: string): number | null {
  const [, days = '0', clock] = /^(?:(\d+)-)?(\d+(?::\d+)*)$/.exec(text.trim()) ?? [];
  // Past the limit, the answer is INVALID.
  if (clock === undefined) return text.trim() === 'INVALID' ? 0 : null;
  const seconds = clock.split(':').reduce((sum, part) => 60 * sum + Number(part), 0);
  return Number(days) * 86_400 + seconds;
}

/** Slurm's own default, where the answer has none. */
const usualMaxArraySize = 1001;

export function parseMaxArraySize(text: string): number {
  const found = Number(/^MaxArraySize\s*=\s*(\d+)/m.exec(text)?.[1] ?? usualMaxArraySize);
  return Math.max(1, found);
}
