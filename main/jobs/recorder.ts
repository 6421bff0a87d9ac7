/** Writes the events of a compute process to the store; rows and files of one step appear together. */

import sharp from 'sharp';
import { type MetricName, type MetricPoint, monitoredMetrics } from '../../shared/metric.ts';
import type { ComputeEvent, PixelRows } from '../compute/protocol.ts';
import { deleteCheckpoint, findBestCheckpoint } from '../store/runs/checkpoints.ts';
import { pruneCheckpoints } from '../store/files/checkpointFolder.ts';
import { writePreview } from '../store/files/runImages.ts';
import { insertMetrics } from '../store/runs/metrics.ts';
import { forgetReferences, writeReferences } from '../store/runs/references.ts';
import { insertPreview } from '../store/runs/previews.ts';
import { commitCheckpoint, forgetBest } from '../store/runs/recording.ts';
import { changeRunConfig } from '../store/runs/runLifecycle.ts';
import { getRun, recordProgress, updateRun } from '../store/runs/runs.ts';
import type { Store } from '../store/store.ts';
import type { GpuReading } from './gpuWatch.ts';

type EventOf<Type extends ComputeEvent['type']> = Extract<ComputeEvent, { type: Type }>;

/** Events that are recorded; the others are only passed on. */
type EventHandlers = { readonly [Type in ComputeEvent['type']]?: (event: EventOf<Type>) => void };

export interface Recorder {
  record(event: ComputeEvent): void;
  /** Waits for previews and writes buffered metrics. */
  close(): Promise<void>;
}

/** Milliseconds between two writes of metric rows, unless an evaluation or a checkpoint comes first. */
const flushInterval = 200;

export interface RecorderListener {
  /** Points that were just stored. */
  readonly onMetrics?: (points: readonly MetricPoint[]) => void;
  /** The preview of this step was written. */
  readonly onPreview?: (step: number) => void;
  /** Returns what the GPU does, if the run trains on one. */
  readonly readGpu?: () => GpuReading | null;
  /** A preview could not be written; previews are encoded while training continues. */
  readonly onPreviewError: (error: unknown) => void;
}

export function createRecorder(
  store: Store,
  run: { id: string; logEverySteps: number; keepCheckpoints: number },
  { onMetrics, onPreview, onPreviewError, readGpu }: RecorderListener,
): Recorder {
  const pending: MetricPoint[] = [];
  let progress: EventOf<'step'> | null = null;
  /** The last step, if its numbers are not logged. */
  let unlogged: EventOf<'step'> | null = null;
  let flushedAt = performance.now();
  let previews: Promise<void> = Promise.resolve();
  const write = (insert: (points: readonly MetricPoint[]) => void) => {
    const points = pending.splice(0);
    insert(points);
    progress = null;
    flushedAt = performance.now();
    if (points.length > 0) onMetrics?.(points);
  };
  const flush = () =>
    write((points) => {
      insertMetrics(store.db, run.id, points);
      if (progress) recordProgress(store.db, run.id, progress);
    });
  const logLastStep = () => {
    if (unlogged) pending.push(...stepPoints(unlogged));
    unlogged = null;
  };
  const handlers: EventHandlers = {
    started: (event) => recordStart(store, run.id, event),
    step(event) {
      progress = event;
      unlogged = isLogged(event.step, run.logEverySteps) ? null : event;
      if (unlogged === null) pending.push(...stepPoints(event));
      if (performance.now() - flushedAt > flushInterval) flush();
    },
    evaluation(event) {
      pending.push(...evaluationPoints(event));
      flush();
      if (event.warning !== undefined) updateRun(store.db, run.id, { warning: event.warning });
    },
    system: (event) => void pending.push(...systemPoints(event, readGpu?.() ?? null)),
    references: ({ scores }) => writeReferences(store.db, run.id, scores),
    preview(event) {
      previews = previews.then(() => recordPreview(store, run.id, event)).then(onPreview, onPreviewError);
    },
    checkpoint(event) {
      // With its checkpoint, so that a process that is killed afterwards leaves a curve that ends at the run's loss.
      if (event.isLast) logLastStep();
      write((metrics) => recordCheckpoint(store, run, { event, metrics }));
    },
    ended() {
      logLastStep();
      flush();
    },
  };
  const record = <Type extends ComputeEvent['type']>(event: EventOf<Type>) => {
    const handle = handlers[event.type as Type] as ((event: EventOf<Type>) => void) | undefined;
    handle?.(event);
  };
  return {
    record,
    async close() {
      await previews;
      flush();
    },
  };
}

/** If the images have changed, the best score so far does not count any more. */
function recordStart(
  store: Store,
  runId: string,
  { dataset, totalSteps, dataChanged, measured }: EventOf<'started'>,
): void {
  const { config } = getRun(store.db, runId);
  // Outside of the transaction below, because it has one of its own.
  if (measured && !config.path.measured)
    changeRunConfig(store, runId, { ...config, path: { ...config.path, measured } });
  const record = store.db.transaction(() => {
    updateRun(store.db, runId, { dataset, totalSteps });
    if (!dataChanged) return;
    forgetBest(store.db, runId);
    forgetReferences(store.db, runId);
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

/** The first step is always logged. */
function isLogged(step: number, logEverySteps: number): boolean {
  return step === 1 || step % logEverySteps === 0;
}

function stepPoints(event: EventOf<'step'>): MetricPoint[] {
  return (['loss', 'gradNorm', 'learningRate'] as const).map((name) => toPoint(event, name, event[name]));
}

function evaluationPoints(event: EventOf<'evaluation'>): MetricPoint[] {
  return monitoredMetrics.map((name) => toPoint(event, `evaluation/${name}`, event.scores[name]));
}

/** Bytes become megabytes. */
function systemPoints(event: EventOf<'system'>, gpu: GpuReading | null): MetricPoint[] {
  const { stepsPerSecond, cpuCores, memoryBytes } = event;
  return [
    toPoint(event, 'system/stepsPerSecond', stepsPerSecond),
    toPoint(event, 'system/cpu', cpuCores),
    toPoint(event, 'system/memory', memoryBytes / 1e6),
    ...(gpu
      ? [
          toPoint(event, 'system/gpu', gpu.utilisation),
          toPoint(event, 'system/gpuMemory', gpu.memoryBytes / 1e6),
        ]
      : []),
  ];
}

function toPoint(
  { step, processSeconds }: { step: number; processSeconds: number },
  name: MetricName,
  value: number,
): MetricPoint {
  return { step, name, value, processSeconds, wallTime: Date.now() };
}

/** Encodes rows of pixels as PNG. */
export function encodePreview({ height, width, channels = 3, pixels }: PixelRows): Promise<Uint8Array> {
  return sharp(pixels, { raw: { width, height, channels } }).png().toBuffer();
}
