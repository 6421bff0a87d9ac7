/**
 * One task of a sweep on a compute node: it computes its member, and with early stopping what else there is to continue, and
 * leaves each run as a file in the shared folder. It may be ended at any moment, and continues from its checkpoints.
 */

import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { describeError } from '../../shared/text/describeError.ts';
import type { Evaluation } from '../../shared/metric.ts';
import type { RunRecord } from '../../shared/run.ts';
import { configureMember, listMembers, type SweepMember } from '../../shared/sweep/expandSweep.ts';
import {
  chooseNext,
  describeRung,
  type HalvingRule,
  type NextMember,
  rungsOf,
} from '../../shared/sweep/halving.ts';
import type { TaskState } from '../../shared/sweep/slurm.ts';
import type { SweepRung } from '../../shared/sweep/sweep.ts';
import { evaluationRequestOf, scoreEvaluation } from '../../shared/sweep/sweepScore.ts';
import type { ComputeEvent } from '../compute/protocol.ts';
import type { CreateHost } from '../jobs/computeHost.ts';
import { createClassicalMemory } from '../jobs/evaluationJob.ts';
import { type LaneRequest, startJob } from '../jobs/laneJob.ts';
import { exportRun } from '../store/bundle/exportRun.ts';
import { resolveDataFolder } from '../store/dataFolder.ts';
import { insertRun } from '../store/runs/runLifecycle.ts';
import { getRun, listRuns } from '../store/runs/runs.ts';
import { openStore, type Store } from '../store/store.ts';
import { claimMember, rankMembers } from './claims.ts';
import type { NodeCheck } from './nodeCheck.ts';
import type { SlurmCommands } from './slurmCommands.ts';
import {
  hashFile,
  isCancelled,
  readSweepFile,
  readTaskState,
  resultName,
  type SweepFile,
  taskFolder,
} from './sweepFolder.ts';
import {
  findObstacle,
  findSubmissionProblem,
  openTaskRecord,
  type OwnJob,
  type TaskRecord,
} from './taskRecord.ts';

export interface TaskTools {
  readonly slurm: SlurmCommands;
  readonly job: OwnJob;
  readonly createHost: CreateHost;
  readonly cacheFolder: string;
  readonly appVersion: string;
  /** Examines this node before the first step. */
  readonly checkNode: (folder: string, file: SweepFile) => Promise<NodeCheck>;
  /** Calls back when Slurm is about to end the task. Returns the function that ends the subscription. */
  readonly onEnd: (listener: (reason: EndReason) => void) => () => void;
  /** Prints a line to the log of the task. */
  readonly note: (line: string) => void;
  /** Milliseconds between attempts to be requeued. */
  readonly requeueDelay?: number;
}

/** `time`: the time limit is near, so that the task has to be requeued; `request`: something else ends the task. */
export type EndReason = 'time' | 'request';

/** How the work on a member ended. */
type MemberEnd = 'scored' | 'failed' | 'ended early';

interface Task {
  readonly folder: string;
  readonly file: SweepFile;
  readonly members: readonly SweepMember[];
  readonly rungs: readonly SweepRung[];
  readonly rule: HalvingRule;
  readonly tools: TaskTools;
  /** Why the task has to end; null: it need not. */
  ending: EndReason | null;
  /** Ends the job that is being computed. */
  endJob: (() => void) | null;
}

/** Milliseconds between two updates of the step in the state. */
const updateInterval = 15_000;

/** Computes `member`, then what early stopping chooses. Returns the exit code. */
export async function runTask(folder: string, member: number, tools: TaskTools): Promise<number> {
  const file = readSweepFile(folder);
  const obstacle = await findObstacle(folder, member, tools);
  if (obstacle !== null) {
    tools.note(obstacle);
    return 0;
  }
  const rungs = rungsOf(file.spec);
  const rule = { rungs: rungs.length, eta: file.spec.halving?.eta ?? 1, objective: file.spec.objective };
  const task: Task = {
    folder,
    file,
    members: listMembers(file.spec),
    rungs,
    rule,
    tools,
    ending: null,
    endJob: null,
  };
  const end = (reason: EndReason) => {
    task.ending ??= reason;
    task.endJob?.();
  };
  const release = tools.onEnd(end);
  const stopWatching = watchTimeLimit(tools, file, () => end('time'));
  try {
    return await work(task, member);
  } finally {
    release();
    stopWatching();
  }
}

/** Milliseconds after which a controller that did not answer is asked again, and between questions for a long time limit. */
const askAgain = 20_000;
const longestWait = 6 * 3600 * 1000;

/**
 * Calls `onLimit` when the time limit is near, as the warning of Slurm does: that one is lost if the controller was restarted
 * meanwhile. Only durations are compared, because the clock of a node may be wrong.
 */
function watchTimeLimit({ slurm, job }: TaskTools, { options }: SweepFile, onLimit: () => void): () => void {
  let timer: NodeJS.Timeout | undefined;
  let isOver = false;
  const look = async () => {
    const left = await slurm.secondsLeft(job.id, job.task).catch(() => undefined);
    if (left === null || isOver) return;
    if (left !== undefined && left <= options.warningSeconds) return onLimit();
    const wait = left === undefined ? askAgain : (left - options.warningSeconds) * 1000;
    timer = setTimeout(() => void look(), Math.min(wait, longestWait));
  };
  void look();
  return () => {
    isOver = true;
    clearTimeout(timer);
  };
}

async function work(task: Task, own: number): Promise<number> {
  let next = findBegun(task, own) ?? chooseFollowing(task);
  while (next !== null) {
    const end = await computeRung(task, next);
    if (end === 'failed') return 1;
    if (end === 'ended early') return 0;
    next = chooseFollowing(task);
  }
  return 0;
}

/** Returns what this task was computing before it was requeued, or its own member. */
function findBegun({ folder, members, tools: { job } }: Task, own: number): NextMember | null {
  const states = readStates(folder, members.length);
  const isMine = (state: TaskState | null) => state?.job.id === job.id && state.job.task === job.task;
  const begun = states.find(
    (state) => isMine(state) && ['running', 'requeued', 'paused'].includes(state?.phase ?? ''),
  );
  const member = begun?.member ?? own;
  const rung = states[member]?.scores.length ?? 0;
  return states[member]?.phase === 'waiting' ? null : { member, rung };
}

function chooseFollowing({ folder, members, rule, tools, ending }: Task): NextMember | null {
  if (rule.rungs === 1 || ending !== null || isCancelled(folder)) return null;
  const claimedByOthers = new Set<number>();
  for (;;) {
    const ranked = rankMembers(readStates(folder, members.length)).map((member) =>
      claimedByOthers.has(member.index) ? { ...member, progress: 'active' as const } : member,
    );
    const next = chooseNext(ranked, rule);
    if (next === null || claimMember(folder, next, `${tools.job.id}_${tools.job.task}`)) return next;
    claimedByOthers.add(next.member);
  }
}

function readStates(folder: string, members: number): (TaskState | null)[] {
  return Array.from({ length: members }, (_, member) => readTaskState(folder, member));
}

/** Trains a member up to a rung, scores it there and writes its run file. Errors become the state of the member. */
async function computeRung(task: Task, next: NextMember): Promise<MemberEnd> {
  const { folder, tools, file } = task;
  const record = openTaskRecord(folder, next.member, tools.job);
  try {
    const problem = findSubmissionProblem(folder, task.members[next.member].index, tools.job);
    const { problems, notes } =
      problem === null ? await tools.checkNode(folder, file) : { problems: [problem], notes: [] };
    for (const note of notes) tools.note(note);
    if (problems.length > 0) return fail(task, record, problems.join(' '));
    return await computeInStore(task, next, record);
  } catch (error) {
    return fail(task, record, describeError(error));
  }
}

function fail({ tools }: Task, record: TaskRecord, message: string): MemberEnd {
  tools.note(`lab: ${message}`);
  // A state that cannot be written must not hide why: the log has it, and Slurm knows that the task ended.
  try {
    record.update({ phase: 'failed', message: message.slice(0, 2000) });
  } catch (error) {
    tools.note(`lab: ${describeError(error)}`);
  }
  return 'failed';
}

async function computeInStore(task: Task, next: NextMember, record: TaskRecord): Promise<MemberEnd> {
  const store = openOwnStore(join(taskFolder(task.folder, next.member), 'data'));
  for (const { message } of store.findings) task.tools.note(message);
  try {
    const run = findRun(store, task, next.member);
    record.update({ runId: run.id, step: run.step, totalSteps: run.totalSteps });
    task.tools.note(
      `Member ${next.member} "${run.name}" (${run.id}): from step ${run.step} to ${describeRung(task.rungs[next.rung])}.`,
    );
    const context = { task, next, record, store, run };
    const trained = await train(context);
    if (trained !== null) return trained;
    return await score(context);
  } finally {
    store.close();
  }
}

/** Opens the member's data folder. A lease in it is that of an earlier task, which Slurm has ended: perhaps on another node. */
function openOwnStore(folder: string): Store {
  const store = openStore(resolveDataFolder(folder));
  if (store.db.prepare('DELETE FROM leases').run().changes === 0) return store;
  store.close();
  return openStore(folder);
}

function findRun(store: Store, { file, members }: Task, index: number): RunRecord {
  const member = members[index];
  const sweep = { sweepId: file.id, member: index };
  const known = listRuns(store.db).at(0);
  return known ?? insertRun(store, { name: member.name, config: configureMember(file.spec, member), sweep });
}

interface MemberContext {
  readonly task: Task;
  readonly next: NextMember;
  readonly record: TaskRecord;
  readonly store: Store;
  readonly run: RunRecord;
}

/** Trains up to the rung. Returns how it ended; null if the run can be scored there. */
async function train(context: MemberContext): Promise<MemberEnd | null> {
  const { task, next, record, store, run } = context;
  const rung = task.rungs[next.rung];
  const pauseAt = next.rung === task.rungs.length - 1 ? null : rung;
  if (!hasReached(run, pauseAt)) {
    const request = { pauseAt: pauseAt ?? undefined };
    await runJob(context, { kind: 'training', runId: run.id, request });
  }
  const trained = getRun(store.db, run.id);
  record.update({ step: trained.step, totalSteps: trained.totalSteps, status: trained.status });
  if (trained.status === 'diverged') {
    record.update({
      scores: [...record.state().scores, { rung: next.rung, step: trained.step, score: null, nfe: null }],
    });
    return finish(context, { phase: 'done', status: 'diverged' });
  }
  if (hasReached(trained, pauseAt)) return null;
  if (trained.status === 'paused' && task.ending !== null) return endEarly(context);
  const reason =
    trained.error ?? `Its compute process was ended from outside, perhaps for want of memory (--memory).`;
  return fail(task, record, `${reason} Use lab sweep retry: it continues from step ${trained.step}.`);
}

function hasReached({ status, step, processSeconds }: RunRecord, rung: SweepRung): boolean {
  if (status === 'finished' || status === 'diverged') return true;
  if (rung === null) return false;
  return 'steps' in rung ? step >= rung.steps : processSeconds >= 60 * rung.minutes;
}

async function score(context: MemberContext): Promise<MemberEnd> {
  const { task, next, record, store, run } = context;
  const { spec } = task.file;
  const request = evaluationRequestOf(spec);
  const evaluation = await runJob(context, { kind: 'evaluation', runId: run.id, request });
  if (evaluation === null) return endEarly(context);
  const { step } = getRun(store.db, run.id);
  const scores = [
    ...record.state().scores,
    { rung: next.rung, step, ...scoreEvaluation(evaluation, spec.objective) },
  ];
  record.update({ scores });
  return finish(context, { phase: next.rung === task.rungs.length - 1 ? 'done' : 'waiting' });
}

/** Writes the run file, then the state that names it: a file without that state is written again. */
async function finish(
  { task, next, record, store, run }: MemberContext,
  { phase, status }: { phase: 'done' | 'waiting'; status?: string },
): Promise<MemberEnd> {
  const path = join(taskFolder(task.folder, next.member), resultName);
  const { appVersion } = task.tools;
  exportRun(store, { runId: run.id, path, checkpoints: 'newest and best', appVersion });
  const result = await hashFile(path);
  record.update({ phase, result, message: null, status: status ?? getRun(store.db, run.id).status });
  task.tools.note(`Member ${next.member} is ${phase}.`);
  return 'scored';
}

/** Runs a job to its end, or until the task has to end. Returns the evaluation, if it made one. */
async function runJob(
  { task, record, store }: MemberContext,
  request: Exclude<LaneRequest, { kind: 'study' }>,
): Promise<Evaluation | null> {
  const { createHost, cacheFolder, note } = task.tools;
  let evaluation: Evaluation | null = null;
  let step = record.state().step;
  const onCompute = (_: string, event: ComputeEvent) => {
    if (event.type === 'step') step = event.step;
    if (event.type === 'retried') note(event.message);
    if (event.type === 'ready')
      note(`${event.backend.kind} ${event.backend.version} on the ${event.backend.device}`);
  };
  const job = startJob(
    request,
    { store, createHost, cacheFolder, memory: createClassicalMemory() },
    {
      onCompute,
      onMetrics: () => undefined,
      onPreview: () => undefined,
      onStudied: () => undefined,
      onEvaluated: (stored) => void (evaluation = stored),
      onWarning: (_, message) => note(message),
    },
  );
  const by = 'because Slurm is about to end the task';
  task.endJob = () => job.pause({ by });
  if (task.ending !== null) task.endJob();
  const updates = setInterval(() => {
    if (step === record.state().step) return;
    try {
      record.update({ step });
    } catch (error) {
      note(describeError(error));
      job.kill(by);
    }
  }, updateInterval);
  try {
    await job.ended;
  } finally {
    clearInterval(updates);
    task.endJob = null;
  }
  return evaluation;
}

/** The run has its checkpoint: asks to be started again, unless Slurm ended the task for another reason. */
async function endEarly({ task, record, store, run }: MemberContext): Promise<MemberEnd> {
  const { folder, tools, ending } = task;
  const { step } = getRun(store.db, run.id);
  const retry = 'Use lab sweep retry to continue it.';
  if (isCancelled(folder)) {
    record.update({ phase: 'paused', step, message: `It was cancelled at step ${step}.` });
    return 'ended early';
  }
  if (step === run.step && ending === 'time')
    return fail(
      task,
      record,
      `Its time limit left no time for a step after step ${step}. Give it more time with --time, then use lab sweep retry.`,
    );
  if (ending === 'request' && (await isEndedBySlurm(tools))) {
    record.update({
      phase: 'paused',
      step,
      message: `Slurm ended it at step ${step}, with a checkpoint. ${retry}`,
    });
    return 'ended early';
  }
  record.update({ phase: 'requeued', step });
  try {
    await requeue(tools);
  } catch (error) {
    const reason = describeError(error);
    record.update({
      phase: 'paused',
      message: `It has a checkpoint at step ${step}, but Slurm did not accept to start it again (${reason}). ${retry}`,
    });
  }
  return 'ended early';
}

/** Whether Slurm ends this task: then it also decides whether it is requeued. Otherwise something on the node ended it. */
async function isEndedBySlurm({ slurm, job }: TaskTools): Promise<boolean> {
  try {
    const tasks = await slurm.list([job.name]);
    return tasks.find(({ jobId, task }) => jobId === job.id && task === job.task)?.state !== 'RUNNING';
  } catch {
    return true;
  }
}

/** Attempts, each twice as long after the one before: a controller that restarts needs some seconds. */
const requeueAttempts = 5;

async function requeue({ slurm, job, note, requeueDelay = 2000 }: TaskTools): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await slurm.requeue(job.id, job.task);
      return;
    } catch (error) {
      if (attempt === requeueAttempts) throw error;
      note(`${describeError(error)} Asking again.`);
      await pause(requeueDelay * 2 ** (attempt - 1));
    }
  }
}
