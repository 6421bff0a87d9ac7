/** Runs one-result jobs (evaluations, reconstructions, parity checks) in the compute process, with progress and Ctrl-C. */

import { describeError } from '../../shared/text/describeError.ts';
import type { ParityOptions, ParityReport } from '../compute/parity/runParity.ts';
import type { ComputeEvent, EvaluateJob, Reconstruction, ReconstructJob } from '../compute/protocol.ts';
import type { Evaluation, Protocol } from '../../shared/metric.ts';
import type { Study } from '../../shared/study.ts';
import { formatPlural } from '../../shared/text/format.ts';
import { createEvaluationPace } from '../jobs/laneProgress.ts';
import { type ClassicalMemory, createEvaluationRecorder } from '../jobs/evaluationJob.ts';
import { forkHost } from '../jobs/computeHost.ts';
import { logEvaluation, logStudy } from '../jobs/runLogger.ts';
import { keepStudy, type planStudy } from '../jobs/studyJob.ts';
import { ChangedDataError, type ResultJobOptions, runResultJob } from '../jobs/resultJob.ts';
import { onEndRequest } from '../runtime/processEnd.mjs';
import type { Store } from '../store/store.ts';
import { formatBackend, formatEager, formatProgress } from './format.ts';
import { changedDataName } from './options.ts';
import type { Output } from './output.ts';

/**
 * Evaluates, and stores the result with its images as an evaluation of the run at `step`. With a `memory` shared by several
 * evaluations, classical methods are computed once per protocol. `onPartial` is called if it was interrupted and only some of its
 * sampling settings were computed.
 */
export async function evaluateInProcess(
  given: EvaluateJob,
  output: Output,
  to: {
    readonly store: Store;
    readonly runId: string;
    readonly step: number;
    readonly memory?: ClassicalMemory;
    readonly onPartial?: () => void;
  },
): Promise<Evaluation> {
  const job = { ...given, knownClassical: to.memory?.known() };
  const recorder = createEvaluationRecorder(to.store, to, (error) =>
    output.note(`The images of the evaluation were not stored: ${describeError(error)}`),
  );
  const run = (options: ResultJobOptions) =>
    runResultJob({ type: 'evaluate', job }, 'evaluated', {
      ...options,
      onEvent(event) {
        recorder.observe(event);
        options.onEvent?.(event);
      },
    });
  const log = logEvaluation(to.store, to.runId, { step: to.step, job });
  const { evaluation, isPartial = false } = await withSession(output, run).catch((error: unknown) => {
    log.fail(error);
    throw error;
  });
  log.finish(await recorder.keep(evaluation), isPartial);
  if (isPartial) to.onPartial?.();
  noteFewerImages(job.images, evaluation.protocol, output);
  return evaluation;
}

export function noteFewerImages(
  requested: number,
  { images, split }: Pick<Protocol, 'images' | 'split'>,
  output: Pick<Output, 'note'>,
): void {
  if (images < requested)
    output.note(
      `The ${split} split has ${formatPlural(images, 'image')}, not ${requested}. All of them were used.`,
    );
}

export async function reconstructInProcess(job: ReconstructJob, output: Output): Promise<Reconstruction> {
  const run = (options: ResultJobOptions) =>
    runResultJob({ type: 'reconstruct', job }, 'reconstructed', options);
  return (await withSession(output, run)).reconstruction;
}

/** Studies, and stores the result as the study of the run at `step`. */
export async function studyInProcess(
  { job, step }: ReturnType<typeof planStudy>,
  output: Output,
  { store, runId }: { readonly store: Store; readonly runId: string },
): Promise<Study> {
  const run = (options: ResultJobOptions) => runResultJob({ type: 'study', job }, 'studied', options);
  const log = logStudy(store, runId, { step, job });
  const { study } = await withSession(output, run).catch((error: unknown) => {
    log.fail(error);
    throw error;
  });
  const kept = keepStudy(store, runId, study);
  log.finish(kept);
  return kept;
}

export async function checkParity(job: ParityOptions, output: Output): Promise<ParityReport> {
  const run = (options: ResultJobOptions) => runResultJob({ type: 'parity', job }, 'checked', options);
  return (await withSession(output, run)).report;
}

/** Runs a job until it ends or Ctrl-C aborts it. @throws Error that says how to accept changed images. */
async function withSession<Result>(
  output: Output,
  work: (options: ResultJobOptions) => Promise<Result>,
): Promise<Result> {
  const controller = new AbortController();
  const release = onEndRequest(() => controller.abort());
  try {
    return await work({ createHost: forkHost, onEvent: listenTo(output), signal: controller.signal });
  } catch (error) {
    if (!(error instanceof ChangedDataError)) throw error;
    throw new Error(
      `${error.message} Restore the images, pass their present place with --data SOURCE, or accept the changed ones with --${changedDataName}.`,
      { cause: error },
    );
  } finally {
    release();
  }
}

function listenTo(output: Output): (event: ComputeEvent) => void {
  const pace = createEvaluationPace();
  return (event) => {
    if (event.type === 'ready') output.note(formatBackend(event));
    if (event.type === 'execution' && event.kind === 'eager' && event.reason !== null)
      output.note(formatEager(event));
    if (event.type === 'retried') output.note(event.message);
    if (event.type !== 'progress') return;
    const secondsLeft = event.fraction === undefined ? null : pace.read(event.fraction);
    output.progress(formatProgress({ ...event, secondsLeft }));
  };
}
