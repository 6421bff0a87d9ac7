/** Judges tasks by what they say about themselves and what Slurm knows of them. Clocks are not compared: a node's may be wrong. */

import type { ClusterTask, TaskState, TaskStatus } from '../../shared/sweep/slurm.ts';
import type { SlurmTask } from './slurmCommands.ts';
import type { Submission } from './sweepFolder.ts';

export interface TaskEvidence {
  readonly member: number;
  /** What the task last said; null: none has started. */
  readonly state: TaskState | null;
  /** The submission whose task computes the member; null: none has it. */
  readonly submission: Submission | null;
  /** Number of that task in its array. */
  readonly task: number;
  /** What Slurm knows; undefined: nothing, null: Slurm did not answer. */
  readonly job: SlurmTask | undefined | null;
  readonly isCancelled: boolean;
  /** Reads the last lines of the log; called only for tasks that failed. */
  readonly readLog: (job: { jobId: number; task: number }) => readonly string[];
}

interface Verdict {
  readonly status: TaskStatus;
  readonly message: string | null;
}

/** Job states that end; every other one means that Slurm still has something to do. */
const endedStates = [
  'BOOT_FAIL',
  'CANCELLED',
  'COMPLETED',
  'DEADLINE',
  'FAILED',
  'NODE_FAIL',
  'OUT_OF_MEMORY',
  'PREEMPTED',
  'REVOKED',
  'TIMEOUT',
];

export function isAlive(job: Pick<SlurmTask, 'state'>): boolean {
  return !endedStates.includes(job.state);
}

const nothing = { node: null, step: 0, totalSteps: null, starts: 0, scores: [], result: null };

/** Returns the member as the page and the terminal show it. */
export function judgeTask(evidence: TaskEvidence): ClusterTask {
  const { member, submission, task } = evidence;
  const { status, message } = judge(evidence);
  const jobId = submission?.jobId ?? null;
  const place = jobId === null ? null : { jobId, task };
  const { node, step, totalSteps, starts, scores, result } = evidence.state ?? nothing;
  return {
    member,
    status,
    message,
    job: place === null ? null : `${place.jobId}_${place.task}`,
    node,
    step,
    totalSteps,
    starts,
    scores,
    log: status === 'failed' && place !== null ? evidence.readLog(place) : [],
    result,
  };
}

function judge(evidence: TaskEvidence): Verdict {
  const { state, submission, job } = evidence;
  if (state?.phase === 'done') return { status: 'done', message: state.message };
  if (submission?.state === 'intended')
    return {
      status: 'unknown',
      message:
        'Its submission is not confirmed yet: the connection or sbatch ended before there was an answer.',
    };
  if (submission?.state !== 'submitted') return judgeUnsubmitted(evidence);
  if (job === null)
    return { status: 'unknown', message: 'Slurm does not answer; this is what the task last said.' };
  const own = findOwnState(evidence);
  return job !== undefined && isAlive(job) ? judgeAlive(job, own) : judgeEnded(evidence, own);
}

/** Returns what the task of the submission said; what an earlier job said is not about it. */
function findOwnState({ state, submission, task }: TaskEvidence): TaskState | null {
  const isOwn = state?.job.name === submission?.name && state?.job.task === task;
  return isOwn ? state : null;
}

function judgeUnsubmitted({ state, submission, isCancelled }: TaskEvidence): Verdict {
  if (isCancelled) return { status: 'cancelled', message: 'It was cancelled before it was submitted.' };
  if (state?.phase === 'failed') return { status: 'failed', message: state.message };
  const reason = submission?.state === 'refused' ? submission.reason : null;
  const message =
    reason === null ? null : `Slurm refused it: ${reason} Correct the options and use lab sweep retry.`;
  return { status: 'planned', message };
}

function judgeAlive(job: SlurmTask, own: TaskState | null): Verdict {
  if (own?.phase === 'waiting') return { status: 'waiting', message: null };
  if (job.state === 'PENDING')
    return { status: own === null ? 'queued' : 'requeued', message: explainWaiting(job, own) };
  if (own?.phase === 'failed') return { status: 'failed', message: own.message };
  return { status: 'running', message: job.state === 'SUSPENDED' ? 'Slurm has suspended it.' : null };
}

function judgeEnded(evidence: TaskEvidence, own: TaskState | null): Verdict {
  const ended = evidence.job?.state ?? null;
  if (own === null) return judgeNeverStarted(evidence, ended);
  if (own.phase === 'waiting') return { status: 'waiting', message: null };
  if (own.phase === 'failed') return { status: 'failed', message: own.message };
  // The step is as old as the last state; there may be a later checkpoint.
  const orBeginning = own.step === 0 ? ', or from the beginning' : '';
  const retry = `${again}: it continues from its newest checkpoint${orBeginning}.`;
  if (evidence.isCancelled || ended === 'CANCELLED')
    return { status: 'cancelled', message: `It was cancelled at step ${own.step}. ${retry}` };
  if (own.phase === 'paused') return { status: 'failed', message: own.message };
  const how = ended === null || ended === 'COMPLETED' ? 'It ended' : describeJobEnd(ended);
  return {
    status: 'failed',
    message: `${how} at step ${own.step} without saying why, as a program does that is killed. ${retry}`,
  };
}

const again = 'Use lab sweep retry';

function judgeNeverStarted({ isCancelled, member }: TaskEvidence, ended: string | null): Verdict {
  if (isCancelled || ended === 'CANCELLED')
    return {
      status: 'cancelled',
      message: `It was cancelled before it started. ${again} to submit it again.`,
    };
  const how = ended === null ? 'Its job ended' : describeJobEnd(ended);
  return {
    status: 'failed',
    message: `${how} before the program of member ${member} had started. Read its log, then ${again.toLowerCase()}.`,
  };
}

const jobEnds: Readonly<Record<string, string>> = {
  BOOT_FAIL: 'Its node did not start',
  DEADLINE: 'Its deadline passed',
  FAILED: 'Its program failed',
  NODE_FAIL: 'Its node failed',
  OUT_OF_MEMORY: 'It needed more memory than --memory allows',
  PREEMPTED: 'It had to make room for another job',
  TIMEOUT: 'Its time limit ended it',
};

function describeJobEnd(state: string): string {
  return jobEnds[state] ?? `Slurm reports ${state}: it ended`;
}

/** Explanations of Slurm's reasons that do not pass by themselves, or may not. */
const waitingReasons: readonly (readonly [RegExp, string])[] = [
  [/held/i, 'Slurm holds it. Find out why with scontrol show job, then scontrol release'],
  [/^DependencyNeverSatisfied/, 'It waits for a job that failed. Use lab sweep cancel, then lab sweep retry'],
  [
    /^(?:PartitionTimeLimit|PartitionNodeLimit)/,
    'It asks for more than its partition allows, and will not start. Use lab sweep cancel, then submit it with a smaller --time or another --partition',
  ],
  [
    /^(?:BadConstraints|ReqNodeNotAvail|PartitionDown|PartitionInactive)/,
    'No node that it may use is available',
  ],
  [/^(?:Assoc|QOS)/, 'A limit of your account holds it back'],
  [
    /^(?:InvalidAccount|InvalidQOS)/,
    'Slurm does not accept its account. Use lab sweep cancel, then submit it with another --account',
  ],
];

function explainWaiting({ reason }: SlurmTask, own: TaskState | null): string | null {
  const explanation = waitingReasons.find(([pattern]) => pattern.test(reason))?.[1];
  if (explanation !== undefined) return `${explanation} (Slurm: ${reason}).`;
  if (own !== null) return `It continues from step ${own.step} when Slurm starts it again.`;
  return null;
}
