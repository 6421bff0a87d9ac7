/** What a task knows of its job, whether it may compute its member, and the state that it writes. */

import { hostname } from 'node:os';
import type { TaskState } from '../../shared/sweep/slurm.ts';
import { isAlive } from './taskStatus.ts';
import type { SlurmCommands } from './slurmCommands.ts';
import {
  isCancelled,
  listSubmissions,
  readTaskState,
  type Submission,
  writeTaskState,
} from './sweepFolder.ts';

/** The job of this process, from the variables that Slurm sets. */
export interface OwnJob {
  readonly id: number;
  readonly task: number;
  readonly name: string;
  readonly restarts: number;
}

/** @throws Error when this is no task of an array job. */
export function readOwnJob(environment: Readonly<Record<string, string | undefined>>): OwnJob {
  const read = (name: string): number => {
    const text = environment[name];
    if (text !== undefined && /^\d+$/.test(text)) return Number(text);
    throw new Error(
      `${name} is ${JSON.stringify(text ?? '')}; the number that Slurm gives a task of an array job was expected. Submit the sweep with lab sweep.`,
    );
  };
  return {
    id: read('SLURM_ARRAY_JOB_ID'),
    task: read('SLURM_ARRAY_TASK_ID'),
    name: environment.SLURM_JOB_NAME ?? '',
    restarts: /^\d+$/.test(environment.SLURM_RESTART_COUNT ?? '')
      ? Number(environment.SLURM_RESTART_COUNT)
      : 0,
  };
}

/** Writes the state of one member, as long as it belongs to this task. */
export interface TaskRecord {
  readonly state: () => TaskState;
  /** @throws Error when another task has taken the member over. */
  update(change: Partial<Omit<TaskState, 'version' | 'member' | 'job'>>): void;
}

const notStarted = { starts: 0, runId: null, step: 0, totalSteps: null, scores: [], result: null };

/** Takes a member for this task and writes that it runs. */
export function openTaskRecord(folder: string, member: number, job: OwnJob): TaskRecord {
  const before: Pick<TaskState, 'starts' | 'runId' | 'step' | 'totalSteps' | 'scores' | 'result'> =
    readTaskState(folder, member) ?? notStarted;
  const { starts, runId, step, totalSteps, scores, result } = before;
  let state: TaskState = {
    version: 1,
    member,
    phase: 'running',
    job: { id: job.id, task: job.task, name: job.name },
    restarts: job.restarts,
    starts: starts + 1,
    node: hostname(),
    updatedAt: new Date().toISOString(),
    runId,
    status: null,
    step,
    totalSteps,
    scores,
    message: null,
    result,
  };
  writeTaskState(folder, state);
  return {
    state: () => state,
    update(change) {
      const now = readTaskState(folder, member);
      if (now !== null && (now.job.id !== job.id || now.job.task !== job.task || now.restarts > job.restarts))
        throw new Error(
          `Member ${member} belongs to task ${now.job.id}_${now.job.task} now; this task (${job.id}_${job.task}) has ended its work.`,
        );
      state = { ...state, ...change, updatedAt: new Date().toISOString() };
      writeTaskState(folder, state);
    },
  };
}

/**
 * Returns why this task must not compute the member, as a sentence; null if it may. Nothing is computed twice: only a job
 * that was submitted through `submissions/` may compute, and only while no other living job has the member.
 */
export async function findObstacle(
  folder: string,
  member: number,
  { job, slurm }: { job: OwnJob; slurm: Pick<SlurmCommands, 'list'> },
): Promise<string | null> {
  if (isCancelled(folder)) return 'The sweep was cancelled.';
  const state = readTaskState(folder, member);
  if (state?.phase === 'done') return `Member ${member} is done already.`;
  const problem = findSubmissionProblem(folder, member, job);
  if (problem !== null) return problem;
  if (!state || !['running', 'requeued', 'paused'].includes(state.phase)) return null;
  const { id, task, name } = state.job;
  if (id === job.id && task === job.task) return null;
  const others = await slurm.list([name]);
  const other = others.find((found) => found.jobId === id && found.task === task);
  return other && isAlive(other) ? `Member ${member} is being computed by task ${id}_${task}.` : null;
}

/** Call it after the state was written: a submission is withdrawn first, and the states are read afterwards. */
export function findSubmissionProblem(folder: string, member: number, job: OwnJob): string | null {
  const submission = listSubmissions(folder).find(({ name }) => name === job.name);
  const place = `Job ${job.id}_${job.task} ("${job.name}")`;
  if (!submission)
    return `${place} was not submitted by lab sweep; it computes nothing. Use lab sweep retry.`;
  if (isForeign(submission, job))
    return `${place} is a double of job ${submission.jobId}; it computes nothing.`;
  if (submission.state === 'withdrawn')
    return `${place} appeared after its submission had been withdrawn; it computes nothing.`;
  return submission.members.includes(member)
    ? null
    : `${place} has no member ${member}; it computes nothing.`;
}

function isForeign({ jobId }: Submission, job: OwnJob): boolean {
  return jobId !== null && jobId !== job.id;
}
