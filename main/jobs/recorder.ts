/** Writes what a compute process reports into the store; rows and files of one step appear together. */

import sharp from 'sharp';
import type { MetricName, MetricPoint } from '../../shared/metric.ts';
import type { ComputeEvent, PixelRows } from '../compute/protocol.ts';
import { deleteCheckpoint, findBestCheckpoint } from '../store/runs/checkpoints.ts';
import { pruneCheckpoints } from '../store/files/checkpointFolder.ts';
import { writePreview } from '../store/files/imageFiles.ts';
import { insertMetrics } from '../store/runs/metrics.ts';
import { insertPreview } from '../store/runs/previews.ts';
import { commitCheckpoint, forgetBest } from '../store/runs/recording.ts';
import { recordProgress, updateRun } from '../store/runs/runs.ts';
import type { Store } from '../store/store.ts';

type EventOf<Type extends ComputeEvent['type']> = Extract<ComputeEvent, { type: Type }>;

export interface Recorder {
  record(event: ComputeEvent): void;
  /** Waits for previews and writes what is still buffered. */
  close(): Promise<void>;
}

/** Metric rows are written at least this often, in milliseconds. */
const flushInterval = 1000;

/** What is told of previews, which are made while training goes on. */
export interface PreviewListener {
  readonly onPreviewError: (error: unknown) => void;
  /** The picture of this step is in place. */
  readonly onPreview?: (step: number) => void;
}

export function createRecorder(
  store: Store,
  run: { id: string; logEverySteps: number; keepCheckpoints: number },
  { onPreviewError, onPreview }: PreviewListener,
): Recorder {
  const pending: MetricPoint[] = [];
  let progress: EventOf<'step'> | null = null;
  let flushedAt = performance.now();
  let previews: Promise<void> = Promise.resolve();
  const flush = () => {
    insertMetrics(store.db, run.id, pending.splice(0));
    if (progress) recordProgress(store.db, run.id, progress);
    progress = null;
    flushedAt = performance.now();
  };
  const record = (event: ComputeEvent) => {
    if (event.type === 'started') {
      recordStart(store, run.id, event);
    } else if (event.type === 'step') {
      progress = event;
      pending.push(...metricPoints(event, run.logEverySteps));
      if (performance.now() - flushedAt > flushInterval) flush();
    } else if (event.type === 'evaluation') {
      pending.push(...metricPoints(event, run.logEverySteps));
    } else if (event.type === 'preview') {
      previews = previews.then(() => recordPreview(store, run.id, event)).then(onPreview, onPreviewError);
    } else if (event.type === 'checkpoint') {
      recordCheckpoint(store, run, { event, metrics: pending.splice(0) });
      progress = null;
      flushedAt = performance.now();
    }
  };
  return {
    record,
    async close() {
      await previews;
      flush();
    },
  };
}

/** The best of other images says nothing of these. */
function recordStart(
  store: Store,
  runId: string,
  { dataset, totalSteps, dataChanged }: EventOf<'started'>,
): void {
  const record = store.db.transaction(() => {
    updateRun(store.db, runId, { dataset, totalSteps });
    if (dataChanged) forgetBest(store.db, runId);
  });
  record.immediate();
}

function recordCheckpoint(
  store: Store,
  run: { id: string; keepCheckpoints: number },
  from: { event: EventOf<'checkpoint'>; metrics: readonly MetricPoint[] },
): void {
  commitCheckpoint(store, { ...from.event, runId: run.id, metrics: from.metrics });
  const best = findBestCheckpoint(store.db, run.id)?.step ?? null;
  const { removed } = pruneCheckpoints(store.runFolder(run.id), { keep: run.keepCheckpoints, best });
  for (const step of removed) deleteCheckpoint(store.db, run.id, step);
}

async function recordPreview(store: Store, runId: string, event: EventOf<'preview'>): Promise<number> {
  const png = await encodePreview(event.rows);
  const file = writePreview({ folder: store.runFolder(runId), step: event.step, png });
  insertPreview(store.db, { runId, step: event.step, file });
  return event.step;
}

/** The numbers of an event that are logged; none for most events, and for steps between the logged ones. */
export function metricPoints(event: ComputeEvent, logEverySteps: number): MetricPoint[] {
  if (event.type === 'evaluation') return evaluationPoints(event);
  if (event.type !== 'step') return [];
  return event.step === 1 || event.step % logEverySteps === 0 ? stepPoints(event) : [];
}

function stepPoints(event: EventOf<'step'>): MetricPoint[] {
  const { loss, gradNorm, learningRate } = event;
  return toPoints(event, { loss, gradNorm, learningRate });
}

function evaluationPoints(event: EventOf<'evaluation'>): MetricPoint[] {
  return toPoints(event, {
    'evaluation/mse': event.mse,
    'evaluation/mae': event.mae,
    'evaluation/psnr': event.psnr,
    'evaluation/ssim': event.ssim,
  });
}

function toPoints(
  at: { step: number; processSeconds: number },
  values: Partial<Record<MetricName, number>>,
): MetricPoint[] {
  const wallTime = Date.now();
  return Object.entries(values).map(([name, value]) => ({
    step: at.step,
    name: name as MetricName,
    value,
    processSeconds: at.processSeconds,
    wallTime,
  }));
}

export function encodePreview({ height, width, channels = 3, pixels }: PixelRows): Promise<Uint8Array> {
  return sharp(pixels, { raw: { width, height, channels } }).png().toBuffer();
}
