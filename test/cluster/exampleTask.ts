/** Tasks of a sweep whose compute processes are simulated: they train and score at once, unless a test holds them. */

import { basename, dirname } from 'node:path';
import { localAccess } from '../../main/cluster/access.ts';
import { type ClusterTools, submitSweep } from '../../main/cluster/clusterSweeps.ts';
import { runTask, type EndReason, type TaskTools } from '../../main/cluster/task.ts';
import { readTaskState, writeSubmission } from '../../main/cluster/sweepFolder.ts';
import type { Command } from '../../main/compute/protocol.ts';
import { createSweep } from '../../main/store/sweeps.ts';
import { slurmOptionsSchema } from '../../shared/sweep/slurm.ts';
import type { SweepSpecInput } from '../../shared/sweep/sweep.ts';
import { describeError } from '../../shared/text/describeError.ts';
import { exampleEvaluation, exampleRow } from '../reports/exampleEvaluation.ts';
import {
  checkpointEvent,
  createFakeHost,
  endedEvent,
  evaluationEvent,
  type FakeHost,
  readyEvent,
  startedEvent,
  stepEvent,
} from '../jobs/fakeHost.ts';
import { openExampleStore } from '../store/exampleStore.ts';
import { makeTemporaryFolder, sharedCacheFolder } from '../store/temporaryFolder.ts';
import { exampleId, exampleSweepFile, makeSweepFolder } from './exampleSweep.ts';
import { createFakeSlurm, type FakeSlurm } from './fakeSlurm.ts';

export interface ExampleTask {
  readonly folder: string;
  readonly slurm: FakeSlurm;
  /** What the task printed. */
  readonly notes: string[];
  /** Steps that were trained, as `from-to`, and scored checkpoints. */
  readonly work: string[];
  /** Runs the task of a member; returns its exit code. */
  run(member: number, job?: Partial<TaskTools['job']>): Promise<number>;
  /** Notifies the task that Slurm is about to end it. */
  end(reason: EndReason): void;
  stateOf(member: number): ReturnType<typeof readTaskState>;
}

/** What a simulated process does; `proceed` trains or scores completely. */
export type Behaviour = (command: Command, host: FakeHost, proceed: () => void) => void;

export function openExampleTask(
  members: number,
  {
    given = {},
    folder = makeSweepFolder(members, given),
    slurm = createExampleJob(folder, members),
    behave = (_, __, proceed) => proceed(),
    scoreOf = () => 20,
    tools = {},
  }: {
    given?: Parameters<typeof makeSweepFolder>[1];
    /** Of a sweep that was submitted to `slurm` as its first job. */
    folder?: string;
    slurm?: FakeSlurm;
    behave?: Behaviour;
    /** By member. */
    scoreOf?: (member: number) => number;
    tools?: Partial<TaskTools>;
  } = {},
): ExampleTask {
  const jobName = slurm.jobs[0].name;
  const notes: string[] = [];
  const work: string[] = [];
  const listeners = new Set<(reason: EndReason) => void>();
  const proceed = (command: Command, host: FakeHost): void => {
    if (command.type === 'train') {
      try {
        train(command, host, work);
      } catch (error) {
        host.emit({ type: 'failed', cause: 'storage', message: describeError(error) });
      }
    }
    if (command.type === 'evaluate') {
      const { checkpoint, protocol, images } = command.job;
      const member = Number(basename(dirname(dirname(dirname(dirname(checkpoint))))));
      work.push(`score ${member}`);
      const rows = [exampleRow({ method: 'flow · posterior mean', nfe: 1, psnr: scoreOf(member) })];
      host.emit({
        type: 'evaluated',
        evaluation: { protocol: { ...exampleEvaluation.protocol, ...protocol, images }, rows },
      });
    }
    host.exit();
  };
  return {
    folder,
    slurm,
    notes,
    work,
    end: (reason) => listeners.forEach((listener) => listener(reason)),
    stateOf: (member) => readTaskState(folder, member),
    run: (member, job) =>
      runTask(folder, member, {
        slurm: slurm.tools.slurm,
        job: { id: 100, task: member, name: jobName, restarts: 0, ...job },
        createHost: () => {
          const host = createFakeHost((command) =>
            setImmediate(() => behave(command, host, () => proceed(command, host))),
          );
          return host;
        },
        cacheFolder: sharedCacheFolder,
        appVersion: '1.0.0',
        checkNode: async () => ({ problems: [], notes: [] }),
        onEnd(listener) {
          listeners.add(listener);
          return () => void listeners.delete(listener);
        },
        note: (line) => void notes.push(line),
        requeueDelay: 1,
        ...tools,
      }),
  };
}

/** Submits a sweep of a store to a fake Slurm; `task` runs its tasks. */
export async function submitExample(
  members = 2,
  { spec = {}, scoreOf }: { spec?: Partial<SweepSpecInput>; scoreOf?: (member: number) => number } = {},
) {
  const store = openExampleStore();
  const slurm = createFakeSlurm();
  const tools: ClusterTools = {
    store,
    appVersion: '1.0.0',
    accessOf: () => localAccess('1.0.0', slurm.tools),
  };
  const { id } = createSweep(store.db, exampleSweepFile(members, { spec }).spec);
  const options = slurmOptionsSchema.parse({ folder: makeTemporaryFolder(), program: '/opt/lab' });
  const report = await submitSweep(tools, id, options);
  const task = openExampleTask(members, { folder: report.place.folder, slurm, scoreOf });
  return { store, slurm, tools, id, task, report, options };
}

/** Submits all members as one job. */
function createExampleJob(folder: string, members: number): FakeSlurm {
  const slurm = createFakeSlurm();
  const name = `lab-${exampleId}-1`;
  slurm.jobs.push({ id: 100, name, args: [], tasks: new Map([[0, { state: 'RUNNING', reason: 'None' }]]) });
  writeSubmission(folder, {
    version: 1,
    number: 1,
    name,
    offset: 0,
    members: Array.from({ length: members }, (_, member) => member),
    array: `0-${members - 1}`,
    state: 'submitted',
    jobId: 100,
    reason: null,
  });
  return slurm;
}

/** Trains to the end of the budget, or to where the job pauses. */
function train(command: Extract<Command, { type: 'train' }>, host: FakeHost, work: string[]): void {
  const { folder, config, pauseAt, checkpoint } = command.job;
  const from = stepOf(checkpoint);
  const until = pauseAt && 'steps' in pauseAt ? pauseAt.steps : (config.train.steps ?? 100);
  begin(command, host);
  work.push(`${from}-${until}`);
  emitSteps(host, { from, until, every: config.train.evaluateEverySteps });
  host.emit(checkpointEvent(folder, until));
  host.emit(endedEvent(pauseAt ? 'paused' : 'finished', until));
}

/** Lets a training begin; the host is ready and waits. */
export function begin({ job }: Extract<Command, { type: 'train' }>, host: FakeHost): void {
  host.emit(readyEvent);
  host.emit(startedEvent(stepOf(job.checkpoint)));
}

/** Trains some steps and pauses with a checkpoint, as a process does that is asked to. */
export function pauseAfter(
  steps: number,
  { job }: Extract<Command, { type: 'train' }>,
  host: FakeHost,
): void {
  const from = stepOf(job.checkpoint);
  const step = from + steps;
  if (steps > 0) {
    emitSteps(host, { from, until: step, every: job.config.train.evaluateEverySteps });
    host.emit(checkpointEvent(job.folder, step));
  }
  host.emit(endedEvent('paused', step));
  host.exit();
}

/** A gap in the metrics would make a run continue from before it. */
function emitSteps(
  host: FakeHost,
  { from, until, every }: { from: number; until: number; every: number },
): void {
  for (let step = from + 1; step <= until; step++) {
    host.emit(stepEvent(step));
    if (step % every === 0) host.emit(evaluationEvent(step));
  }
}

function stepOf(checkpoint: string | null): number {
  return checkpoint === null ? 0 : Number(/ckpt-(\d+)/.exec(checkpoint)?.[1]);
}
