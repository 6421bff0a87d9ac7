/** Requests that make runs compute. */

import type { z } from 'zod';
import { applyBudget } from '../../../shared/config/longerBudget.ts';
import type { evaluationRequestSchema, trainingRequests } from '../../../shared/contract/training.ts';
import type { LaneJob, QueueState } from '../../../shared/queue.ts';
import { resumableStatuses } from '../../../shared/run.ts';
import { planEvaluation } from '../../jobs/evaluationJob.ts';
import type { TrainingRequest } from '../../jobs/laneJob.ts';
import { checkResumable } from '../../jobs/training.ts';
import { findLease, isLeaseLive } from '../../store/runs/leases.ts';
import { getRun, updateRun } from '../../store/runs/runs.ts';
import { createDemo, createRun } from './createRun.ts';
import { estimateRun } from './estimateRun.ts';
import { orConflict, RequestFailure } from '../failure.ts';
import type { LaboratoryParts } from '../parts.ts';
import type { HandlersOf } from '../register.ts';

export function createTrainingHandlers(parts: LaboratoryParts): HandlersOf<typeof trainingRequests> {
  const { lane } = parts;
  return {
    'training.estimate': (request) => estimateRun(parts, request),
    'training.create': (request) => createRun(parts, request),
    'training.demo': () => createDemo(parts),
    'training.start': ({ id, ...request }) => startRun(parts, id, request),
    'training.pause': ({ id }) => pauseRun(parts, id),
    'training.stop': ({ id }) => stopRun(parts, id),
    'training.evaluate': (request) => evaluateRun(parts, request),
    'queue.get': () => lane.state(),
    'queue.remove': ({ id, kind }) => endJob(parts, { runId: id, kind }),
    'queue.move'({ id, kind, position }) {
      lane.move({ runId: id, kind }, position);
      return lane.state();
    },
    'queue.release'() {
      lane.release();
      return lane.state();
    },
  };
}

type Parts = Pick<LaboratoryParts, 'store' | 'lane' | 'live' | 'options'>;

/** @throws RequestFailure when there is nothing to go on with, or the run is being computed already. */
function startRun({ store, lane }: Parts, id: string, request: TrainingRequest): QueueState {
  const { budget } = request;
  if (budget?.steps !== undefined && budget.epochs !== undefined)
    throw new RequestFailure('invalid', 'Give steps or epochs, not both.');
  const run = getRun(store.db, id);
  if (run.status === 'finished' && !budget)
    throw new RequestFailure('conflict', `“${run.name}” has finished. Give it a larger budget to go on.`);
  orConflict(() => {
    checkResumable(run, budget && applyBudget(run.config, budget));
    lane.add({ kind: 'training', runId: id, request });
  });
  return lane.state();
}

/** Takes a run that waits out of the queue. @throws RequestFailure when it neither runs nor waits here. */
function pauseRun({ store, lane }: Parts, id: string): QueueState {
  const job = { kind: 'training', runId: id } as const;
  if (lane.end(job, 'pause') || lane.remove(job)) return lane.state();
  throw new RequestFailure('conflict', notComputedHere({ store }, id));
}

/** A run at rest counts as stopped from then on. @throws RequestFailure when it has ended, or runs elsewhere. */
function stopRun({ store, lane, live }: Parts, id: string): QueueState {
  const job = { kind: 'training', runId: id } as const;
  if (lane.end(job, 'stop')) return lane.state();
  const { status } = getRun(store.db, id);
  const isFree = !isComputedElsewhere({ store }, id) && resumableStatuses.includes(status);
  const wasWaiting = lane.remove(job);
  if (isFree) updateRun(store.db, id, { status: 'stopped' });
  else if (!wasWaiting) throw new RequestFailure('conflict', notComputedHere({ store }, id));
  live.runsChanged([id]);
  return lane.state();
}

/** @throws RequestFailure when the run has no checkpoint, or an evaluation of it is being computed. */
function evaluateRun(
  { store, lane, library, options }: Parts & Pick<LaboratoryParts, 'library'>,
  { id, dataSetId, ...asked }: z.output<typeof evaluationRequestSchema>,
): QueueState {
  getRun(store.db, id);
  const request = dataSetId === undefined ? asked : { ...asked, source: library.sourceOf(dataSetId) };
  orConflict(() => {
    planEvaluation(store, id, { request, cacheFolder: options.cacheFolder });
    lane.add({ kind: 'evaluation', runId: id, request });
  });
  return lane.state();
}

/** Takes a waiting job out of the queue, or gives up the evaluation that is being computed. */
function endJob({ lane }: Parts, job: Pick<LaneJob, 'kind' | 'runId'>): QueueState {
  if (!lane.remove(job) && job.kind === 'evaluation') lane.end(job, 'stop');
  return lane.state();
}

function isComputedElsewhere({ store }: Pick<Parts, 'store'>, id: string): boolean {
  const lease = findLease(store.db, id);
  return lease !== undefined && isLeaseLive(lease);
}

function notComputedHere(parts: Pick<Parts, 'store'>, id: string): string {
  const { name, status } = getRun(parts.store.db, id);
  return isComputedElsewhere(parts, id)
    ? `“${name}” is being computed by another process of this machine. End it there.`
    : `“${name}” is ${status} already: there is nothing to pause or stop.`;
}
