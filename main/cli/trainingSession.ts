/** Training in the terminal: progress, JSON lines and Ctrl-C. */

import { readingOf, type RunConfig } from '../../shared/config/config.ts';
import { type DatasetInfo, describeIdentity } from '../../shared/dataset.ts';
import { formatFixed } from '../../shared/numbers/nonFinite.ts';
import type { RunRecord } from '../../shared/run.ts';
import { describeMessage } from '../../shared/text/describeError.ts';
import {
  describeBest,
  formatDecibels,
  formatDuration,
  formatPlural,
  formatSignificant,
} from '../../shared/text/format.ts';
import type { ComputeEvent } from '../compute/protocol.ts';
import { checkDataSource } from '../datasets/registry.ts';
import { NotStartedError } from '../jobs/followRun.ts';
import { forkHost } from '../jobs/computeHost.ts';
import { createPace, type PaceReading } from '../jobs/laneProgress.ts';
import { startTraining, type Training, type TrainingOptions } from '../jobs/training.ts';
import { onEndRequest, requestedExitCode } from '../runtime/processEnd.mjs';
import { insertRun, purgeRun, softDeleteRun } from '../store/runs/runLifecycle.ts';
import { getRun } from '../store/runs/runs.ts';
import type { Store } from '../store/store.ts';
import { interruptedCode } from './command.ts';
import { describeWarning, formatBackend, formatEager, formatProgress, formatStatus } from './format.ts';
import { cacheFolder } from './labStore.ts';
import type { Output } from './output.ts';

/**
 * Creates a run and trains it. A run that cannot start is not kept.
 * @throws Error when its images cannot be read or it cannot start.
 */
export async function trainNewRun(
  store: Store,
  run: { name: string; config: RunConfig },
  { output, announce }: { output: Output; announce: (run: RunRecord) => void },
): Promise<RunRecord> {
  await checkDataSource(run.config.data.source, {
    ...readingOf(run.config.data),
    cacheFolder: cacheFolder(),
  });
  const created = insertRun(store, run);
  announce(created);
  try {
    return await followTraining(store, { id: created.id }, output);
  } catch (error) {
    if (!(error instanceof NotStartedError)) throw error;
    softDeleteRun(store, created.id);
    purgeRun(store, created.id);
    throw new Error(`${error.reason} The run was not kept, because no step was trained.`, {
      cause: error,
    });
  }
}

/** Trains until the run ends or is paused. Returns its record at that time. */
export async function followTraining(
  store: Store,
  run: { id: string } & Pick<TrainingOptions, 'config' | 'schedule' | 'source' | 'acceptChangedData'>,
  output: Output,
): Promise<RunRecord> {
  const { minutes } = (run.config ?? getRun(store.db, run.id).config).train;
  const training = startTraining(store, run.id, {
    createHost: forkHost,
    cacheFolder: cacheFolder(),
    ...run,
    onEvent: createListener(output, minutes),
    onDamaged: (faults) =>
      faults.forEach(({ file, reason }) => output.note(`${file} is damaged and was skipped: ${reason}`)),
  });
  const release = pauseOnRequest(training, output);
  try {
    return await training.ended;
  } finally {
    release();
  }
}

/** Prints how a run ended, as text and as the last JSON line. Returns the exit code. */
export function reportEnd(run: RunRecord, output: Output): number {
  output.json({ event: 'done', run });
  const trained = `${formatPlural(run.step, 'step')}, ${formatDuration(run.processSeconds)} of training`;
  output.text(
    `Run ${run.id} "${run.name}" ${formatStatus(run.status)}: ${trained}, ${describeBest(run.bestPsnr)}.`,
  );
  if (run.error) output.note(describeMessage(run.error));
  if (run.warning) output.note(describeWarning(run.warning));
  if (['paused', 'stopped', 'interrupted'].includes(run.status))
    output.text(`Continue it with: lab resume ${run.id}`);
  if (run.status === 'finished') output.text(`Compare it with: lab evaluate ${run.id}`);
  if (run.status === 'interrupted') return requestedExitCode() ?? interruptedCode;
  return run.status === 'crashed' || run.status === 'diverged' || run.error !== null ? 1 : 0;
}

/**
 * The first request to end writes a checkpoint and pauses; after a Ctrl-C the run is scored too, because somebody is there
 * who may want to read it. A second request ends at once and keeps the newest checkpoint.
 */
function pauseOnRequest(training: Training, output: Output): () => void {
  return onEndRequest(({ cause, isRepeated }) => {
    const by = requesters[cause] ?? `by the signal ${cause}`;
    if (isRepeated) {
      training.kill(by);
      return;
    }
    output.note(
      'Pausing: writing a checkpoint. Press Ctrl-C again to quit at once and keep only the previous checkpoint.',
    );
    training.pause({ scores: cause === 'SIGINT', by });
  });
}

/** Who asks for the end of a training, for its log. */
const requesters: Readonly<Record<string, string>> = {
  SIGINT: 'by Ctrl-C in the terminal',
  launcher: 'because the process that started this one is gone',
};

/** Without a reason, a graph would not be faster: so it is on a card. */
function noteEager(event: Extract<ComputeEvent, { type: 'execution' }>, output: Output): void {
  if (event.kind === 'eager' && event.reason !== null) output.note(formatEager(event));
}

function createListener(output: Output, minutes: number | null): (event: ComputeEvent) => void {
  const pace = createPace();
  let warned: string | null = null;
  return (event) => {
    reportJson(event, output);
    switch (event.type) {
      case 'ready':
        output.note(formatBackend(event));
        break;
      case 'execution':
        noteEager(event, output);
        break;
      case 'retried':
        output.note(event.message);
        break;
      case 'progress':
        output.progress(formatProgress(event));
        break;
      case 'started':
        noteStart(event, output);
        pace.start({ ...event, minutes });
        break;
      case 'step':
        output.progress(describePace(event, pace.read(event)));
        break;
      case 'evaluation':
        output.note(describeEvaluation(event));
        if (event.warning && event.warning !== warned) output.note(`  ${describeWarning(event.warning)}`);
        if (event.warning !== undefined) warned = event.warning;
        break;
    }
  };
}

type EventOf<Type extends ComputeEvent['type']> = Extract<ComputeEvent, { type: Type }>;

function noteStart(event: EventOf<'started'>, output: Output): void {
  const { source, count, height } = event.dataset;
  const from = event.step > 0 ? `Continuing from step ${event.step}` : 'Starting';
  const parameters = event.parameters.toLocaleString('en');
  output.note(`${from}: ${count} images of ${height}×${height} from ${source}, ${parameters} parameters.`);
  for (const note of event.dataset.notes) output.note(`  ${note}`);
  if (event.dataChanged) output.note(`  ${describeChanges(event.dataset)}`);
}

function describeEvaluation({ step, scores, exactImages, processSeconds }: EventOf<'evaluation'>): string {
  const exact = exactImages > 0 && scores.psnr !== Infinity ? `, ${exactImages} exact` : '';
  const score = `${formatDecibels(scores.psnr)}${exact}, SSIM ${scores.ssim.toFixed(3)}`;
  return `  step ${step}: ${score} (${formatDuration(processSeconds)})`;
}
function describeChanges({ changes = [] }: DatasetInfo): string {
  const change = changes.at(-1);
  if (!change) return '';
  const { from, to, split } = change;
  return `Changed data accepted: ${describeIdentity(to, split)} instead of ${describeIdentity(from, split)}. The best evaluation is tracked from here.`;
}

/** Prints one JSON line per event, except previews and reconstructions, whose images are in the store. */
function reportJson(event: ComputeEvent, output: Output): void {
  const { type, ...rest } = event;
  if (type === 'preview' || type === 'reconstructed') return;
  output.json({ event: type, ...rest });
}

/** `step 120 · epoch 1 · loss 0.0041 · 9.8 steps/s · 2 min 10 s left` */
export function describePace(
  event: Extract<ComputeEvent, { type: 'step' }>,
  { stepsPerSecond, secondsLeft }: PaceReading,
): string {
  return [
    `step ${event.step}`,
    `epoch ${event.epoch}`,
    `loss ${formatSignificant(event.loss, 3)}`,
    ...(stepsPerSecond === null ? [] : [`${formatFixed(stepsPerSecond, 1)} steps/s`]),
    ...(secondsLeft === null ? [] : [`${formatDuration(secondsLeft)} left`]),
  ].join(' · ');
}
