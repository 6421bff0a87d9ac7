/** The jobs that wait for the compute lane: an ordered list that the store keeps over a restart. */

import type { LaneJob } from '../../shared/queue.ts';
import { readQueue, writeQueue } from '../store/queue.ts';
import type { Store } from '../store/store.ts';
import type { LaneRequest } from './laneJob.ts';

/** What names a job: a run has at most one of each kind in the lane. */
export type JobName = Pick<LaneJob, 'kind' | 'runId'>;

export interface WaitingJobs {
  list(): readonly LaneRequest[];
  has(name: JobName): boolean;
  /** At the end, or at the front. */
  put(job: LaneRequest, place: 'last' | 'first'): void;
  /** Takes out the first job; undefined when none waits. */
  take(): LaneRequest | undefined;
  /** false where it does not wait. */
  remove(name: JobName): boolean;
  /** Puts a job at a place, 0 = first; false where it does not wait. */
  move(name: JobName, position: number): boolean;
}

export function openWaitingJobs({ db }: Pick<Store, 'db'>): WaitingJobs {
  // The table holds what this file wrote.
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
    put: (job, place) => save(place === 'last' ? [...without(job), job] : [job, ...without(job)]),
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

export function isSameJob(one: JobName, other: JobName): boolean {
  return one.kind === other.kind && one.runId === other.runId;
}
