/** Requests that create runs, and start, pause, stop and queue jobs. */

import type { z } from 'zod';
import { readingOf, type RunConfig, withoutMeasurement } from '../../../shared/config/config.ts';
import { applyBudget } from '../../../shared/config/longerBudget.ts';
import { findPreset, resolvePreset, tiny } from '../../../shared/config/presets.ts';
import type { evaluationRequestSchema, NewRun, trainingRequests } from '../../../shared/contract/training.ts';
import { demoSource, isBoundToMachine, parseDataSource } from '../../../shared/dataset.ts';
import type { LaneJob, QueueState } from '../../../shared/queue.ts';
import { resumableStatuses, type RunRecord } from '../../../shared/run.ts';
import type { ParsedInput } from '../../../shared/contract.ts';
import type { TimeEstimate } from '../../../shared/text/timeRange.ts';
import { describeError } from '../../../shared/text/describeError.ts';
import { branchRun } from '../../jobs/branchRun.ts';
import { planEvaluation } from '../../jobs/evaluationJob.ts';
import type { TrainingRequest } from '../../jobs/laneJob.ts';
import { checkResumable } from '../../jobs/training.ts';
import { findLease, isLeaseLive } from '../../store/runs/leases.ts';
import { insertRun } from '../../store/runs/runLifecycle.ts';
import { changeTags } from '../../store/runs/runMarks.ts';
import { getRun, updateRun } from '../../store/runs/runs.ts';
import { asConflict, RequestFailure } from '../failure.ts';
import { readDataset } from '../library/readDataset.ts';
import type { LaboratoryParts } from '../parts.ts';
import type { HandlersOf } from '../register.ts';
import { estimateRun } from './estimateRun.ts';
import { addTimes, estimateEvaluation } from './estimateTimes.ts';
import { measureSlowness } from '../../runtime/processorSpeed.ts';

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
    'training.estimateEvaluation': (request) => estimateEvaluations(parts, request),
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

type Parts = Pick<LaboratoryParts, 'store' | 'lane' | 'sweeps' | 'live' | 'options'>;

/** @throws RequestFailure when there is nothing left to train or the run is already active. */
function startRun({ store, lane, sweeps }: Parts, id: string, request: TrainingRequest): QueueState {
  const { budget } = request;
  if (budget?.steps !== undefined && budget.epochs !== undefined)
    throw new RequestFailure('invalid', 'Steps and epochs exclude each other. Give one of them.');
  const run = getRun(store.db, id);
  if (run.status === 'finished' && !budget)
    throw new RequestFailure('conflict', `“${run.name}” has finished. Give it a larger budget to continue.`);
  // Its sweep knows how far it is to be trained, and scores it then.
  if (!budget && sweeps.resume(id)) return lane.state();
  asConflict(() => {
    checkResumable(run, budget && applyBudget(run.config, budget));
    lane.add({ kind: 'training', runId: id, request });
  });
  return lane.state();
}

/** Pauses a running job or removes a waiting one from the queue. @throws RequestFailure when it is neither. */
function pauseRun({ store, lane }: Parts, id: string): QueueState {
  const job = { kind: 'training', runId: id } as const;
  if (lane.end(job, 'pause') || lane.remove(job)) return lane.state();
  throw new RequestFailure('conflict', describeInactive({ store }, id));
}

/** Stops a run, or marks an inactive one as stopped. @throws RequestFailure when it has ended or is active in another process. */
function stopRun({ store, lane, live }: Parts, id: string): QueueState {
  const job = { kind: 'training', runId: id } as const;
  if (lane.end(job, 'stop')) return lane.state();
  const { status } = getRun(store.db, id);
  const isFree = !isActiveElsewhere({ store }, id) && resumableStatuses.includes(status);
  const wasWaiting = lane.remove(job);
  if (isFree) updateRun(store.db, id, { status: 'stopped' });
  else if (!wasWaiting) throw new RequestFailure('conflict', describeInactive({ store }, id));
  live.runsChanged([id]);
  return lane.state();
}

/** @throws RequestFailure when the run has no checkpoint or is already being evaluated. */
function evaluateRun(
  { store, lane, library, options }: Parts & Pick<LaboratoryParts, 'library'>,
  { id, datasetId, ...given }: z.output<typeof evaluationRequestSchema>,
): QueueState {
  getRun(store.db, id);
  const request = datasetId === undefined ? given : { ...given, source: library.sourceOf(datasetId) };
  asConflict(() => {
    planEvaluation(store, id, { request, cacheFolder: options.cacheFolder });
    lane.add({ kind: 'evaluation', runId: id, request });
  });
  return lane.state();
}

function estimateEvaluations(
  { store, library, options, system }: Pick<LaboratoryParts, 'store' | 'library' | 'options' | 'system'>,
  { ids, datasetId, ...given }: ParsedInput<'training.estimateEvaluation'>,
): TimeEstimate {
  const request = datasetId === undefined ? given : { ...given, source: library.sourceOf(datasetId) };
  const sources = { db: store.db, report: system.report(), slowness: measureSlowness };
  const estimates = ids.map((id) =>
    asConflict(() => {
      const { job } = planEvaluation(store, id, { request, cacheFolder: options.cacheFolder });
      return estimateEvaluation(sources, getRun(store.db, id).config, job);
    }),
  );
  return estimates.reduce(addTimes);
}

/** Removes a waiting job from the queue, or cancels a running evaluation or study. */
function endJob({ lane }: Parts, job: Pick<LaneJob, 'kind' | 'runId'>): QueueState {
  if (!lane.remove(job) && job.kind !== 'training') lane.end(job, 'stop');
  return lane.state();
}

function isActiveElsewhere({ store }: Pick<Parts, 'store'>, id: string): boolean {
  const lease = findLease(store.db, id);
  return lease !== undefined && isLeaseLive(lease);
}

function describeInactive(parts: Pick<Parts, 'store'>, id: string): string {
  const { name, status } = getRun(parts.store.db, id);
  return isActiveElsewhere(parts, id)
    ? `“${name}” is active in another process on this machine. End it there.`
    : `“${name}” is already ${status}. There is nothing to pause or stop.`;
}

/**
 * Creates a run, and queues it if requested.
 * @throws RequestFailure when the dataset cannot be used or the checkpoint to branch from does not fit.
 */
async function createRun(parts: LaboratoryParts, request: NewRun): Promise<RunRecord> {
  const { store, library, lane, live } = parts;
  const { state, problem, title } = await library.find(request.datasetId);
  if (state === 'broken')
    throw new RequestFailure(
      'conflict',
      problem ?? `The dataset “${title}” cannot be read. Verify it first.`,
    );
  const data = { ...request.config.data, source: library.sourceOf(request.datasetId) };
  // A new run has neither a history of longer budgets nor measurements, even if its configuration was copied from another run.
  const copied = withoutMeasurement(request.config);
  const config = { ...copied, data, optim: { ...copied.optim, extensions: [] } };
  await checkReadable(parts, config);
  const name = request.name || (findPreset(config.preset)?.name ?? config.preset);
  const { branchFrom } = request;
  const run = asConflict(() =>
    branchFrom
      ? branchRun(store, { name, config, from: branchFrom })
      : insertRun(store, { name, config, totalSteps: config.train.steps }),
  );
  changeTags(store, [run.id], { add: request.tags, remove: [] });
  live.listChanged();
  library.announce();
  if (request.then === 'start') asConflict(() => lane.add({ kind: 'training', runId: run.id, request: {} }));
  return getRun(store.db, run.id);
}

/** Checks the images before creating a run that could not be trained. @throws RequestFailure when they cannot be read. */
async function checkReadable({ options }: LaboratoryParts, { data }: RunConfig): Promise<void> {
  const { source } = data;
  if (!isBoundToMachine(parseDataSource(source))) return;
  const { cacheFolder } = options;
  try {
    await readDataset({ source, split: 'train', first: 1, reading: readingOf(data), cacheFolder });
  } catch (error) {
    throw new RequestFailure('conflict', describeError(error), { cause: error });
  }
}

const demoMinutes = 3;

/** Creates the demo run, which takes minutes and needs no download. */
function createDemo(parts: LaboratoryParts): Promise<RunRecord> {
  const config = resolvePreset(tiny);
  const train = { ...config.train, minutes: demoMinutes };
  return createRun(parts, {
    name: 'demo',
    datasetId: demoSource,
    tags: [],
    then: 'start',
    branchFrom: null,
    config: { ...config, train },
  });
}
