/** Slurm's commands without processes, for answers that a real one gives rarely. It runs no job: tests set how its tasks are. */

import type { AgentTools } from '../../main/cluster/agent.ts';
import { createSlurmCommands, lockedCode, type RunProgram } from '../../main/cluster/slurmCommands.ts';
import type { CommandResult } from '../../main/runtime/command.ts';

export interface FakeJob {
  readonly id: number;
  readonly name: string;
  /** The arguments of sbatch. */
  readonly args: readonly string[];
  /** By number of the task. */
  readonly tasks: Map<number, { state: string; reason: string }>;
}

export interface FakeSlurm {
  readonly tools: AgentTools;
  readonly run: RunProgram;
  readonly jobs: FakeJob[];
  /** How the ended tasks are known to sacct, as its lines; null: the cluster keeps no accounts. */
  accounts: string[] | null;
  /** Programs that fail, with what they print, such as `squeue: error: Unable to contact slurm controller`. */
  readonly failures: Map<string, string>;
  /** Called instead of the next sbatch. */
  nextSubmission: ((accept: () => FakeJob) => CommandResult) | null;
  /** Whether an sbatch that was started earlier still works. */
  isSubmitting: boolean;
  maxArraySize: number;
  /** Until the time limit of every task, as squeue says it. */
  timeLeft: string;
  /** Calls of programs, by name. */
  readonly calls: Map<string, number>;
  setTask(job: FakeJob, task: number, state: string, reason?: string): void;
  /** Forgets a job, as Slurm does some minutes after its end. */
  forget(job: FakeJob): void;
}

export const succeeded = (stdout: string): CommandResult => ({
  isOk: true,
  code: 0,
  stdout,
  stderr: '',
  failure: '',
});

export const failed = (stderr: string, code = 1): CommandResult => ({
  isOk: false,
  code,
  stdout: '',
  stderr,
  failure: `ended with exit code ${code}`,
});

export function createFakeSlurm(): FakeSlurm {
  const run: RunProgram = async (program, args) => {
    slurm.calls.set(program, (slurm.calls.get(program) ?? 0) + 1);
    const failure = slurm.failures.get(program);
    if (failure !== undefined) return failed(failure);
    switch (program) {
      case 'flock':
        return runLocked(args);
      case 'squeue':
        return succeeded(args.includes('--format=%L') ? slurm.timeLeft : list(slurm, namesIn(args)));
      case 'sacct':
        return slurm.accounts === null
          ? failed('Slurm accounting storage is disabled')
          : succeeded(slurm.accounts.join('\n'));
      case 'scontrol':
        return succeeded(args[0] === 'show' ? `MaxArraySize            = ${slurm.maxArraySize}\n` : '');
      case 'scancel':
        slurm.jobs
          .find(({ id }) => id === Number(args[0]))
          ?.tasks.forEach((task) => (task.state = 'CANCELLED'));
        return succeeded('');
      default:
        return failed(`${program}: not found`, 127);
    }
  };
  const runLocked = (args: readonly string[]): CommandResult => {
    const [program, ...rest] = args.slice(4);
    if (slurm.isSubmitting) return failed('', lockedCode);
    if (program === 'true') return succeeded('');
    const accept = () => accepted(slurm, rest);
    const { nextSubmission } = slurm;
    slurm.nextSubmission = null;
    return nextSubmission ? nextSubmission(accept) : succeeded(`${accept().id}\n`);
  };
  const slurm: FakeSlurm = {
    tools: { run, slurm: createSlurmCommands(run) },
    run,
    jobs: [],
    accounts: null,
    failures: new Map(),
    nextSubmission: null,
    isSubmitting: false,
    maxArraySize: 1001,
    timeLeft: 'UNLIMITED',
    calls: new Map(),
    setTask: (job, task, state, reason = 'None') => void job.tasks.set(task, { state, reason }),
    forget: (job) => void slurm.jobs.splice(slurm.jobs.indexOf(job), 1),
  };
  return slurm;
}

function accepted(slurm: FakeSlurm, args: readonly string[]): FakeJob {
  const tasks = expandArray(optionIn(args, 'array'));
  const job: FakeJob = {
    id: 100 + slurm.jobs.length,
    name: optionIn(args, 'job-name'),
    args,
    tasks: new Map(tasks.map((task) => [task, { state: 'PENDING', reason: 'Resources' }])),
  };
  slurm.jobs.push(job);
  return job;
}

function list({ jobs }: FakeSlurm, names: readonly string[]): string {
  return jobs
    .filter(({ name }) => names.includes(name))
    .flatMap(({ id, name, tasks }) =>
      Array.from(tasks, ([task, { state, reason }]) => `${id}|${task}|${state}|${name}|${reason}`),
    )
    .join('\n');
}

function namesIn(args: readonly string[]): string[] {
  return optionIn(args, 'name').split(',');
}

function optionIn(args: readonly string[], name: string): string {
  return args.find((arg) => arg.startsWith(`--${name}=`))?.slice(name.length + 3) ?? '';
}

/** `0-2,5%4` → 0, 1, 2, 5 */
function expandArray(text: string): number[] {
  return text
    .replace(/%\d+$/, '')
    .split(',')
    .flatMap((range) => {
      const [from, to = from] = range.split('-').map(Number);
      return Array.from({ length: to - from + 1 }, (_, index) => from + index);
    });
}
