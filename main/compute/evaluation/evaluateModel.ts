/** Compares a trained field with the classical methods: the rows of the comparison and, on request, their images. */

import { methodOf } from '../../../shared/config/config.ts';
import { describeSymmetries, samplerSchema } from '../../../shared/config/samplerConfig.ts';
import { imageAt, type ImageBatch, pasteObserved } from '../../../shared/images/image.ts';
import type { EvaluationRow } from '../../../shared/metric.ts';
import { evaluateClassical } from '../../engine/classical/evaluateClassical.ts';
import { classicalMethodNames } from '../../engine/classical/registry.ts';
import { countParameters } from '../../engine/field/parameters.ts';
import { roundForImage } from '../../engine/metrics/scoreImages.ts';
import { createScorer, type EnsembleScorer, type Scorer } from '../../engine/metrics/scorer.ts';
import type { LoadedModel } from '../modelCheckpoint.ts';
import { rememberEstimates, sampleChunks, type SampledChunk } from '../sampling/reconstructImages.ts';
import type { SamplingData } from './samplingData.ts';
import { expectEvaluations, type SamplingPlan } from '../../engine/solver/route.ts';

export interface EvaluateOptions extends PlanOptions {
  /** Each plan gets a row of one sample and, if samples > 1, a row of their mean. */
  readonly plans: readonly SamplingPlan[];
  readonly samples: number;
  /** Number of symmetries in the self-ensemble of the posterior mean: 1 (default), 2 or 8. Samples are never averaged. */
  readonly symmetries?: number;
  /** Rows of the classical methods on these images and masks, which are then not computed. */
  readonly knownClassical?: readonly EvaluationRow[];
  /** Called after each of several plans but the last, with all rows until then. */
  readonly onPlan?: (rows: readonly EvaluationRow[]) => void;
}

/** One step from the start to the expected data: the field's estimate of the posterior mean. */
export const meanPlan: SamplingPlan = { solver: 'ddim', steps: 1, grid: 'uniform', eta: 0 };

/** Returns the classical rows, the posterior mean (1 NFE per symmetry), and for each plan one sample and, if N > 1, the mean of N. */
export async function evaluateModel(model: LoadedModel, options: EvaluateOptions): Promise<EvaluationRow[]> {
  const { data } = options;
  const scorer = await createScorer({ run: model.run });
  const name = [methodOf(model.config.path), model.weightsName && `(${model.weightsName})`]
    .filter(Boolean)
    .join(' ');
  const { symmetries = 1 } = options;
  const averaged = describeSymmetries(symmetries);
  const single = `${name} · posterior mean${averaged === null ? '' : ` (${averaged})`}`;
  const posteriorMean = { plan: meanPlan, symmetries, single, mean: null };
  const planned = [posteriorMean, ...planRows(name, options, watchedPlan(model, options.plans))];
  const { knownClassical } = options;
  const [classical, ...sampled] = createProgress(
    [knownClassical ? 0 : classicalMethodNames.length, ...planned.map((each) => countWork(model, each))],
    options.onProgress,
  );
  const rows = knownClassical
    ? [...knownClassical]
    : await evaluateClassical({
        ...data,
        scorer,
        onProgress: (done, total, method) => classical({ phase: method, done, total }),
        onReconstructed: options.onReconstructed,
      });
  for (const [index, each] of planned.entries()) {
    rows.push(...(await evaluatePlan(model, each, { ...options, onProgress: sampled[index], scorer })));
    if (index > 0 && index < planned.length - 1) options.onPlan?.([...rows]);
  }
  return rows;
}

/** The work of a plan for one image in evaluations of the field; a classical method counts as one. */
function countWork({ config }: LoadedModel, { plan, mean, symmetries = 1 }: PlannedRows): number {
  return expectEvaluations(config.path, plan) * symmetries * (mean?.samples ?? 1);
}

/** Returns a listener for each part of the work, which adds how far the whole is: one bar, which never goes back. */
function createProgress(
  works: readonly number[],
  onProgress: PlanOptions['onProgress'],
): PlanOptions['onProgress'][] {
  const whole = works.reduce((sum, work) => sum + work, 0);
  return works.map((work, index) => {
    const before = works.slice(0, index).reduce((sum, each) => sum + each, 0);
    return (progress) =>
      onProgress({ ...progress, fraction: (before + (work * progress.done) / progress.total) / whole });
  });
}

/** Returns the index of the plan whose states are kept: the only one, or the run's own among several; -1 for none. */
function watchedPlan({ config }: LoadedModel, plans: readonly SamplingPlan[]): number {
  if (plans.length === 1) return 0;
  return plans.findIndex(
    ({ solver, steps }) => solver === config.sampler.solver && steps === config.sampler.steps,
  );
}

/** If there are several plans, the names of their rows include solver and steps. */
function planRows(name: string, { plans, samples }: EvaluateOptions, watched: number): PlannedRows[] {
  return plans.map((plan, index) => {
    const how = plans.length > 1 ? `${plan.solver} ${plan.steps}` : plan.solver;
    const mean = `${name} · mean of ${samples} samples${plans.length > 1 ? ` (${how})` : ''}`;
    return {
      plan,
      single: `${name} · one sample (${how})`,
      mean: samples > 1 ? { name: mean, samples } : null,
      isWatched: index === watched,
    };
  });
}

interface PlannedRows {
  readonly plan: SamplingPlan;
  /** Number of symmetries in the self-ensemble; default 1. */
  readonly symmetries?: number;
  /** Name of the row of the first sample. */
  readonly single: string;
  /** The row of the mean of all samples; null for a single sample. */
  readonly mean: { readonly name: string; readonly samples: number } | null;
  /** Whether the states of the first sample are passed to the state listener. */
  readonly isWatched?: boolean;
}

/** Receives the states of the first sample, chunk by chunk, before the images of its row. */
export interface StateListener {
  /** Number of images, counted from the first, whose states are read. */
  readonly images: number;
  /** Maximum number of states per image. */
  readonly states: number;
  take(chunk: SampledChunk): void;
}

export interface PlanOptions {
  readonly data: SamplingData;
  readonly seed: number;
  /** `fraction`: of the whole evaluation, 0 to 1. */
  readonly onProgress: (progress: { phase: string; done: number; total: number; fraction?: number }) => void;
  readonly isCancelled?: () => boolean;
  /** Receives the images of every row. */
  readonly onReconstructed?: (method: string, result: ImageBatch) => void;
  /** Default: no states are read. */
  readonly stateListener?: StateListener;
}

interface ScoredOptions extends PlanOptions {
  readonly scorer: Scorer;
}

/** The images of a row, accumulated while they are sampled. */
interface RowImages {
  readonly method: string;
  readonly samples: number;
  /** As the field returned them, before observed pixels are pasted. */
  readonly values: Float32Array;
  milliseconds: number;
}

/** Samples and scores one plan. Only means and scores are kept, so memory does not grow with the number of samples. */
async function evaluatePlan(
  model: LoadedModel,
  planned: PlannedRows,
  options: ScoredOptions,
): Promise<EvaluationRow[]> {
  const { truth } = options.data;
  const count = planned.mean?.samples ?? 1;
  const single = newRow(truth, planned.single, 1);
  const mean = planned.mean && newRow(truth, planned.mean.name, count);
  const rows = [single, ...(mean ? [mean] : [])];
  const ensemble = options.scorer.startEnsemble();
  let evaluations = 0;
  const onEvaluations = (counts: readonly number[]) => counts.forEach((count) => (evaluations += count));
  const phase = (mean ?? single).method;
  const onProgress = (done: number, total: number) => options.onProgress({ phase, done, total });
  onProgress(0, truth.count * count);
  const how = { ...optionsOf(model, planned, options), onEvaluations, onProgress };
  for await (const chunk of sampleChunks(model, how)) {
    if (chunk.states.length > 0) options.stateListener?.take(chunk);
    rows.forEach((row) => addChunk(row, chunk, truth));
    if (mean) await addToEnsemble(ensemble, chunk, options.data);
  }
  const found = await ensemble.finish();
  // The mean over the images: an adaptive solver takes more steps for some images than for others.
  const nfe = Math.round(evaluations / (count * truth.count));
  const scored: EvaluationRow[] = [];
  for (const row of rows) {
    const scores = await scoreImagesOf(row, options, row === mean ? found : null);
    scored.push({ ...describePlan(model, planned), nfe, ...scores });
  }
  return scored;
}

function optionsOf(
  { config }: LoadedModel,
  { plan, symmetries, mean, isWatched }: PlannedRows,
  options: PlanOptions,
) {
  const { seed, isCancelled } = options;
  return {
    plan,
    symmetries,
    seed,
    isCancelled,
    images: options.data.truth,
    observations: options.data.observations,
    indices: options.data.indices,
    samples: Array.from({ length: mean?.samples ?? 1 }, (_, sample) => sample),
    // Each plan computes its own estimates, so that its seconds include them.
    estimateOf: rememberEstimates(config.path.estimate),
    watch: isWatched ? options.stateListener : undefined,
  };
}

function newRow(truth: ImageBatch, method: string, samples: number): RowImages {
  return { method, samples, values: new Float32Array(truth.values.length), milliseconds: 0 };
}

function addChunk(row: RowImages, { first, samples, milliseconds }: SampledChunk, truth: ImageBatch): void {
  const offset = first * truth.height * truth.width * 3;
  samples.slice(0, row.samples).forEach((sample, index) => {
    row.milliseconds += milliseconds[index];
    sample.forEach((value, position) => (row.values[offset + position] += value / row.samples));
  });
}

/** Modifies the samples of the chunk, which are not read afterwards. */
async function addToEnsemble(
  ensemble: EnsembleScorer,
  { first, count, samples }: SampledChunk,
  { truth, observations, protocol }: SamplingData,
): Promise<void> {
  const { height, width } = truth;
  const size = height * width * 3;
  for (let row = 0; row < count; row++) {
    const observation = observations[first + row];
    const own = samples.map((sample) => sample.subarray(row * size, (row + 1) * size));
    if (protocol.pasted) own.forEach((sample) => pasteObserved(sample, observation));
    const { values } = imageAt(truth, first + row);
    await ensemble.add({ height, width, truth: values, samples: own, observed: observation });
  }
}

function describePlan(model: LoadedModel, { plan, symmetries = 1 }: PlannedRows) {
  const { grid, eta, tolerance, correctorSteps: corrections } = samplerSchema.parse(plan);
  return {
    solver: plan.solver,
    solverSteps: plan.steps,
    sampling: { grid, eta, tolerance, corrections, symmetries, weights: model.weightsChoice },
    parameters: countParameters(model.field),
    imagesSeen: model.step * model.config.train.batchSize,
  };
}

async function scoreImagesOf(
  { method, samples, values, milliseconds }: RowImages,
  { data, scorer, onReconstructed }: ScoredOptions,
  ensemble: Awaited<ReturnType<EnsembleScorer['finish']>>,
) {
  const { truth, observations, protocol } = data;
  const result = { ...truth, values };
  const rmseObserved = await scorer.scoreObserved(truth, result, observations);
  observations.forEach((observation, index) => {
    if (protocol.pasted) pasteObserved(imageAt(result, index).values, observation);
  });
  onReconstructed?.(method, result);
  const { perImage, ...scores } = await scorer.scoreRow({ truth, result, observed: observations });
  return {
    method,
    samples,
    seconds: milliseconds / 1000,
    rmseObserved,
    ...scores,
    perImage: { ...perImage, crps: ensemble?.crps.map(roundForImage) ?? null },
    distribution: ensemble?.distribution ?? null,
  };
}
