/** The compute lane: trainings, evaluations and studies run one after the other, in an order that survives a restart. */

import type { LaneJob, QueueState } from '../../shared/queue.ts';
import { describeError } from '../../shared/text/describeError.ts';
import { readQueue, writeQueue } from '../store/queue.ts';
import { getRun } from '../store/runs/runs.ts';
import type { Store } from '../store/store.ts';
import { createClassicalMemory } from './evaluationJob.ts';
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
   * Starts a job at once if the lane is idle, else appends it to the queue; a waiting job keeps its position.
   * @throws Error if it cannot be started, or is being computed.
   */
  add(job: LaneRequest): void;
  /**
   * Pauses or stops the active job; a training is scored after its checkpoint, unless this is the second request.
   * Returns false if this job is not active.
   */
  end(job: JobName, how: 'pause' | 'stop'): boolean;
  /** Removes a waiting job; false if it does not wait. */
  remove(job: JobName): boolean;
  /** Moves a waiting job to a position, 0 = next; false if it does not wait. */
  move(job: JobName, position: number): boolean;
  /** Resumes a held queue. */
  release(): void;
  /** Asks the supply for a job if the lane is idle. */
  advance(): void;
  /** Pauses the active job and holds the queue. Resolves when the lane is idle. */
  pauseAll(): Promise<void>;
  /** As `pauseAll`, but ends the job at once, without a new checkpoint. */
  close(): Promise<void>;
}

interface ActiveJob {
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
}

interface LaneState {
  readonly resources: JobResources;
  readonly listener: LaneListener;
  readonly waiting: WaitingJobs;
  active: ActiveJob | null;
  /** Nothing that waits starts by itself. */
  held: boolean;
  readonly supply: JobSupply | null;
  /** Whether the supply is asked: not once everything was paused. */
  isSupplied: boolean;
}

/** Milliseconds between two reports of the active job's progress. */
const progressInterval = 500;

/** Opens the lane with the queue of the last session, which is held if jobs wait in it. */
export function createLane(
  resources: LaneResources & { readonly supply?: JobSupply },
  listener: LaneListener,
): Lane {
  const waiting = openWaitingJobs(resources.store);
  const lane: LaneState = {
    resources: { ...resources, memory: createClassicalMemory() },
    listener,
    waiting,
    active: null,
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
    isBusy: () => lane.active !== null,
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
  return { active: active && active.progress.read(active.job), waiting, held: held && waiting.length > 0 };
}

function describeJob({ resources }: LaneState, { kind, runId }: JobName): LaneJob {
  const name = resources.store.db.prepare<[string], string>('SELECT name FROM runs WHERE id = ?').pluck();
  return { kind, runId, name: name.get(runId) ?? runId };
}

function findJob({ active, waiting }: LaneState, job: JobName): 'active' | 'waiting' | null {
  if (active && isSameJob(active.job, job)) return 'active';
  return waiting.has(job) ? 'waiting' : null;
}

function addJob(lane: LaneState, job: LaneRequest): void {
  const place = findJob(lane, job);
  if (place === 'active') {
    const next = job.kind === 'training' ? 'Pause it first' : 'Wait until it ends';
    throw new Error(`The ${job.kind} of run ${job.runId} is being computed already. ${next}.`);
  }
  if (lane.active) {
    if (place === null) lane.waiting.put(job, 'last');
    return;
  }
  begin(lane, job);
  lane.waiting.remove(job);
}

/** @throws Error if the job cannot be started; then the lane stays free. */
function begin(lane: LaneState, request: LaneRequest): void {
  const { resources, listener } = lane;
  const job = describeJob(lane, request);
  const progress = trackProgress(minutesOf(resources, request));
  const started = startJob(request, resources, {
    ...listener,
    onCompute(runId, event) {
      progress.observe(event);
      listener.onCompute(runId, event);
    },
  });
  const ticker = setInterval(() => listener.onState(readState(lane)), progressInterval);
  const settled = started.ended
    .then(
      () => null,
      (error: unknown) => {
        listener.onFailure(request.runId, describeError(error));
        return describeError(error);
      },
    )
    .then((failure) => {
      clearInterval(ticker);
      lane.active = null;
      listener.onEnd(job, { hasFailed: failure !== null });
      lane.supply?.ended(job, failure);
      advance(lane);
      listener.onState(readState(lane));
    });
  lane.active = { request, job, started, progress, settled, isEnding: false };
  listener.onBegin(job);
}

function minutesOf({ store }: LaneResources, request: LaneRequest): number | null {
  if (request.kind !== 'training') return null;
  const { budget } = request.request;
  return budget ? (budget.minutes ?? null) : getRun(store.db, request.runId).config.train.minutes;
}

/** Starts the next job; those that cannot be started are reported and dropped. */
function advance(lane: LaneState): void {
  while (!lane.active) {
    const waiting = lane.held ? undefined : lane.waiting.take();
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
  if (!active || !isSameJob(active.job, job)) return false;
  const isRepeated = active.isEnding;
  active.isEnding = true;
  active.progress.end(how === 'pause' ? 'pausing' : 'stopping');
  active.started[how]({ scores: !isRepeated, by: 'on the page' });
  return true;
}

/** Who asks for the end of a job, for its log. */
const whenClosed = 'because the application was closed';

async function emptyLane(lane: LaneState, how: 'pause' | 'kill'): Promise<void> {
  lane.held = true;
  lane.isSupplied = false;
  const { active } = lane;
  if (!active) return;
  // Evaluations and studies cannot be resumed: they start again when the queue does.
  if (active.request.kind !== 'training') lane.waiting.put(active.request, 'first');
  active.progress.end('pausing');
  if (how === 'kill' || active.request.kind === 'evaluation') active.started.kill(whenClosed);
  else active.started.pause({ by: whenClosed });
  await active.settled;
}

/** Identifies a job: a run has at most one of each kind in the lane. */
type JobName = Pick<LaneJob, 'kind' | 'runId'>;

interface WaitingJobs {
  list(): readonly LaneRequest[];
  has(name: JobName): boolean;
  put(job: LaneRequest, position: 'last' | 'first'): void;
  /** Removes and returns the first job; undefined if none waits. */
  take(): LaneRequest | undefined;
  /** Returns false if the job does not wait. */
  remove(name: JobName): boolean;
  /** Moves a job to a position, 0 = first; returns false if it does not wait. */
  move(name: JobName, position: number): boolean;
}

function openWaitingJobs({ db }: Pick<Store, 'db'>): WaitingJobs {
  // The table holds only what this module wrote.
  let jobs = readQueue(db).map((job) => job as LaneRequest);
  const save = (changed: LaneRequest[]) => {
    jobs = changed;
    writeQueue(db, changed);
  };
  const without = (name: JobName) => jobs.filter((job) => !isSameJob(job, name));
  const has = (name: JobName) => jobs.some((job) => isSameJob(job, name));
  return {
    list: () => jobs,
    has,
    put: (job, position) => save(position === 'last' ? [...without(job), job] : [job, ...without(job)]),
    take() {
      const [first, ...rest] = jobs;
      if (first) save(rest);
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
