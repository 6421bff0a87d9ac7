/** One job of the compute lane, a training, an evaluation or a study, from start to end. */

import type { MetricPoint } from '../../shared/metric.ts';
import { describeError } from '../../shared/text/describeError.ts';
import type { ComputeEvent } from '../compute/protocol.ts';
import type { StoredEvaluation } from '../store/runs/evaluations.ts';
import { getRun, updateRun } from '../store/runs/runs.ts';
import type { Store } from '../store/store.ts';
import { applyBudget, type Budget } from '../../shared/config/longerBudget.ts';
import type { CreateHost } from './computeHost.ts';
import {
  type ClassicalMemory,
  createEvaluationRecorder,
  type EvaluationRequest,
  planEvaluation,
} from './evaluationJob.ts';
import { ChangedDataError, runResultJob } from './resultJob.ts';
import type { StudyRequest } from '../../shared/study.ts';
import { logEvaluation, logStudy, type Requester } from './runLogger.ts';
import { keepStudy, planStudy } from './studyJob.ts';
import { type EndOptions, startTraining, type TrainingOptions } from './training.ts';

export type LaneRequest =
  | { readonly kind: 'training'; readonly runId: string; readonly request: TrainingRequest }
  | { readonly kind: 'evaluation'; readonly runId: string; readonly request: EvaluationRequest }
  | { readonly kind: 'study'; readonly runId: string; readonly request: StudyRequest };

export interface TrainingRequest extends Pick<TrainingOptions, 'schedule' | 'acceptChangedData' | 'pauseAt'> {
  readonly budget?: Budget;
}

export interface LaneResources {
  readonly store: Store;
  readonly createHost: CreateHost;
  readonly cacheFolder: string;
}

/** What the jobs of a lane share. */
export interface JobResources extends LaneResources {
  readonly memory: ClassicalMemory;
}

export interface StartedJob {
  /** Ends the job: a training writes a checkpoint to resume from, an evaluation is cancelled and keeps finished settings, a study is cancelled. */
  pause(options?: EndOptions): void;
  /** As `pause`, but a training is then stopped by the user. */
  stop(options?: EndOptions): void;
  /** Ends the job at once; an evaluation keeps nothing, because it starts again. */
  kill(by?: Requester): void;
  /** Rejects if the job failed in a way that is not part of its run's status. */
  readonly ended: Promise<void>;
}

export interface JobListener {
  onCompute(runId: string, event: ComputeEvent): void;
  /** Metrics that were stored. */
  onMetrics(runId: string, points: readonly MetricPoint[]): void;
  /** The preview of this step was written. */
  onPreview(runId: string, step: number): void;
  onEvaluated(evaluation: StoredEvaluation): void;
  /** The study of a run was stored. */
  onStudied(runId: string): void;
  /** A problem that does not end the job, such as a damaged checkpoint that was skipped. */
  onWarning(runId: string, message: string): void;
}

/** Starts a job. @throws Error as `startTraining` and `planEvaluation` do. */
export function startJob(job: LaneRequest, resources: JobResources, listener: JobListener): StartedJob {
  if (job.kind === 'training') return startTrainingJob(job, resources, listener);
  return job.kind === 'evaluation'
    ? startEvaluationJob(job, resources, listener)
    : startStudyJob(job, resources, listener);
}

function startTrainingJob(
  { runId, request }: Extract<LaneRequest, { kind: 'training' }>,
  { store, createHost, cacheFolder }: LaneResources,
  listener: JobListener,
): StartedJob {
  const { config } = getRun(store.db, runId);
  const training = startTraining(store, runId, {
    createHost,
    cacheFolder,
    config: request.budget && applyBudget(config, request.budget),
    schedule: request.schedule,
    acceptChangedData: request.acceptChangedData,
    pauseAt: request.pauseAt,
    onEvent: (event) => listener.onCompute(runId, event),
    onMetrics: (points) => listener.onMetrics(runId, points),
    onPreview: (step) => listener.onPreview(runId, step),
    onDamaged: (faults) =>
      faults.forEach(({ file, reason }) =>
        listener.onWarning(runId, `${file} is damaged and was skipped: ${reason}`),
      ),
  });
  return { ...training, ended: training.ended.then(() => undefined) };
}

function startEvaluationJob(
  { runId, request }: Extract<LaneRequest, { kind: 'evaluation' }>,
  { store, createHost, cacheFolder, memory }: JobResources,
  listener: JobListener,
): StartedJob {
  const { job: planned, step } = planEvaluation(store, runId, { request, cacheFolder });
  const job = { ...planned, knownClassical: memory.known() };
  const controller = new AbortController();
  const log = logEvaluation(store, runId, { step, job });
  const work = async () => {
    const recorder = createEvaluationRecorder(store, { runId, step, memory }, (error) =>
      listener.onWarning(runId, `The images of the evaluation were not stored: ${describeError(error)}`),
    );
    const onEvent = (event: ComputeEvent) => {
      recorder.observe(event);
      listener.onCompute(runId, event);
    };
    const options = { createHost, onEvent, signal: controller.signal };
    const { evaluation, isPartial } = await runResultJob({ type: 'evaluate', job }, 'evaluated', options);
    if (isPartial && startsAgain) throw new DOMException('It starts again later.', 'AbortError');
    const kept = await recorder.keep(evaluation);
    log.finish(kept, isPartial);
    listener.onEvaluated(kept);
  };
  let startsAgain = false;
  const end = () => controller.abort();
  const ended = work().catch((error: unknown) => {
    log.fail(error);
    throwUnlessAborted(error, { store, runId });
  });
  const kill = () => {
    startsAgain = true;
    end();
  };
  return { pause: end, stop: end, kill, ended };
}

function startStudyJob(
  { runId, request }: Extract<LaneRequest, { kind: 'study' }>,
  { store, createHost, cacheFolder }: JobResources,
  listener: JobListener,
): StartedJob {
  const { job, step } = planStudy(store, runId, { request, cacheFolder });
  const controller = new AbortController();
  const log = logStudy(store, runId, { step, job });
  const work = async () => {
    const onEvent = (event: ComputeEvent) => listener.onCompute(runId, event);
    const options = { createHost, onEvent, signal: controller.signal };
    const { study } = await runResultJob({ type: 'study', job }, 'studied', options);
    keepStudy(store, runId, study);
    log.finish(study);
    listener.onStudied(runId);
  };
  const end = () => controller.abort();
  const ended = work().catch((error: unknown) => {
    log.fail(error);
    throwUnlessAborted(error, { store, runId });
  });
  return { pause: end, stop: end, kill: end, ended };
}

/** To be cancelled is no failure of a job. */
function throwUnlessAborted(error: unknown, { store, runId }: { store: Store; runId: string }): void {
  if (error instanceof ChangedDataError) throw rememberChange(store, runId, error);
  if (!(error instanceof DOMException && error.name === 'AbortError')) throw error;
}

/** Remembers changed images, so that the user can decide to evaluate on them. */
function rememberChange(store: Store, runId: string, { message, found }: ChangedDataError): Error {
  const { dataset } = getRun(store.db, runId);
  if (dataset) updateRun(store.db, runId, { dataset: { ...dataset, refused: found } });
  return new Error(
    `${message} Restore the images, choose where they are now (“Locate data…” on the run’s page), or evaluate it on the changed images (“Evaluate…”).`,
  );
}
