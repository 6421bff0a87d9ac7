/** What the page says of a sweep on a cluster: the states of its tasks, where it is, and what is being done. */

import {
  mdiCheckCircle,
  mdiClockOutline,
  mdiCloseOctagon,
  mdiHelpCircleOutline,
  mdiPlayCircle,
  mdiRestart,
  mdiStopCircle,
  mdiTimerSand,
} from '@mdi/js';
import { describeSetting } from '../../../shared/sweep/expandSweep.ts';
import {
  type ClusterReport,
  type ClusterTask,
  type ClusterView,
  type ClusterWork,
  type TaskStatus,
  taskStatuses,
} from '../../../shared/sweep/slurm.ts';
import type { SweepMemberView } from '../../../shared/sweep/sweepViews.ts';
import { withoutCommands } from '../frame/withoutCommands.ts';
import type { StatusDisplay } from '../ui/statusDisplay.ts';

export const taskDisplay: Readonly<Record<TaskStatus, StatusDisplay>> = {
  planned: {
    icon: mdiClockOutline,
    colour: 'secondary',
    label: 'not submitted',
    meaning: 'Slurm has no job for it yet.',
  },
  queued: {
    icon: mdiClockOutline,
    colour: 'secondary',
    label: 'queued',
    meaning: 'Slurm will start it when a node is free.',
  },
  running: { icon: mdiPlayCircle, colour: 'primary', label: 'running', meaning: 'Computed on a node now.' },
  requeued: {
    icon: mdiRestart,
    colour: 'info',
    label: 'requeued',
    meaning: 'It has a checkpoint and continues when Slurm starts it again.',
  },
  waiting: {
    icon: mdiTimerSand,
    colour: 'info',
    label: 'waiting',
    meaning: 'Scored early; it continues if it is among the best there.',
  },
  failed: {
    icon: mdiCloseOctagon,
    colour: 'error',
    label: 'failed',
    meaning: 'It ended without a result; Retry submits it again.',
  },
  cancelled: {
    icon: mdiStopCircle,
    colour: 'secondary',
    label: 'cancelled',
    meaning: 'It was cancelled; Retry continues it from its checkpoint.',
  },
  done: { icon: mdiCheckCircle, colour: 'success', label: 'done', meaning: 'Its run is complete.' },
  unknown: {
    icon: mdiHelpCircleOutline,
    colour: 'warning',
    label: 'unknown',
    meaning: 'Slurm does not answer, so that it is not known whether it is alive.',
  },
};

/** Where the tasks run: `login:/shared/sweeps/Rates-abcdefgh`. */
export function describeFolder({ place }: Pick<ClusterReport, 'place'>): string {
  const { host } = place.options;
  return host === null ? place.folder : `${host}:${place.folder}`;
}

/** Numbers of tasks by status, in a fixed order; statuses without tasks are left out. */
export function countsOf({ counts }: Pick<ClusterReport, 'counts'>): (readonly [TaskStatus, number])[] {
  return taskStatuses.flatMap((status) => (counts[status] > 0 ? [[status, counts[status]] as const] : []));
}

const works: Readonly<Record<ClusterWork, string>> = {
  submit: 'Submitting…',
  collect: 'Asking the cluster…',
  cancel: 'Cancelling…',
  retry: 'Submitting again…',
};

export function describeWork(work: ClusterWork): string {
  return works[work];
}

/** Everything that the user should know about the whole sweep, each once. */
export function messagesOf({ report, refused }: ClusterView): string[] {
  const texts = [...(report?.messages ?? []), ...refused.map(({ message }) => message)];
  return [...new Set(texts.map(withoutCommands))];
}

type TaskMember = Pick<SweepMemberView, 'values' | 'seed' | 'runId'>;

/** One task as a row of the table. */
export interface TaskRow {
  readonly key: string;
  readonly member: number;
  readonly setting: string;
  readonly seed: number;
  readonly runId: string | null;
  readonly status: TaskStatus;
  readonly job: string;
  readonly node: string;
  readonly progress: string;
  readonly starts: number;
  readonly message: string | null;
  /** The last lines that it printed, of a task that failed. */
  readonly log: readonly string[];
}

/** Tasks that need attention come first, then those at work. */
const attention: readonly TaskStatus[] = [
  'failed',
  'unknown',
  'cancelled',
  'planned',
  'running',
  'requeued',
  'queued',
  'waiting',
  'done',
];

/** Returns the rows of all tasks, or only those with one status. */
export function taskRows(
  { tasks }: Pick<ClusterReport, 'tasks'>,
  list: readonly TaskMember[],
  only: TaskStatus | null,
): TaskRow[] {
  const wanted = only === null ? tasks : tasks.filter(({ status }) => status === only);
  return wanted
    .toSorted((one, other) => attention.indexOf(one.status) - attention.indexOf(other.status))
    .map((task) => rowOf(task, list[task.member]));
}

function rowOf(task: ClusterTask, view: TaskMember): TaskRow {
  const { member, status, job, node, step, totalSteps, starts, message, log } = task;
  return {
    key: String(member),
    member,
    setting: describeSetting(view.values),
    seed: view.seed,
    runId: view.runId,
    status,
    job: job ?? '–',
    node: node ?? '–',
    progress: step === 0 ? '–' : totalSteps === null ? `${step}` : `${step} of ${totalSteps}`,
    starts,
    message: message === null ? null : withoutCommands(message),
    log,
  };
}
