/**
 * The compute lanes: trainings, evaluations and studies run one after the other, or several at a time, in an order that survives
 * a restart.
 */

import type { LaneJob, QueueState } from '../../shared/queue.ts';
import { describeError } from '../../shared/text/describeError.ts';
import { readQueue, writeQueue } from '../store/queue.ts';
import { getRun } from '../store/runs/runs.ts';
import type { Store } from '../store/store.ts';
import type { CreateHost } from './computeHost.ts';
import { createClassicalMemory } from './evaluationJob.ts';
import { listCards, shareOf, wholeMachine } from './laneShare.ts';
import {
  type JobListener,
  type JobResources,
  type LaneRequest,
  type LaneResources,
  type StartedJob,
  startJob,
} from './laneJob.ts';
import { type ProgressTracker, trackProgress } from './laneProgress.ts';

export interface LaneListener extends JobListener {
  onState(state: QueueState): void;
  onBegin(job: LaneJob): void;
  /** `hasFailed`: `onFailure` was called. */
  onEnd(job: LaneJob, how: { readonly hasFailed: boolean }): void;
  /** A job could not be started in its turn, or failed in a way that is not part of its run's status. */
  onFailure(runId: string, message: string): void;
}

export interface Lane {
  state(): QueueState;
  isBusy(): boolean;
  find(job: JobName): 'active' | 'waiting' | null;
  /**
   * Starts a job at once if a lane is free, else appends it to the queue; a waiting job keeps its position.
   * @throws Error if it cannot be started, or is being computed.
   */
  add(job: LaneRequest): void;
  /**
   * Pauses or stops an active job; a training is scored after its checkpoint, unless this is the second request.
   * Returns false if this job is not active.
   */
  end(job: JobName, how: 'pause' | 'stop'): boolean;
  /** Removes a waiting job; false if it does not wait. */
  remove(job: JobName): boolean;
  /** Moves a waiting job to a position, 0 = next; false if it does not wait. */
  move(job: JobName, position: number): boolean;
  /** Resumes a held queue. */
  release(): void;
  /** Starts what waits, or what the supply has, while lanes are free: call it after their number was changed. */
  advance(): void;
  /** Pauses the active jobs and holds the queue. Resolves when all lanes are idle. */
  pauseAll(): Promise<void>;
  /** As `pauseAll`, but ends the jobs at once, without a new checkpoint. */
  close(): Promise<void>;
}

interface ActiveJob {
  /** Number of its lane, from 0. */
  readonly lane: number;
  readonly request: LaneRequest;
  readonly job: LaneJob;
  readonly started: StartedJob;
  readonly progress: ProgressTracker;
  readonly settled: Promise<void>;
  /** Whether the user has requested its end. */
  isEnding: boolean;
}

/** Gives the lane jobs when nothing waits in the queue. */
export interface JobSupply {
  /** Returns a job to start now; null if there is none. */
  next(): LaneRequest | null;
  /** A job that came from here ended, or could not be started. `failure`: why it failed, unless its run says so. */
  ended(job: JobName, failure: string | null): void;
  /** Whether a job came from here. */
  owns(job: JobName): boolean;
}

interface LaneState {
  readonly resources: JobResources;
  readonly listener: LaneListener;
  readonly waiting: WaitingJobs;
  /** In the order they were started. */
  active: readonly ActiveJob[];
  readonly lanes: () => number;
  /** Nothing that waits starts by itself. */
  held: boolean;
  readonly supply: JobSupply | null;
  /** Whether the supply is asked: not once everything was paused. */
  isSupplied: boolean;
}

/** Milliseconds between two reports of the active jobs' progress. */
const progressInterval = 500;

export interface LaneOptions {
  readonly supply?: JobSupply;
  /** Returns how many jobs run at a time; default: one. */
  readonly lanes?: () => number;
  /** Whether waiting jobs are stored, and continue after a restart; default: true. */
  readonly isStored?: boolean;
}

/** Opens the lanes with the queue of the last session, which is held if jobs wait in it. */
export function createLane(resources: LaneResources & LaneOptions, listener: LaneListener): Lane {
  const waiting = openWaitingJobs(resources.isStored === false ? null : resources.store);
  const lane: LaneState = {
    resources: { ...resources, memory: createClassicalMemory() },
    listener,
    waiting,
    active: [],
    lanes: resources.lanes ?? (() => 1),
    held: waiting.list().length > 0,
    supply: resources.supply ?? null,
    isSupplied: true,
  };
  /** Does the work, then reports the new state. */
  const reporting = <Result>(work: () => Result): Result => {
    const result = work();
    listener.onState(readState(lane));
    return result;
  };
  return {
    state: () => readState(lane),
    isBusy: () => lane.active.length > 0,
    find: (job) => findJob(lane, job),
    add: (job) => reporting(() => addJob(lane, job)),
    end: (job, how) => reporting(() => endActive(lane, job, how)),
    remove: (job) => reporting(() => waiting.remove(job)),
    move: (job, position) => reporting(() => waiting.move(job, position)),
    release: () =>
      reporting(() => {
        lane.held = false;
        lane.isSupplied = true;
        advance(lane);
      }),
    advance: () =>
      reporting(() => {
        lane.isSupplied = true;
        advance(lane);
      }),
    pauseAll: () => reporting(() => emptyLane(lane, 'pause')),
    close: () => emptyLane(lane, 'kill'),
  };
}

function readState(lane: LaneState): QueueState {
  const { active, held } = lane;
  const waiting = lane.waiting.list().map((request) => describeJob(lane, request));
  return {
    active: active.map(({ progress, job }) => progress.read(job)),
    waiting,
    held: held && waiting.length > 0,
  };
}

function describeJob({ resources }: LaneState, { kind, runId }: JobName): LaneJob {
  const name = resources.store.db.prepare<[string], string>('SELECT name FROM runs WHERE id = ?').pluck();
  return { kind, runId, name: name.get(runId) ?? runId };
}

function findJob({ active, waiting }: LaneState, job: JobName): 'active' | 'waiting' | null {
  if (active.some((each) => isSameJob(each.job, job))) return 'active';
  return waiting.has(job) ? 'waiting' : null;
}

function addJob(lane: LaneState, job: LaneRequest): void {
  const place = findJob(lane, job);
  if (place === 'active') {
    const next = job.kind === 'training' ? 'Pause it first' : 'Wait until it ends';
    throw new Error(`The ${job.kind} of run ${job.runId} is being computed already. ${next}.`);
  }
  if (!isFree(lane, job)) {
    if (place === null) lane.waiting.put(job, 'last');
    return;
  }
  begin(lane, job);
  lane.waiting.remove(job);
}

/** Whether a job may start: a lane is free, and no other job of the run is active, whose checkpoints might change. */
function isFree({ active, lanes }: LaneState, { runId }: JobName): boolean {
  return active.length < lanes() && !active.some(({ job }) => job.runId === runId);
}

/** Returns the smallest number that no active job has. */
function freeLane({ active }: LaneState): number {
  const taken = new Set(active.map(({ lane }) => lane));
  let lane = 0;
  while (taken.has(lane)) lane++;
  return lane;
}

/** @throws Error if the job cannot be started; then its lane stays free. */
function begin(lane: LaneState, request: LaneRequest): void {
  const { resources, listener } = lane;
  const job = describeJob(lane, request);
  const progress = trackProgress(minutesOf(resources, request));
  const number = freeLane(lane);
  const lanes = lane.lanes();
  const share = lanes === 1 ? wholeMachine : shareOf(number, { lanes, cards: listCards() });
  const createHost: CreateHost = (mode) => resources.createHost(mode, share);
  const started = startJob(
    request,
    { ...resources, createHost },
    {
      ...listener,
      onCompute(runId, event) {
        progress.observe(event);
        listener.onCompute(runId, event);
      },
    },
  );
  const ticker = setInterval(() => listener.onState(readState(lane)), progressInterval);
  const settled: Promise<void> = started.ended
    .then(
      () => null,
      (error: unknown) => {
        listener.onFailure(request.runId, describeError(error));
        return describeError(error);
      },
    )
    .then((failure) => {
      clearInterval(ticker);
      lane.active = lane.active.filter((each) => each.settled !== settled);
      listener.onEnd(job, { hasFailed: failure !== null });
      lane.supply?.ended(job, failure);
      advance(lane);
      listener.onState(readState(lane));
    })
    // On a full disk, the end of a job and the start of the next one cannot be recorded either.
    .catch((error: unknown) => listener.onFailure(request.runId, describeError(error)));
  const begun = { lane: number, request, job, started, progress, settled, isEnding: false };
  lane.active = [...lane.active, begun];
  listener.onBegin(job);
}

function minutesOf({ store }: LaneResources, request: LaneRequest): number | null {
  if (request.kind !== 'training') return null;
  const { budget } = request.request;
  return budget ? (budget.minutes ?? null) : getRun(store.db, request.runId).config.train.minutes;
}

/** Starts jobs while lanes are free; those that cannot be started are reported and dropped. */
function advance(lane: LaneState): void {
  while (lane.active.length < lane.lanes()) {
    const waiting = lane.held ? undefined : lane.waiting.take((job) => isFree(lane, job));
    const next = waiting ?? (lane.isSupplied ? lane.supply?.next() : null);
    if (!next) return;
    try {
      begin(lane, next);
    } catch (error) {
      lane.listener.onFailure(next.runId, describeError(error));
      if (!waiting) lane.supply?.ended(next, describeError(error));
    }
  }
}

function endActive({ active }: LaneState, job: JobName, how: 'pause' | 'stop'): boolean {
  const found = active.find((each) => isSameJob(each.job, job));
  if (!found) return false;
  const isRepeated = found.isEnding;
  found.isEnding = true;
  found.progress.end(how === 'pause' ? 'pausing' : 'stopping');
  found.started[how]({ scores: !isRepeated, by: 'on the page' });
  return true;
}

/** Who asks for the end of a job, for its log. */
const whenClosed = 'because the application was closed';

async function emptyLane(lane: LaneState, how: 'pause' | 'kill'): Promise<void> {
  lane.held = true;
  lane.isSupplied = false;
  const { active } = lane;
  for (const { request, progress, started } of active) {
    // Evaluations and studies cannot be resumed: they start again when the queue does.
    if (request.kind !== 'training' && !lane.supply?.owns(request)) lane.waiting.put(request, 'first');
    progress.end('pausing');
    if (how === 'kill' || request.kind === 'evaluation') started.kill(whenClosed);
    else started.pause({ by: whenClosed });
  }
  await Promise.all(active.map(({ settled }) => settled));
}

/** Identifies a job: a run has at most one of each kind in the lane. */
type JobName = Pick<LaneJob, 'kind' | 'runId'>;

interface WaitingJobs {
  list(): readonly LaneRequest[];
  has(name: JobName): boolean;
  put(job: LaneRequest, position: 'last' | 'first'): void;
  /** Removes and returns the first job that may start; undefined if there is none. */
  take(mayStart: (job: LaneRequest) => boolean): LaneRequest | undefined;
  /** Returns false if the job does not wait. */
  remove(name: JobName): boolean;
  /** Moves a job to a position, 0 = first; returns false if it does not wait. */
  move(name: JobName, position: number): boolean;
}

/** `store`: null keeps the jobs in memory. */
function openWaitingJobs(store: Pick<Store, 'db'> | null): WaitingJobs {
  // The table holds only what this module wrote.
  let jobs = store ? readQueue(store.db).map((job) => job as LaneRequest) : [];
  const save = (changed: LaneRequest[]) => {
    jobs = changed;
    if (store) writeQueue(store.db, changed);
  };
  const without = (name: JobName) => jobs.filter((job) => !isSameJob(job, name));
  const has = (name: JobName) => jobs.some((job) => isSameJob(job, name));
  return {
    list: () => jobs,
    has,
    put: (job, position) => save(position === 'last' ? [...without(job), job] : [job, ...without(job)]),
    take(mayStart) {
      const first = jobs.find(mayStart);
      if (first) save(without(first));
      return first;
    },
    remove(name) {
      if (!has(name)) return false;
      save(without(name));
      return true;
    },
    move(name, position) {
      const job = jobs.find((other) => isSameJob(other, name));
      if (job) save(without(name).toSpliced(position, 0, job));
      return job !== undefined;
    },
  };
}

function isSameJob(one: JobName, other: JobName): boolean {
  return one.kind === other.kind && one.runId === other.runId;
}
