/** A training run from job to end: opens the data, builds the field, runs the loop and reports what happens. */

import type { Tensor } from '@tensorflow/tfjs-core';
import type { RunConfig } from '../../../shared/config/config.ts';
import { describeError } from '../../../shared/text/describeError.ts';
import type { DatasetInfo } from '../../../shared/dataset.ts';
import { clampColours, imageAt, type ImageBatch } from '../../../shared/images/image.ts';
import { type MonitoredMetric, monitoredMetrics } from '../../../shared/metric.ts';
import { countNearlyExact, isBetterScore, type TrainingScore } from '../../../shared/numbers/psnrMean.ts';
import { beginning, type TrainingProgress } from '../../../shared/trainingProgress.ts';
import { countParameters } from '../../engine/field/parameters.ts';
import type { Field } from '../../engine/field/field.ts';
import { createScaledField } from '../../engine/field/scaledField.ts';
import type { RunFunction } from '../../engine/runFunction.ts';
import { type Gain, measureGain } from '../../engine/metrics/gain.ts';
import { createScorer, type Scorer } from '../../engine/metrics/scorer.ts';
import { isHasty, type LoopControl, type LoopHooks, runTraining } from '../../engine/train/loop.ts';
import { initialState, samplingParameters, type StateLayout, toState } from '../../engine/train/state.ts';
import { measureResidual } from '../../engine/train/measureResidual.ts';
import { createStep } from '../../engine/train/step.ts';
import { trainingBatch } from '../../engine/train/trainingBatch.ts';
import { createTrainingClock, type TrainingClock } from '../../engine/train/trainingClock.ts';
import {
  type EstimateOf,
  type ReconstructOptions,
  rememberEstimates,
  reconstructImages,
} from '../sampling/reconstructImages.ts';
import { meanPlan } from '../evaluation/evaluateModel.ts';
import { changedDataError } from '../dataIdentity.ts';
import { chooseExecution } from '../execution.ts';
import type { BatchShape } from '../sampling/imageBatches.ts';
import { layoutOf, loadState, saveState } from '../modelCheckpoint.ts';
import { previewRows } from '../evaluation/imageSheets.ts';
import type { ComputeEvent, TrainingPoint, TrainJob } from '../protocol.ts';
import { type LearningWatch, watchLearning } from './learningWarning.ts';
import { scoreReferences } from './references.ts';
import { createSystemWatch } from './systemWatch.ts';
import { openTrainingData, type TrainingData } from './trainingData.ts';

/** The disk refused a checkpoint. */
export class StorageError extends Error {}

/** What the hooks of one run share; lives as long as the run. */
interface RunContext {
  readonly job: TrainJob;
  readonly data: TrainingData;
  readonly field: Field;
  readonly layout: StateLayout;
  readonly run: RunFunction;
  readonly batch: BatchShape;
  readonly scorer: Scorer;
  readonly estimateOf: EstimateOf;
  readonly learning: LearningWatch;
  readonly emit: (event: ComputeEvent) => void;
  readonly clock: TrainingClock;
  readonly control: LoopControl;
  /** Whether the scores of the classical methods were emitted. */
  hasReferences: boolean;
  loss: number | null;
  best: TrainingScore | null;
  /** Step whose evaluation was the best so far; null after a resume until a better one comes. */
  bestStep: number | null;
}

/**
 * Runs the job to its end and emits it.
 * @throws StorageError when a checkpoint cannot be written; DataError when the data cannot be used, or are not those of
 * before; Error when the checkpoint cannot be read.
 */
export async function trainRun(
  requested: TrainJob,
  control: LoopControl,
  emit: (event: ComputeEvent) => void,
): Promise<void> {
  const onProgress = ({ phase, done, total }: { phase: string; done: number; total: number | null }) =>
    emit({ type: 'progress', phase, done, total });
  const { signal } = control;
  const data = await openUnlessAborted(signal, () =>
    openTrainingData(requested.config, { ...requested, onProgress, signal }),
  );
  const loaded = requested.checkpoint ? loadState(requested.checkpoint) : null;
  if (data === null) {
    const step = loaded?.progress.step ?? beginning.step;
    emit({ type: 'ended', end: control.requested === 'stop' ? 'stopped' : 'paused', step });
    return;
  }
  if (data.difference && !requested.acceptChangedData)
    throw changedDataError(requested.config.data.source, data.difference);
  const job = { ...requested, config: withMeasurement(requested.config, loaded?.config, data) };
  const { config } = job;
  const field = createScaledField(config);
  const layout = layoutOf(field, config);
  const { arrays, progress: saved } = loaded ?? {
    arrays: initialState(field.parameters, layout, config.seed),
    progress: beginning,
  };
  const dataset = describeData(job, data, saved.step);
  const progress = isScoredOnOtherData(dataset, saved.step) ? { ...saved, best: null } : saved;
  const clock = createTrainingClock(progress.processSeconds);
  const execution = chooseExecution(
    (what, kind, reason) => emit({ type: 'execution', what, kind, reason }),
    clock.exclude,
  );
  const context = createContext(
    {
      job,
      data,
      field,
      layout,
      emit,
      clock,
      control,
      run: execution.run,
      batch: execution.batchShape(config),
      scorer: await createScorer({ run: execution.run }),
    },
    progress,
  );
  emit({
    type: 'started',
    dataset,
    dataChanged: data.difference !== undefined,
    step: progress.step,
    totalSteps: data.totalSteps,
    stepsPerEpoch: data.source.stepsPerEpoch,
    parameters: countParameters(field),
    ...(config.path.measured && { measured: config.path.measured }),
  });
  emitKnownReferences(context);
  const ended = await runTraining({
    stepper: execution.createStepper(
      createStep({ field, layout, config, parts: execution.parts }),
      toState(arrays, layout),
    ),
    batchAt: (step, seconds) => trainingBatch(config, data.source, step, seconds),
    cadence: config.train,
    fromStep: progress.step,
    totalSteps: data.totalSteps,
    clock,
    control,
    hooks: createHooks(context),
  });
  emit({ type: 'ended', ...ended });
}

/**
 * Returns the configuration with the unit of its path: as measured when the run started, else measured now. A run that
 * resumes keeps its unit even if its images have changed, because its weights count in it.
 */
function withMeasurement(config: RunConfig, saved: RunConfig | undefined, data: TrainingData): RunConfig {
  if (config.path.unit === 'colours') return config;
  const measured = config.path.measured ?? saved?.path.measured ?? measureResidual(data.source, config);
  return { ...config, path: { ...config.path, measured } };
}

/** null: aborted. */
async function openUnlessAborted<Data>(
  signal: AbortSignal | undefined,
  open: () => Promise<Data>,
): Promise<Data | null> {
  try {
    return await open();
  } catch (error) {
    if (signal?.aborted) return null;
    throw error;
  }
}

/** What was found, with the changes that the run has seen. */
function describeData({ known }: TrainJob, { info, difference }: TrainingData, step: number): DatasetInfo {
  const changes = [...(known?.changes ?? []), ...(difference ? [{ step, ...difference }] : [])];
  return changes.length > 0 ? { ...info, changes } : info;
}

/** Whether the best evaluation up to `step` was of images that were replaced since: then it says nothing any more. */
function isScoredOnOtherData({ changes = [] }: DatasetInfo, step: number): boolean {
  return changes.some((change) => change.step >= step);
}

function createContext(
  parts: Omit<RunContext, 'estimateOf' | 'learning' | 'hasReferences' | 'loss' | 'best' | 'bestStep'>,
  progress: TrainingProgress,
): RunContext {
  return {
    ...parts,
    estimateOf: rememberEstimates(parts.job.config.path.estimate),
    learning: watchLearning(parts.job.config),
    hasReferences: false,
    loss: progress.loss,
    best: progress.best,
    bestStep: null,
  };
}

function createHooks(context: RunContext): LoopHooks {
  const { data, emit, clock } = context;
  const system = createSystemWatch();
  const { pauseAt } = context.job;
  return {
    onStep(result) {
      context.loss = result.loss;
      emit({
        type: 'step',
        ...result,
        epoch: epochOf(context, result.step),
        processSeconds: clock.seconds(),
      });
      if (pauseAt && hasReached(pauseAt, result.step, clock.seconds())) context.control.requested ??= 'pause';
      const sample = system.sample(result.step);
      if (sample) emit({ type: 'system', step: result.step, processSeconds: clock.seconds(), ...sample });
    },
    async evaluate(state, step, isExtra) {
      const scored = await (isExtra ? scoreUnlessHasty(context, state) : score(context, state));
      if (scored === null) return false;
      const { exactImages, perImage, gain, ...scores } = scored;
      const { psnr, mse } = scores;
      const nearlyExact = countNearlyExact(perImage.map((image) => image.psnr));
      if (isBetterScore({ psnr, mse, nearlyExact }, context.best)) {
        context.best = { psnr, mse, nearlyExact };
        context.bestStep = step;
      }
      const isCounted = !isExtra || context.control.requested === null;
      const warning = context.learning.judge(gain, step, isCounted);
      emit({
        type: 'evaluation',
        step,
        processSeconds: clock.seconds(),
        scores: monitored(scores),
        exactImages,
        ...(warning !== undefined && { warning }),
      });
      await emitReferences(context);
      return context.bestStep === step;
    },
    async preview(state, step) {
      const images = firstImages(data.scored.images, context.job.config.train.previewImages);
      const observations = data.scored.observations.slice(0, images.count);
      const indices = data.scored.indices.slice(0, images.count);
      const result = await sample(context, state, { images, observations, indices });
      emit({ type: 'preview', step, rows: previewRows(images, observations, result) });
    },
    checkpoint: (state, step, processSeconds, isLast = false) =>
      saveCheckpoint(context, state, { step, processSeconds }, isLast),
  };
}

function hasReached(point: TrainingPoint, step: number, seconds: number): boolean {
  return 'steps' in point ? step >= point.steps : seconds >= point.minutes * 60;
}

/** Another run has scored the classical methods on the same images and masks. */
function emitKnownReferences(context: RunContext): void {
  const { job, data, emit } = context;
  const scores = job.references?.[data.info.checksum];
  if (!scores) return;
  emit({ type: 'references', scores });
  context.hasReferences = true;
}

/** Scores the classical methods after the first evaluation of a session, unless they are known; not training time. */
async function emitReferences(context: RunContext): Promise<void> {
  if (context.hasReferences) return;
  const { data, scorer, estimateOf, control, clock, emit } = context;
  const startedAt = performance.now();
  const isCancelled = () => isHasty(control);
  const { estimate } = context.job.config.path;
  const scores = await scoreReferences(data.scored, { scorer, estimate, estimateOf, isCancelled });
  clock.exclude(performance.now() - startedAt);
  if (scores === null) return;
  emit({ type: 'references', scores });
  context.hasReferences = true;
}

type SampleWatch = Pick<ReconstructOptions, 'onProgress' | 'isCancelled'>;

function monitored(scores: Readonly<Record<MonitoredMetric, number>>): Record<MonitoredMetric, number> {
  const entries = monitoredMetrics.map((name) => [name, scores[name]]);
  return Object.fromEntries(entries) as Record<MonitoredMetric, number>;
}

async function saveCheckpoint(
  context: RunContext,
  state: readonly Tensor[],
  at: { step: number; processSeconds: number },
  isLast: boolean,
): Promise<void> {
  const { job, layout, loss, best } = context;
  const progress = { ...at, loss, best };
  const saved = await saveState(job.folder, { state, layout, config: job.config, progress }).catch(
    (error: unknown) => {
      throw new StorageError(describeError(error), { cause: error });
    },
  );
  const { file, bytes, sha256 } = saved;
  const isBest = context.bestStep === at.step;
  context.emit({
    type: 'checkpoint',
    ...at,
    loss,
    bestPsnr: best?.psnr ?? null,
    epoch: epochOf(context, at.step),
    file,
    bytes,
    sha256,
    isBest,
    ...(isLast && { isLast }),
  });
}

/** Scores the last state of a session with its progress; null if a hasty request ended that. */
async function scoreUnlessHasty(context: RunContext, state: readonly Tensor[]) {
  const { control, emit, data } = context;
  const total = data.scored.images.count;
  const onProgress = (done: number) =>
    emit({ type: 'progress', phase: 'evaluating the last step', done, total });
  onProgress(0);
  try {
    return await score(context, state, { onProgress, isCancelled: () => isHasty(control) });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') return null;
    throw error;
  }
}

async function score(context: RunContext, state: readonly Tensor[], watch: SampleWatch = {}) {
  const { images, observations } = context.data.scored;
  const result = await sample(context, state, context.data.scored, watch);
  const scores = await context.scorer.scoreBatch({ truth: images, result, observed: observations });
  return { ...scores, gain: await gainOf(context, state, result, watch) };
}

/** Compares the posterior mean with the classical estimate: even a perfect sample has twice the error of the mean. */
async function gainOf(
  context: RunContext,
  state: readonly Tensor[],
  result: ImageBatch,
  { isCancelled }: SampleWatch,
): Promise<Gain> {
  const { job, data, estimateOf } = context;
  const { scored } = data;
  const isMean = job.config.train.evaluate === 'posterior mean';
  const mean = isMean ? result : await reconstruct(context, state, scored, { plan: meanPlan, isCancelled });
  return measureGain(
    scored.images,
    mean,
    scored.observations.map((each) => clampColours(estimateOf(each))),
  );
}

/** The scored images as the configuration says: posterior mean, or one sample. Always with the same noise. */
function sample(
  context: RunContext,
  state: readonly Tensor[],
  scored: TrainingData['scored'],
  watch: SampleWatch = {},
): Promise<ImageBatch> {
  const { train, sampler } = context.job.config;
  const isMean = train.evaluate === 'posterior mean';
  const how = isMean ? { plan: meanPlan, symmetries: sampler.symmetries } : { plan: sampler };
  return reconstruct(context, state, scored, { ...how, ...watch });
}

function reconstruct(
  { job, field, layout, run, batch, estimateOf }: RunContext,
  state: readonly Tensor[],
  scored: TrainingData['scored'],
  how: Pick<ReconstructOptions, 'plan' | 'symmetries'> & SampleWatch,
): Promise<ImageBatch> {
  const { config } = job;
  const { seed } = config;
  const model = { run, batch, field, config, parameters: samplingParameters(state, layout) };
  const paste = config.mask.observationNoise === 0;
  return reconstructImages(model, { ...scored, ...how, seed, sample: 0, paste, estimateOf });
}

function firstImages(batch: ImageBatch, limit: number): ImageBatch {
  const count = Math.min(limit, batch.count);
  return { ...batch, count, values: batch.values.subarray(0, count * imageAt(batch, 0).values.length) };
}

function epochOf({ data }: RunContext, step: number): number {
  return Math.floor(step / data.source.stepsPerEpoch);
}
