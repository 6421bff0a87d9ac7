/** Writes the log of a run while it is computed. */

import { titleOfSolver } from '../../shared/config/samplerConfig.ts';
import { cpus, totalmem } from 'node:os';
import { referenceMethods } from '../../shared/comparison/trainingReferences.ts';
import type { BackendInfo, RunRecord } from '../../shared/run.ts';
import type { RunLogKind } from '../../shared/runLog.ts';
import {
  formatBytes,
  formatCount,
  formatDecibels,
  formatDevice,
  formatDuration,
  formatPlural,
  formatSignificant,
} from '../../shared/text/format.ts';
import { describeError } from '../../shared/text/describeError.ts';
import { isClassical } from '../../shared/comparison/comparisonOfRuns.ts';
import type { Evaluation } from '../../shared/metric.ts';
import type { ComputeEvent, EvaluateJob, StudiedRun, StudyJob } from '../compute/protocol.ts';
import { describeCheckpoint, insertLogLine } from '../store/runs/runLog.ts';
import { getRun } from '../store/runs/runs.ts';
import type { Store } from '../store/store.ts';

export interface RunLogger {
  record(event: ComputeEvent): void;
  /** Writes that the compute process has ended by itself and is started again. */
  crash(message: string): void;
  /** Writes how the run ended. */
  settle(run: RunRecord): void;
}

/** Who asked for the end of a training, as the log says it: `on the page`, `by Ctrl-C in the terminal`, `by SIGTERM`. */
export type Requester = string;

/** Writes that somebody asked for the end of a training. */
export function logEndRequest(
  { db }: Pick<Store, 'db'>,
  runId: string,
  { what, by }: { readonly what: 'Pause' | 'Stop' | 'End at once'; readonly by: Requester },
): void {
  const { step } = getRun(db, runId);
  insertLogLine(db, runId, { step, kind: 'end', text: `${what} requested ${by}` });
}

/** Log of a job that is computed apart from training. */
interface ResultLogger {
  finish(text: string): void;
  /** An AbortError: cancelled. */
  fail(error: unknown): void;
}

function logResult(
  { db }: Pick<Store, 'db'>,
  runId: string,
  {
    step,
    kind,
    start,
  }: { readonly step: number; readonly kind: 'evaluation' | 'study'; readonly start: string },
): ResultLogger {
  const name = capitalize(kind);
  const write = (text: string, as: RunLogKind = kind) =>
    insertLogLine(db, runId, { step, kind: as, text: `${name} ${text}` });
  write(`starts: ${start}`);
  return {
    finish: write,
    fail(error) {
      const isCancelled = error instanceof DOMException && error.name === 'AbortError';
      if (isCancelled) write('cancelled');
      else write(`failed. ${describeError(error)}`, 'error');
    },
  };
}

/** Log of an evaluation that is computed apart from training. */
export interface EvaluationLogger extends Pick<ResultLogger, 'fail'> {
  /** `isPartial`: it was cancelled, and keeps the sampling settings that were computed. */
  finish(evaluation: Evaluation, isPartial?: boolean): void;
}

export function logEvaluation(
  store: Pick<Store, 'db'>,
  runId: string,
  { step, job }: { readonly step: number; readonly job: Pick<EvaluateJob, 'plans' | 'images'> },
): EvaluationLogger {
  const [plan, ...others] = job.plans;
  const settings =
    others.length > 0
      ? formatPlural(job.plans.length, 'sampling setting')
      : plan && `${titleOfSolver(plan.solver)}, ${formatPlural(plan.steps, 'step')}`;
  const start = `${formatPlural(job.images, 'image')}${settings ? `, ${settings}` : ''}`;
  const log = logResult(store, runId, { step, kind: 'evaluation', start });
  return {
    finish({ rows, protocol }, isPartial = false) {
      const own = rows.filter((row) => !isClassical(row)).flatMap(({ psnr }) => psnr ?? []);
      const score =
        own.length === 0
          ? ''
          : `: ${own.length > 1 ? 'at best ' : ''}PSNR ${formatDecibels(Math.max(...own))}`;
      log.finish(
        `${isPartial ? 'cancelled, its finished settings are kept' : 'finished'}${score} (${formatPlural(protocol.images, 'image')})`,
      );
    },
    fail: log.fail,
  };
}

export interface StudyLogger extends Pick<ResultLogger, 'fail'> {
  finish(study: Pick<StudiedRun, 'seconds'>): void;
}

export function logStudy(
  store: Pick<Store, 'db'>,
  runId: string,
  { step, job }: { readonly step: number; readonly job: Pick<StudyJob, 'indices' | 'samples'> },
): StudyLogger {
  const { indices, samples } = job;
  const start = `${formatPlural(indices.length, 'image')}, ${formatPlural(samples, 'sample')} each`;
  const log = logResult(store, runId, { step, kind: 'study', start });
  return {
    finish: ({ seconds }) => log.finish(`finished in ${formatDuration(seconds)}`),
    fail: log.fail,
  };
}

type EventOf<Type extends ComputeEvent['type']> = Extract<ComputeEvent, { type: Type }>;

/** @param fromStep Step that the run starts at or resumes from. */
export function createRunLogger(store: Pick<Store, 'db'>, runId: string, fromStep: number): RunLogger {
  let step = fromStep;
  let phase = '';
  let isWarned = false;
  const write = (kind: RunLogKind, text: string) => insertLogLine(store.db, runId, { step, kind, text });

  /** The text of a warning names the step: only the first one, and that it is withdrawn, are news. */
  function recordWarning(warning: string | null | undefined): void {
    if (warning === undefined) return;
    if (warning !== null && !isWarned) write('warning', warning);
    if (warning === null && isWarned) write('warning', 'The run learns now: the warning is withdrawn');
    isWarned = warning !== null;
  }

  function recordTraining(event: ComputeEvent): void {
    switch (event.type) {
      case 'step':
        step = event.step;
        break;
      case 'evaluation':
        write('evaluation', describeScores(event));
        recordWarning(event.warning);
        break;
      case 'references':
        write('evaluation', describeReferences(event));
        break;
      case 'checkpoint':
        write('checkpoint', describeCheckpoint(event.bytes, event.isBest));
        break;
      case 'preview':
        write('preview', `Preview of ${formatPlural(imagesOf(event), 'image')}`);
        break;
    }
  }

  function writeStart(event: EventOf<'started'>): void {
    write('start', describeStart(event));
    write('start', describeData(event));
    if (event.dataChanged)
      write('warning', 'The images differ from those that the run was trained on before');
  }

  function recordProcess(event: ComputeEvent): void {
    switch (event.type) {
      case 'ready':
        write('start', describeMachine(event.backend));
        if (event.reason !== null) write('warning', event.reason);
        break;
      case 'started':
        step = event.step;
        writeStart(event);
        break;
      case 'execution':
        write(
          'phase',
          `${capitalize(event.what)}: ${event.kind}${event.reason === null ? '' : ` (${event.reason})`}`,
        );
        break;
      case 'progress':
        if (event.phase !== phase) write('phase', capitalize(event.phase));
        phase = event.phase;
        break;
      case 'failed':
        write('error', event.message);
        break;
    }
  }

  return {
    record(event) {
      recordProcess(event);
      recordTraining(event);
    },
    crash: (message) => write('error', message),
    settle(run) {
      step = run.step;
      write('end', describeEnd(run));
    },
  };
}

function capitalize(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function describeStart({ step, totalSteps, stepsPerEpoch, parameters }: EventOf<'started'>): string {
  const begins = step === 0 ? 'Training starts' : `Training resumes at step ${formatCount(step)}`;
  return `${begins}: at most ${formatPlural(totalSteps, 'step')}, ${formatCount(stepsPerEpoch)} per epoch, ${formatPlural(parameters, 'parameter')}`;
}

/** Processor and memory, but nothing that names the machine. */
function describeMachine(backend: BackendInfo): string {
  const cores = cpus();
  const model = cores.at(0)?.model.trim() ?? 'unknown processor';
  return `${formatDevice(backend)}. ${model}, ${formatPlural(cores.length, 'core')}, ${formatBytes(totalmem())} of memory`;
}

function describeData({ dataset }: EventOf<'started'>): string {
  const { count, width, height, split, notes } = dataset;
  const images = `Data: ${formatPlural(count, 'image')} of ${width} × ${height} pixels (${split})`;
  return [`${images}.`, ...notes].join(' ');
}

function describeScores({ scores }: EventOf<'evaluation'>): string {
  const { psnr, ssim, mse, mae } = scores;
  return `PSNR ${formatDecibels(psnr)}, SSIM ${formatSignificant(ssim)}, MSE ${formatSignificant(mse)}, MAE ${formatSignificant(mae)}`;
}

function describeReferences({ scores }: EventOf<'references'>): string {
  const methods = referenceMethods.map((method) => `${method} ${formatDecibels(scores[method].psnr)}`);
  return `Classical methods on the same images: ${methods.join(', ')}`;
}

/** Images are below each other, truth, observed pixels and result side by side, all square. */
function imagesOf({ rows: { width, height } }: EventOf<'preview'>): number {
  return Math.max(1, Math.round((3 * height) / width));
}

const endTexts: Partial<Record<RunRecord['status'], string>> = {
  finished: 'Finished',
  paused: 'Paused',
  stopped: 'Stopped',
  diverged: 'Diverged',
  crashed: 'Crashed',
  interrupted: 'Interrupted',
};

function describeEnd({ status, step, processSeconds, error }: RunRecord): string {
  const where = `at step ${formatCount(step)} after ${formatDuration(processSeconds)} of training`;
  return `${endTexts[status] ?? status} ${where}${error === null ? '' : `. ${error}`}`;
}
