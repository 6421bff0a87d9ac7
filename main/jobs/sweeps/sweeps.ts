/**
 * Computes sweeps on this machine. The lane asks for a job whenever it is free; what comes next is decided from the store
 * alone, so that a sweep continues after any end of the process.
 */

import { describeError } from '../../../shared/text/describeError.ts';
import type { LaneJob } from '../../../shared/queue.ts';
import type { RunRecord } from '../../../shared/run.ts';
import type { SweepRecord } from '../../../shared/sweep/sweep.ts';
import { evaluationRequestOf, scoreEvaluation } from '../../../shared/sweep/sweepScore.ts';
import { describeStop } from '../../../shared/sweep/halving.ts';
import type { Evaluation } from '../../../shared/metric.ts';
import { listEvaluations, type StoredEvaluation } from '../../store/runs/evaluations.ts';
import { insertRun } from '../../store/runs/runLifecycle.ts';
import { changeTags } from '../../store/runs/runMarks.ts';
import { attempt } from '../../store/files/fileSystem.ts';
import { insertLogLine } from '../../store/runs/runLog.ts';
import { getRun, updateRun } from '../../store/runs/runs.ts';
import type { Store } from '../../store/store.ts';
import {
  claimSweep,
  findSweepById,
  findSweepOwner,
  getSweep,
  listMemberRuns,
  listSweeps,
  recordRungScore,
  requestSweepEnd,
  setSweepState,
} from '../../store/sweeps.ts';
import { planEvaluation } from '../evaluationJob.ts';
import type { Lane } from '../lane.ts';
import type { LaneRequest } from '../laneJob.ts';
import {
  chooseJob,
  configured,
  hasReachedRung,
  type KnownRuns,
  type LeftAlone,
  leftReason,
  type NextJob,
  readSweepFacts,
  type SweepFacts,
} from './sweepState.ts';

export interface SweepListener {
  /** The state of a sweep or of its members changed. */
  onChange(sweepId: string): void;
  /** A run was created. */
  onCreated(runId: string): void;
  /** A sweep has nothing left to compute, or was paused because a member cannot be computed. */
  onEnd(sweep: SweepRecord): void;
}

export interface Sweeps {
  /** Returns the next job of a running sweep and marks it as started; null if there is none now. */
  next(): LaneRequest | null;
  /** The lane could not start a job, or it ended. `failure`: why it failed, unless the status of its run says so. */
  ended(job: Pick<LaneJob, 'kind' | 'runId'>, failure: string | null): void;
  /** Whether a job was given by `next` and has not ended. */
  owns(job: Pick<LaneJob, 'runId'>): boolean;
  /** An evaluation was stored. */
  evaluated(evaluation: StoredEvaluation): void;
  /** Starts or continues a sweep; failed members are tried again. @throws Error if another process computes it. */
  start(id: string): void;
  /** Continues a run that a sweep of this process leaves alone, as the sweep asks for; false if there is no such sweep. */
  resume(runId: string): boolean;
  /** Ends the active members of a sweep, each with a checkpoint, and starts no others; also if another process computes it. */
  end(id: string, how: 'pause' | 'stop'): void;
  /** Starts the sweeps that were running when their process ended. */
  continueAbandoned(): void;
  /** What this process knows of the runs of sweeps. */
  readonly known: KnownRuns;
  close(): void;
}

/** Milliseconds between two signs of life of the sweeps that this process computes. */
const heartbeatInterval = 3000;

export function createSweeps(
  { store, cacheFolder }: { readonly store: Store; readonly cacheFolder: string },
  lane: () => Pick<Lane, 'find' | 'end' | 'advance'>,
  listener: SweepListener,
): Sweeps {
  const left = new Map<string, LeftAlone>();
  const given = new Set<string>();
  const own = new Set<string>();
  const unsaved = new Map<string, string>();
  const known: KnownRuns = {
    isActive: (runId) => given.has(runId),
    leftAlone: (runId) => left.get(runId) ?? null,
    tasksOf: () => null,
  };
  const context: Context = { store, cacheFolder, known, left, given, own, unsaved, listener };
  const abandoned = pauseAbandoned(store);
  const end = (id: string, how: 'pause' | 'stop') => {
    assertLocal(store, id);
    if (requestSweepEnd(store.db, id, how)) return;
    own.delete(id);
    for (const { runId } of listMemberRuns(store.db, id)) {
      for (const kind of ['training', 'evaluation'] as const)
        if (lane().find({ kind, runId }) === 'active') lane().end({ kind, runId }, how);
    }
    listener.onChange(id);
  };
  const beat = setInterval(() => {
    for (const id of unsaved.keys()) saveGivenUp(context, id);
    for (const id of own) {
      const how = followOthers(context, id);
      if (how) end(id, how);
    }
  }, heartbeatInterval);
  beat.unref();
  const start = (id: string) => {
    assertLocal(store, id);
    claimSweep(store.db, id);
    own.add(id);
    unsaved.delete(id);
    for (const { runId } of listMemberRuns(store.db, id)) giveBack(context, runId);
    listener.onChange(id);
    lane().advance();
  };
  return {
    known,
    next() {
      for (const id of own) {
        const request = orGiveUp(context, id, () => nextOf(context, id));
        if (request) return request;
      }
      return null;
    },
    owns: ({ runId }) => given.has(runId),
    ended: ({ runId }, failure) => endMember(context, runId, failure),
    evaluated(evaluation) {
      const sweep = sweepOf(store, evaluation.runId);
      if (sweep) recordScore(context, sweep, evaluation);
    },
    start,
    resume(runId) {
      const sweep = sweepOf(store, runId);
      if (!sweep || !own.has(sweep.id) || given.has(runId)) return false;
      if (!giveBack(context, runId)) return false;
      listener.onChange(sweep.id);
      lane().advance();
      return true;
    },
    continueAbandoned: () => abandoned.forEach(start),
    end,
    close: () => clearInterval(beat),
  };
}

interface Context {
  readonly store: Store;
  readonly cacheFolder: string;
  readonly known: KnownRuns;
  /** Runs that are left alone until their sweep is started again, with the reason. */
  readonly left: Map<string, LeftAlone>;
  /** Runs whose job was given to the lane and has not ended. */
  readonly given: Set<string>;
  /** Sweeps that this process computes. */
  readonly own: Set<string>;
  /** Sweeps that were given up, with the reason, while the store could not be written. */
  readonly unsaved: Map<string, string>;
  readonly listener: SweepListener;
}

/** @throws Error for a sweep on a cluster: what it computes there is not started or ended here. */
function assertLocal({ db }: Store, id: string): void {
  const { name, place } = getSweep(db, id);
  if (place.kind === 'local') return;
  throw new Error(
    `The sweep “${name}” is computed on a cluster, in ${place.folder}; one of this machine was expected. Cancel or retry it there.`,
  );
}

/**
 * Renews the claim of a sweep that this process computes. Another process may have asked for its end, which is returned, deleted it,
 * or, after this one was suspended for long, continued and perhaps finished it: then it is no longer computed here.
 */
function followOthers({ store, own, listener }: Context, id: string): 'pause' | 'stop' | null {
  const sweep = findSweepById(store.db, id);
  if (sweep?.state === 'running' && findSweepOwner(store.db, id) === null) {
    // A disk that is full is reported by the members, which write more than this.
    attempt(() => claimSweep(store.db, id));
    return null;
  }
  if (sweep?.state === 'paused') return 'pause';
  if (sweep?.state === 'stopped') return 'stop';
  own.delete(id);
  if (sweep) listener.onEnd(sweep);
  return null;
}

/** Does work for a sweep; if that fails, such as on a full disk, the sweep is paused with the reason. */
function orGiveUp<Value>(context: Context, id: string, work: () => Value): Value | null {
  try {
    return work();
  } catch (error) {
    const { store, own, unsaved, listener } = context;
    const reason = `What comes next could not be recorded: ${describeError(error)} Once that is solved, resume the sweep.`;
    own.delete(id);
    unsaved.set(id, reason);
    saveGivenUp(context, id);
    listener.onEnd({ ...getSweep(store.db, id), state: 'paused', error: reason });
    return null;
  }
}

/** Stores that a sweep was given up, as soon as the store can be written. */
function saveGivenUp({ store, unsaved, listener }: Context, id: string): void {
  attempt(() => {
    if (findSweepById(store.db, id)) setSweepState(store.db, id, { state: 'paused', error: unsaved.get(id) });
    unsaved.delete(id);
    listener.onChange(id);
  });
}

/** Lets the sweep of a run continue it, whatever ended it. Returns whether it was left alone. */
function giveBack({ store, left }: Context, runId: string): boolean {
  const wasLeft = left.delete(runId);
  const { status } = getRun(store.db, runId);
  if (status !== 'stopped' && status !== 'crashed') return wasLeft;
  updateRun(store.db, runId, { status: 'paused', error: null });
  return true;
}

/** Returns the next job of a sweep; without one, and without active members, the sweep ends. */
function nextOf(context: Context, id: string): LaneRequest | null {
  const { store, known, given, own, listener } = context;
  const facts = readSweepFacts(store, getSweep(store.db, id), known);
  const job = chooseStored(context, facts);
  if (job) {
    const request = createRequest(context, facts.sweep, job);
    given.add(request.runId);
    listener.onChange(id);
    return request;
  }
  const now = readSweepFacts(store, facts.sweep, known);
  if (now.members.some(({ ranked }) => ranked.progress === 'active')) return null;
  own.delete(id);
  finishSweep(context, now);
  return null;
}

/** A job of a member ended. */
function endMember(context: Context, runId: string, failure: string | null): void {
  const sweep = context.given.delete(runId) ? sweepOf(context.store, runId) : null;
  if (sweep) orGiveUp(context, sweep.id, () => leaveMember(context, sweep, { runId, failure }));
}

function leaveMember(
  context: Context,
  sweep: SweepRecord,
  { runId, failure }: { readonly runId: string; readonly failure: string | null },
): void {
  const { store, left, own, listener } = context;
  const run = getRun(store.db, runId);
  if (failure !== null) left.set(runId, { state: 'failed', reason: failure });
  else if (own.has(sweep.id) && isUnfinished(context, sweep, runId)) left.set(runId, leaveAlone(run));
  if (run.status === 'diverged') recordDivergence(context, sweep, runId);
  const obstacle = obstacleOf(run, failure);
  if (obstacle !== null && own.delete(sweep.id)) {
    setSweepState(store.db, sweep.id, { state: 'paused', error: obstacle });
    listener.onEnd(getSweep(store.db, sweep.id));
  }
  listener.onChange(sweep.id);
}

/**
 * Returns why every other member would fail as this one did; null if that is not known. A run that never started fails again, and
 * what pauses a run with a reason is the disk or the graphics card.
 */
function obstacleOf({ status, step, error }: RunRecord, failure: string | null): string | null {
  if (failure !== null) return step === 0 && status === 'queued' ? failure : null;
  return status === 'paused' ? error : null;
}

/** Why a run ended before its sweep asked for that. */
function leaveAlone({ status, error }: RunRecord): LeftAlone {
  return error === null && (status === 'paused' || status === 'stopped')
    ? { state: 'paused', reason: leftReason(status) }
    : { state: 'failed', reason: error ?? 'Its process crashed.' };
}

/** Pauses the sweeps whose process is gone, and returns their IDs: they continue when somebody starts them. */
function pauseAbandoned({ db }: Store): string[] {
  const found = listSweeps(db).filter(
    ({ id, state, place }) => place.kind === 'local' && state === 'running' && !findSweepOwner(db, id),
  );
  for (const { id } of found) setSweepState(db, id, { state: 'paused' });
  return found.map(({ id }) => id);
}

function sweepOf({ db }: Store, runId: string): SweepRecord | null {
  const query = 'SELECT sweeps.id FROM sweeps JOIN runs ON sweep_id = sweeps.id WHERE runs.id = ?';
  const id = db.prepare<[string], string>(query).pluck().get(runId);
  return id === undefined ? null : getSweep(db, id);
}

/** Whether a run ended between two rungs, which the sweep did not ask for. */
function isUnfinished({ store }: Context, sweep: SweepRecord, runId: string): boolean {
  const facts = readSweepFacts(store, sweep);
  const member = facts.members.find(({ run }) => run?.runId === runId);
  return member?.state === 'active' && !hasReachedRung(facts, member);
}

/** Returns the next job that has to be computed: what is stored already is scored at once. */
function chooseStored(context: Context, first: SweepFacts): NextJob | null {
  let facts = first;
  for (;;) {
    const job = chooseJob(facts);
    if (job?.kind !== 'score' || !job.facts.run) return job;
    const { runId, status } = job.facts.run;
    if (status === 'diverged') recordDivergence(context, facts.sweep, runId);
    else {
      const stored = findEvaluation(context, facts.sweep, runId);
      if (!stored || !recordScore(context, facts.sweep, stored)) return job;
    }
    facts = readSweepFacts(context.store, facts.sweep, context.known);
  }
}

/** Creates the run of a member that has none, and returns the job. */
function createRequest({ store, listener }: Context, sweep: SweepRecord, job: NextJob): LaneRequest {
  const { facts } = job;
  const { name, config } = configured({ sweep }, facts);
  const link = { sweepId: sweep.id, member: job.member };
  const runId =
    facts.run?.runId ?? insertRun(store, { name, config, totalSteps: config.train.steps, sweep: link }).id;
  if (!facts.run) {
    changeTags(store, [runId], { add: sweep.spec.tags, remove: [] });
    listener.onCreated(runId);
  }
  if (job.kind === 'score') return { kind: 'evaluation', runId, request: evaluationRequestOf(sweep.spec) };
  return { kind: 'training', runId, request: job.pauseAt === null ? {} : { pauseAt: job.pauseAt } };
}

/** Returns a stored evaluation of the run's present state by the protocol of its sweep. */
function findEvaluation(
  { store, cacheFolder }: Context,
  { spec }: SweepRecord,
  runId: string,
): StoredEvaluation | undefined {
  const { step } = getRun(store.db, runId);
  const request = evaluationRequestOf(spec);
  try {
    const { job } = planEvaluation(store, runId, { request, cacheFolder });
    return listEvaluations(store.db, runId).find(
      (evaluation) => evaluation.step === step && isByProtocol(evaluation, job),
    );
  } catch {
    // What is wrong is reported by the evaluation itself.
    return undefined;
  }
}

/** Whether an evaluation is the planned one. The source of its images may be named otherwise on another machine. */
function isByProtocol(
  { protocol }: Evaluation,
  { protocol: planned, images }: ReturnType<typeof planEvaluation>['job'],
): boolean {
  const found: Readonly<Record<string, unknown>> = protocol;
  return (
    protocol.images === images &&
    Object.entries(planned).every(([key, value]) => key === 'source' || found[key] === value)
  );
}

/** Records the score of an evaluation by the sweep's protocol; false if it is of none or of another protocol. */
function recordScore(
  { store, left, listener, cacheFolder }: Context,
  sweep: SweepRecord,
  evaluation: StoredEvaluation,
): boolean {
  const { runId, step } = evaluation;
  const facts = readSweepFacts(store, sweep);
  const found = facts.members.find(({ run }) => run?.runId === runId);
  if (!found || found.scores.length === facts.rungs.length) return false;
  try {
    const { job } = planEvaluation(store, runId, { request: evaluationRequestOf(sweep.spec), cacheFolder });
    // A small split has fewer images than were asked for.
    if (!isByProtocol(evaluation, { ...job, images: evaluation.protocol.images })) return false;
    const score = scoreEvaluation(evaluation, sweep.spec.objective);
    recordRungScore(store.db, sweep.id, {
      member: found.member.index,
      rung: found.scores.length,
      runId,
      step,
      ...score,
    });
    listener.onChange(sweep.id);
    return true;
  } catch (error) {
    left.set(runId, { state: 'failed', reason: describeError(error) });
    return false;
  }
}

function recordDivergence({ store }: Context, sweep: SweepRecord, runId: string): void {
  const facts = readSweepFacts(store, sweep);
  const found = facts.members.find(({ run }) => run?.runId === runId);
  if (!found || found.state === 'diverged') return;
  const { index: member } = found.member;
  const { step } = getRun(store.db, runId);
  recordRungScore(store.db, sweep.id, {
    member,
    rung: found.scores.length,
    runId,
    step,
    score: null,
    nfe: null,
  });
}

/** Nothing is left to compute: members that wait at a rung are stopped, with the reason in their logs. */
function finishSweep({ store, listener }: Context, { sweep, members, rule, rungs }: SweepFacts): void {
  const failed = members.filter(({ state }) => state === 'failed').length;
  const ranked = members.map((member) => member.ranked);
  for (const { run, state, member } of members) {
    if (state !== 'waiting' || !run) continue;
    const text = describeStop(ranked, member.index, { ...rule, budgets: rungs });
    updateRun(store.db, run.runId, { status: 'stopped' });
    insertLogLine(store.db, run.runId, { step: run.step, kind: 'end', text });
  }
  const paused = members.filter(({ state }) => state === 'paused').length;
  const faults = [
    ...(failed > 0
      ? [`${failed} of ${members.length} runs failed. Look at their reasons, then try them again.`]
      : []),
    ...(paused > 0
      ? [`${paused} of ${members.length} runs were paused by themselves. Resume the sweep to continue them.`]
      : []),
  ];
  setSweepState(
    store.db,
    sweep.id,
    faults.length === 0 ? { state: 'finished' } : { state: 'paused', error: faults.join(' ') },
  );
  listener.onChange(sweep.id);
  listener.onEnd(getSweep(store.db, sweep.id));
}
