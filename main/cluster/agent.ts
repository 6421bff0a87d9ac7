/**
 * What is done next to Slurm, on the machine that has sbatch: submit, look, cancel. The laboratory calls these functions, or
 * `lab cluster-agent` calls them on a login node. Everything they know is in the folder of the sweep.
 */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describeError } from '../../shared/text/describeError.ts';
import {
  type ClusterStatus,
  type ClusterTask,
  countTasks,
  type TaskState,
  type TaskStatus,
} from '../../shared/sweep/slurm.ts';
import { chooseNext, rungsOf } from '../../shared/sweep/halving.ts';
import { formatPlural } from '../../shared/text/format.ts';
import {
  type RunProgram,
  type SlurmCommands,
  SlurmError,
  type SlurmTask,
  createSlurmCommands,
  lockedCode,
} from './slurmCommands.ts';
import { divideIntoArrays, formatArray, scriptName, type ArrayChunk } from './batchScript.ts';
import {
  isCancelled,
  listSubmissions,
  readLogEnd,
  readSweepFile,
  readTaskState,
  setCancelled,
  type Submission,
  submissionLock,
  type SweepFile,
  writeSubmission,
} from './sweepFolder.ts';
import { isAlive, judgeTask } from './taskStatus.ts';
import { rankMembers, releaseDeadClaims } from './claims.ts';
import { runCommand } from '../runtime/command.ts';

export interface AgentTools {
  readonly run: RunProgram;
  readonly slurm: SlurmCommands;
}

export const realTools: AgentTools = { run: runCommand, slurm: createSlurmCommands() };

/**
 * Submits the members that no job has yet, and with `again` also those that failed or were cancelled. May be called as often
 * as one likes: a member that Slurm has, or may have, is never submitted a second time.
 * @throws Error when another process is submitting, or an earlier submission cannot be judged.
 */
export async function submitTasks(
  folder: string,
  { again }: { again: boolean },
  tools: AgentTools = realTools,
): Promise<ClusterStatus> {
  return withFolderLock(folder, async () => {
    const file = readSweepFile(folder);
    if (isCancelled(folder)) {
      if (!again) return inspect(folder, tools);
      setCancelled(folder, false);
    }
    await settleSubmissions(folder, tools);
    const { tasks } = await inspect(folder, tools);
    const wanted: readonly TaskStatus[] = again ? ['planned', 'failed', 'cancelled'] : ['planned'];
    const members = tasks.filter(({ status }) => wanted.includes(status)).map(({ member }) => member);
    if (members.length === 0 && again) members.push(...findForgotten(folder, file, tasks));
    releaseDeadClaims(folder, members);
    if (members.length > 0) await submitMembers({ folder, file, members }, tools);
    return inspect(folder, tools);
  });
}

/** Returns the member that early stopping would continue although no task is left to do it: one died before it had begun. */
function findForgotten(
  folder: string,
  { spec, members }: SweepFile,
  tasks: readonly ClusterTask[],
): number[] {
  const isOver = tasks.every(({ status }) => status === 'waiting' || status === 'done');
  if (spec.halving === null || !isOver) return [];
  const states = Array.from({ length: members }, (_, member) => readTaskState(folder, member));
  const rule = { rungs: rungsOf(spec).length, eta: spec.halving.eta, objective: spec.objective };
  const next = chooseNext(rankMembers(states), rule);
  return next === null ? [] : [next.member];
}

/** Returns how far the sweep is. Reads only, and settles submissions that nothing was heard of. */
export async function inspectTasks(folder: string, tools: AgentTools = realTools): Promise<ClusterStatus> {
  const isSettled = listSubmissions(folder).every(({ state }) => state !== 'intended');
  if (isSettled) return inspect(folder, tools);
  try {
    await withFolderLock(folder, () => settleSubmissions(folder, tools));
  } catch (error) {
    const status = await inspect(folder, tools);
    return { ...status, messages: [...status.messages, describeError(error)] };
  }
  return inspect(folder, tools);
}

/** Ends every task; their checkpoints stay. */
export async function cancelTasks(folder: string, tools: AgentTools = realTools): Promise<ClusterStatus> {
  return withFolderLock(folder, async () => {
    // Tasks read it, and do not ask to be requeued.
    setCancelled(folder, true);
    await settleSubmissions(folder, tools);
    const submissions = listSubmissions(folder);
    const jobs = await tools.slurm.list(namesOf(submissions));
    for (const jobId of new Set(jobs.filter(isAlive).map((job) => job.jobId)))
      await tools.slurm.cancel(jobId);
    return inspect(folder, tools);
  });
}

function namesOf(submissions: readonly Submission[]): string[] {
  return submissions.filter(({ state }) => state === 'submitted').map(({ name }) => name);
}

async function inspect(folder: string, { slurm }: AgentTools): Promise<ClusterStatus> {
  const { members } = readSweepFile(folder);
  const submissions = listSubmissions(folder);
  const newest = new Map<number, Submission>();
  for (const submission of submissions)
    for (const member of submission.members) newest.set(member, submission);
  const messages: string[] = [];
  // Before the states are read: a task that ends in between is then seen alive, not lost.
  const jobs = await findJobs(slurm, submissions, messages);
  const cancelled = isCancelled(folder);
  const tasks: ClusterTask[] = [];
  for (let member = 0; member < members; member++) {
    const state = readState(folder, member, messages);
    const planned = newest.get(member) ?? null;
    const { submission, task } = findWorker({ member, state, planned }, submissions);
    const job = submission === null ? undefined : jobs?.get(`${submission.name}_${task}`);
    const readLog = (place: { jobId: number; task: number }) => readLogEnd(folder, place);
    tasks.push(
      judgeTask({ member, state, submission, task, job: jobs ? job : null, isCancelled: cancelled, readLog }),
    );
  }
  const counts = countTasks(tasks);
  if (counts.planned > 0 && submissions.length > 0 && !cancelled)
    messages.push(
      `${formatPlural(counts.planned, 'run')} of ${members} not submitted yet. Use lab sweep retry to submit them.`,
    );
  const living = jobs && [...jobs.values()].filter(isAlive).length;
  return { tasks, counts, living, messages };
}

function readState(folder: string, member: number, messages: string[]): TaskState | null {
  try {
    return readTaskState(folder, member);
  } catch (error) {
    messages.push(describeError(error));
    return null;
  }
}

/** Returns the task that has a member: its own, or one that took it over after that one had ended. */
function findWorker(
  { member, state, planned }: { member: number; state: TaskState | null; planned: Submission | null },
  submissions: readonly Submission[],
): { submission: Submission | null; task: number } {
  const other = submissions.find(({ name }) => name === state?.job.name);
  if (state && other && planned && other.number >= planned.number)
    return { submission: other, task: state.job.task };
  return { submission: planned, task: member - (planned?.offset ?? 0) };
}

/** Returns what Slurm knows by name and number of the task; null if it does not answer. */
async function findJobs(
  slurm: SlurmCommands,
  submissions: readonly Submission[],
  messages: string[],
): Promise<ReadonlyMap<string, SlurmTask> | null> {
  const names = namesOf(submissions);
  try {
    const known = await slurm.list(names);
    const jobs = new Map<string, SlurmTask>();
    for (const job of [...(await slurm.listEnded(names)), ...known]) jobs.set(`${job.name}_${job.task}`, job);
    return jobs;
  } catch (error) {
    messages.push(`Slurm does not answer (${describeError(error)}). The runs are shown as they last were.`);
    return null;
  }
}

/**
 * Finds out what became of submissions without an answer. Slurm has the job if it lists its name or if one of its tasks has
 * written its state. Otherwise the submission is withdrawn, and a task of it that appears all the same computes nothing.
 * @throws Error when sbatch is still working on one, or Slurm does not answer.
 */
async function settleSubmissions(folder: string, { run, slurm }: AgentTools): Promise<void> {
  for (const submission of listSubmissions(folder).filter(({ state }) => state === 'intended')) {
    const { number, name } = submission;
    const lock = [
      '--nonblock',
      '--conflict-exit-code',
      String(lockedCode),
      submissionLock(folder, number),
      'true',
    ];
    const { code } = await run('flock', lock, { limit: 20_000 });
    if (code === lockedCode)
      throw new Error(`sbatch is still working on ${name}; its end was expected. Try again in a minute.`);
    const listed = [...(await slurm.list([name])), ...(await slurm.listEnded([name]))];
    if (listed.length > 0) {
      writeSubmission(folder, { ...submission, state: 'submitted', jobId: listed[0].jobId });
      continue;
    }
    // The order matters: a task writes its state, then reads the submission.
    writeSubmission(folder, { ...submission, state: 'withdrawn' });
    const started = submission.members.map((member) => readTaskState(folder, member)?.job);
    const job = started.find((found) => found?.name === name);
    if (job) writeSubmission(folder, { ...submission, state: 'submitted', jobId: job.id });
  }
}

async function submitMembers(
  { folder, file, members }: { folder: string; file: SweepFile; members: readonly number[] },
  { slurm }: AgentTools,
): Promise<void> {
  const { parallel } = file.options;
  let number = listSubmissions(folder).at(-1)?.number ?? 0;
  let after: number | null = null;
  for (const chunk of divideIntoArrays(members, await slurm.maxArraySize())) {
    number += 1;
    const jobId = await submitChunk({ folder, file, chunk, number, after }, slurm);
    // The limit of tasks at a time is that of one array, so that the next one has to wait.
    after = parallel === null ? null : jobId;
  }
}

async function submitChunk(
  {
    folder,
    file,
    chunk,
    number,
    after,
  }: { folder: string; file: SweepFile; chunk: ArrayChunk; number: number; after: number | null },
  slurm: SlurmCommands,
): Promise<number> {
  const name = `lab-${file.id}-${number}`;
  const array = formatArray(chunk, file.options.parallel);
  const intended = {
    version: 1,
    number,
    name,
    ...chunk,
    array,
    state: 'intended',
    jobId: null,
    reason: null,
  } as const;
  writeSubmission(folder, intended);
  const lockFile = submissionLock(folder, number);
  try {
    const jobId = await slurm.submit({
      folder,
      script: scriptName,
      name,
      array,
      offset: chunk.offset,
      after,
      lockFile,
    });
    writeSubmission(folder, { ...intended, state: 'submitted', jobId });
    return jobId;
  } catch (error) {
    const reason = describeError(error);
    if (error instanceof SlurmError && error.isRefusal)
      writeSubmission(folder, { ...intended, state: 'refused', reason: `${reason}.` });
    throw new Error(
      `${formatPlural(chunk.members.length, 'run')} could not be submitted: ${reason}. Use lab sweep retry; what Slurm has already is not submitted twice.`,
      { cause: error },
    );
  }
}

/** Does `work` while no other process works on the folder, on any machine. @throws Error when one does. */
async function withFolderLock<Result>(folder: string, work: () => Promise<Result>): Promise<Result> {
  const lock = ['--nonblock', '--conflict-exit-code', String(lockedCode), join(folder, 'submit.lock')];
  // The lock is held until this process closes the pipe, which its end does in any case.
  const holder = spawn('flock', [...lock, 'sh', '-c', 'echo held; exec cat >/dev/null'], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const ended = once(holder, 'close');
  const isHeld = await Promise.race([
    once(holder.stdout, 'data').then(() => true),
    ended.then(() => false),
  ]).catch((error: unknown) => {
    throw new Error(`flock could not be started (${describeError(error)}); submissions need it.`);
  });
  if (!isHeld)
    throw new Error(
      `Another process is submitting or cancelling ${folder}; its end was expected. Try again in a moment.`,
    );
  try {
    return await work();
  } finally {
    holder.stdin.end();
    await ended;
  }
}
