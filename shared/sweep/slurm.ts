/** Sweeps on a Slurm cluster: the options of their jobs, the state that each task writes, and what is shown of them. */

import { z } from 'zod';
import { anyNumber } from '../numbers/anyNumber.ts';

const oneLine = z.string().regex(/^\P{Cc}*$/u, 'expected text in one line');

/** Directives that the script sets itself; another value would lose runs, or their logs. */
const ownDirectives = [
  'array',
  'output',
  'error',
  'open-mode',
  'job-name',
  'signal',
  'requeue',
  'no-requeue',
  'ntasks',
  'nodes',
];

/** A line of the batch script: `#SBATCH --constraint=a100`, or a shell command such as `module load cuda`. */
const scriptLineSchema = oneLine
  .trim()
  .min(1)
  .max(500)
  .refine((line) => !line.startsWith('#SBATCH') || /^#SBATCH --?[a-zA-Z]/.test(line), {
    message: 'expected an option after #SBATCH, such as #SBATCH --constraint=a100',
  })
  .refine((line) => !ownDirectives.includes(directiveOf(line)), {
    message: `the script sets ${ownDirectives.map((name) => `--${name}`).join(', ')} itself; leave the line out`,
  });

/** Short options of sbatch and the long ones that they mean. */
const shortDirectives: Readonly<Record<string, string>> = {
  a: 'array',
  o: 'output',
  e: 'error',
  J: 'job-name',
  n: 'ntasks',
  N: 'nodes',
};

function directiveOf(line: string): string {
  const [, dashes = '', name = ''] = /^#SBATCH (--?)([a-zA-Z][a-zA-Z-]*)/.exec(line) ?? [];
  return dashes === '-' ? (shortDirectives[name.slice(0, 1)] ?? '') : name;
}

/** An absolute path, or one that begins with the home folder of the account on the cluster. */
const clusterPath = oneLine
  .trim()
  .max(1000)
  .regex(/^(?:\/|~\/).+/, 'expected a path that begins with / or ~/')
  .transform((path) => path.replace(/\/+$/, ''));

const slurmName = z
  .string()
  .trim()
  .max(200)
  .regex(/^[A-Za-z0-9][\w.,+-]*$/, 'expected letters, digits and any of _ . , + -');

/** Seconds between the warning of Slurm and the end of a task, in which it writes its checkpoint. */
const warningSeconds = z.int().min(10).max(3600);

/** Where and how the tasks of a sweep run; what is null is left to the cluster. */
export const slurmOptionsSchema = z.strictObject({
  /** Login node, as `ssh` knows it; null: sbatch is called on this machine. */
  host: z
    .string()
    .trim()
    .max(250)
    .regex(
      /^[A-Za-z0-9][\w.@:-]*$/,
      'expected a host as ssh knows it, such as cluster or ada@login.example.org',
    )
    .nullable()
    .default(null),
  /** Folder on a file system that login node and compute nodes share; the sweep gets a folder in it. */
  folder: clusterPath.nullable().default(null),
  /** Prepared checkout of this program there; null: the one that runs now, without `host`. */
  program: clusterPath.nullable().default(null),
  /** The images of the runs as the nodes find them, such as `folder:/scratch/birds`; null: as the sweep says. */
  data: oneLine.trim().min(1).max(1100).nullable().default(null),
  partition: slurmName.nullable().default(null),
  account: slurmName.nullable().default(null),
  /** Time limit of one task as Slurm writes it: minutes, hours:minutes:seconds or days-hours. */
  time: z
    .string()
    .trim()
    .regex(
      /^(?:\d{1,6}|\d{1,6}:\d{2}|\d{1,4}:\d{2}:\d{2}|\d{1,3}-\d{1,2}(?::\d{2}){0,2})$/,
      'expected minutes, hours:minutes:seconds or days-hours, such as 90, 1:30:00 or 1-12',
    )
    .nullable()
    .default(null),
  cpus: z.int().min(1).max(1024).default(2),
  memory: z
    .string()
    .trim()
    .regex(/^\d{1,8}[KMGT]?$/i, 'expected megabytes or a number with K, M, G or T, such as 4G')
    .nullable()
    .default(null),
  gpus: z
    .string()
    .trim()
    .regex(/^(?:[A-Za-z0-9][\w.-]*:)?\d{1,3}$/, 'expected a number or type:number, such as 1 or a100:1')
    .nullable()
    .default(null),
  /** Most tasks that run at the same time; null: as many as the cluster allows. */
  parallel: z.int().min(1).max(100_000).nullable().default(null),
  warningSeconds: warningSeconds.default(120),
  lines: z.array(scriptLineSchema).max(50).default([]),
});
export type SlurmOptions = z.infer<typeof slurmOptionsSchema>;
export type SlurmOptionsInput = z.input<typeof slurmOptionsSchema>;

/** What a task says about itself. Whether it is still alive is known to Slurm alone. */
export const taskPhases = [
  /** It checks the node, trains or scores. */
  'running',
  /** A checkpoint is written and Slurm was asked to start it again. */
  'requeued',
  /** A checkpoint is written, and it ended without being requeued. */
  'paused',
  /** Scored at a rung, and not among the best there so far. */
  'waiting',
  /** Its run file is in the folder. */
  'done',
  'failed',
] as const;

/** `tasks/<member>/state.json`, replaced as a whole by the task that computes the member. */
export const taskStateSchema = z.strictObject({
  version: z.literal(1),
  member: z.int().min(0),
  phase: z.enum(taskPhases),
  /** The array job, the number of the task in it, and the name of the job, which names its submission. */
  job: z.strictObject({ id: z.int().min(0), task: z.int().min(0), name: z.string().max(200) }),
  /** How often Slurm has restarted this task. */
  restarts: z.int().min(0),
  /** All starts of all tasks that computed the member. */
  starts: z.int().min(1),
  node: z.string().max(300),
  /** By the clock of the node, which may be wrong: it is shown, and nothing depends on it. */
  updatedAt: z.string().max(40),
  runId: z.string().max(8).nullable(),
  /** Status of the run, once it has ended. */
  status: z.string().max(20).nullable(),
  step: z.int().min(0),
  totalSteps: z.int().min(0).nullable(),
  /** Rungs that were scored, from the first; null: the run diverged. */
  scores: z.array(
    z.strictObject({
      rung: z.int().min(0),
      step: z.int().min(0),
      score: anyNumber.nullable(),
      nfe: z.number().nullable(),
    }),
  ),
  /** Why it failed or paused, as a sentence with the next step; null otherwise. */
  message: z.string().max(2000).nullable(),
  /** SHA-256 of the run file; null until it is there. */
  result: z.string().max(64).nullable(),
});
export type TaskState = z.infer<typeof taskStateSchema>;

export const taskStatuses = [
  /** No job was submitted for it yet. */
  'planned',
  'queued',
  'running',
  'requeued',
  'waiting',
  'failed',
  'cancelled',
  'done',
  /** Slurm does not answer, so that it is not known whether the task is alive. */
  'unknown',
] as const;
export type TaskStatus = (typeof taskStatuses)[number];

/** A member on the cluster. */
const clusterTaskSchema = z.strictObject({
  member: z.int().min(0),
  status: z.enum(taskStatuses),
  /** `17_3`; null without a job. */
  job: z.string().nullable(),
  node: z.string().nullable(),
  step: z.int().min(0),
  totalSteps: z.int().min(0).nullable(),
  starts: z.int().min(0),
  scores: taskStateSchema.shape.scores,
  /** One sentence: why it waits or failed, and the next step; null if there is nothing to say. */
  message: z.string().nullable(),
  /** The last lines of its log, for a task that failed. */
  log: z.array(z.string()).readonly(),
  /** SHA-256 of its run file in the folder; null without one. */
  result: z.string().nullable(),
});
export type ClusterTask = z.infer<typeof clusterTaskSchema>;

/** What the folder and Slurm say about a sweep. */
export const clusterStatusSchema = z.strictObject({
  tasks: z.array(clusterTaskSchema).readonly(),
  /** Numbers of tasks by status. */
  counts: z.record(z.enum(taskStatuses), z.int().min(0)),
  /** Tasks that Slurm has not ended; null: it does not answer. */
  living: z.int().min(0).nullable(),
  /** What the user should know about the whole sweep, such as a submission that is not confirmed. */
  messages: z.array(z.string()).readonly(),
});
export type ClusterStatus = z.infer<typeof clusterStatusSchema>;

/** Where the tasks of a submitted sweep run. */
export const slurmPlaceSchema = z.strictObject({
  kind: z.literal('slurm'),
  /** Folder of this sweep on the cluster, absolute. */
  folder: z.string(),
  /** The prepared checkout there, absolute. */
  program: z.string(),
  options: slurmOptionsSchema,
});
export type SlurmPlace = z.infer<typeof slurmPlaceSchema>;

/** A sweep on a cluster as it is shown. */
export interface ClusterReport extends ClusterStatus {
  readonly place: SlurmPlace;
  /** Numbers of the members whose runs are in this laboratory. */
  readonly collected: readonly number[];
}

/** What a collection of results did. */
export interface Collection extends ClusterReport {
  /** Runs that were imported now. */
  readonly imported: readonly { readonly member: number; readonly runId: string; readonly name: string }[];
  /** Results that could not be imported, with the reason and the next step. */
  readonly refused: readonly { readonly member: number; readonly message: string }[];
}

/** What is being done with a sweep on a cluster. */
export type ClusterWork = 'submit' | 'collect' | 'cancel' | 'retry';

/** What this program knows of a sweep on a cluster, without asking. */
export interface ClusterView {
  readonly id: string;
  /** The newest answer; null: there was none since the program started. */
  readonly report: ClusterReport | null;
  /** When it came, ISO 8601, UTC. */
  readonly answeredAt: string | null;
  /** Why the newest question or request failed, and the next step; null if it did not. */
  readonly problem: string | null;
  /** Results that could not be imported. */
  readonly refused: Collection['refused'];
  /** null: nothing is being done. */
  readonly work: ClusterWork | null;
  /** When the cluster is asked again by itself, ISO 8601, UTC; null: it is not. */
  readonly nextAt: string | null;
}

export function countTasks(tasks: readonly Pick<ClusterTask, 'status'>[]): ClusterStatus['counts'] {
  const counts = Object.fromEntries(taskStatuses.map((status) => [status, 0])) as Record<TaskStatus, number>;
  for (const { status } of tasks) counts[status] += 1;
  return counts;
}
