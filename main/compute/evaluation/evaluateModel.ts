/** A trained field beside the classical methods: the rows of a comparison and, where wanted, the images behind them. */

import { methodOf } from '../../../shared/config/config.ts';
import { samplerSchema } from '../../../shared/config/samplerConfig.ts';
import { imageAt, type ImageBatch, pasteObserved } from '../../../shared/images/image.ts';
import type { EvaluationRow } from '../../../shared/metric.ts';
import { evaluateClassical } from '../../engine/classical/evaluateClassical.ts';
import { countParameters } from '../../engine/field/parameters.ts';
import { createEnsembleScores, type EnsembleScores } from '../../engine/metrics/ensembleScores.ts';
import { roundForImage, scoreObserved, scoreRow } from '../../engine/metrics/scoreImages.ts';
import type { LoadedModel } from '../modelCheckpoint.ts';
import { rememberEstimates, sampleChunks, type SampledChunk } from '../sampling/reconstructImages.ts';
import type { SamplingData } from './samplingData.ts';
import type { SamplingPlan } from '../../engine/solver/route.ts';

export interface EvaluateOptions extends PlanOptions {
  /** Each makes a row of one sample and, where samples > 1, a row of their mean. */
  readonly plans: readonly SamplingPlan[];
  readonly samples: number;
  /** The posterior mean is averaged over so many symmetries of the picture: 1 (default), 2 or 8. Samples never are. */
  readonly symmetries?: number;
}

/** One step from the start to the data expected there: the field's estimate of the posterior mean. */
export const meanPlan: SamplingPlan = { solver: 'ddim', steps: 1, grid: 'uniform', eta: 0 };

/** Classical rows, then posterior mean (1 NFE, or one a symmetry), and for each plan one sample and the mean of N samples where N > 1. */
export async function evaluateModel(model: LoadedModel, options: EvaluateOptions): Promise<EvaluationRow[]> {
  const { data } = options;
  const rows = evaluateClassical({
    ...data,
    onProgress: (done, total, method) => options.onProgress({ phase: method, done, total }),
    onReconstructed: options.onReconstructed,
  });
  const name = [methodOf(model.config.path), model.weightsName && `(${model.weightsName})`]
    .filter(Boolean)
    .join(' ');
  const { symmetries = 1 } = options;
  const turned = symmetries === 1 ? '' : symmetries === 2 ? ' (mirrored)' : ' (mirrored and turned)';
  const single = `${name} · posterior mean${turned}`;
  const posteriorMean = { plan: meanPlan, symmetries, single, mean: null };
  for (const planned of [posteriorMean, ...planRows(name, options, watchedPlan(model, options.plans))]) {
    rows.push(...(await evaluatePlan(model, planned, options)));
  }
  return rows;
}

/** The plan whose states are worth keeping: the only one, or of several the run's own; -1: none. */
function watchedPlan({ config }: LoadedModel, plans: readonly SamplingPlan[]): number {
  if (plans.length === 1) return 0;
  return plans.findIndex(
    ({ solver, steps }) => solver === config.sampler.solver && steps === config.sampler.steps,
  );
}

/** Several plans tell their rows apart by solver and steps. */
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
  /** Results are means over so many symmetries of the pictures; default 1. */
  readonly symmetries?: number;
  /** Name of the row of the first sample. */
  readonly single: string;
  /** The row of the mean of all samples; null where one is enough. */
  readonly mean: { readonly name: string; readonly samples: number } | null;
  /** Whether the states of the first sample are handed over, where somebody takes them. */
  readonly isWatched?: boolean;
}

/** Takes the states of the first sample, chunk by chunk, before the images of its row. */
export interface StateListener {
  /** It wants those of so many first images, at most so many of each. */
  readonly images: number;
  readonly states: number;
  take(chunk: SampledChunk): void;
}

export interface PlanOptions {
  readonly data: SamplingData;
  readonly seed: number;
  readonly onProgress: (progress: { phase: string; done: number; total: number }) => void;
  readonly isCancelled?: () => boolean;
  /** Receives the images of every row. */
  readonly onReconstructed?: (method: string, result: ImageBatch) => void;
  /** Default: no states are read. */
  readonly stateListener?: StateListener;
}

/** What the images of a row add up to while they are sampled. */
interface RowImages {
  readonly method: string;
  readonly samples: number;
  /** As the field gave them. */
  readonly values: Float32Array;
  milliseconds: number;
}

/** Only sums and means of the samples are kept: memory does not grow with their number times the images. */
async function evaluatePlan(
  model: LoadedModel,
  planned: PlannedRows,
  options: PlanOptions,
): Promise<EvaluationRow[]> {
  const { truth } = options.data;
  const count = planned.mean?.samples ?? 1;
  const single = newRow(truth, planned.single, 1);
  const mean = planned.mean && newRow(truth, planned.mean.name, count);
  const rows = [single, ...(mean ? [mean] : [])];
  const ensemble = createEnsembleScores();
  let evaluations = 0;
  const onEvaluations = (counts: readonly number[]) => counts.forEach((count) => (evaluations += count));
  for await (const chunk of sampleChunks(model, { ...optionsOf(planned, options), onEvaluations })) {
    if (chunk.states.length > 0) options.stateListener?.take(chunk);
    rows.forEach((row) => addChunk(row, chunk, truth));
    if (mean) addToEnsemble(ensemble, chunk, options.data);
    const done = (chunk.first + chunk.count) * count;
    options.onProgress({ phase: (mean ?? single).method, done, total: truth.count * count });
  }
  const found = ensemble.finish();
  return rows.map((row) => ({
    ...describePlan(model, planned),
    // An adaptive solver takes more steps with some images than with others.
    nfe: Math.round(evaluations / (count * truth.count)),
    ...scoreImagesOf(row, options, row === mean ? (found?.crps ?? null) : null),
    distribution: row === mean ? (found?.distribution ?? null) : null,
  }));
}

function optionsOf({ plan, symmetries, mean, isWatched }: PlannedRows, options: PlanOptions) {
  const { seed, isCancelled } = options;
  return {
    ...{ plan, symmetries, seed, isCancelled },
    ...{ images: options.data.truth, observations: options.data.observations },
    indices: options.data.indices,
    samples: Array.from({ length: mean?.samples ?? 1 }, (_, sample) => sample),
    // Of this plan alone, so that its seconds are its own.
    estimateOf: rememberEstimates(),
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

/** Pastes into the chunk's samples, which nobody reads afterwards. */
function addToEnsemble(
  ensemble: EnsembleScores,
  { first, count, samples }: SampledChunk,
  { truth, observations, protocol }: SamplingData,
): void {
  const { height, width } = truth;
  const size = height * width * 3;
  for (let row = 0; row < count; row++) {
    const observation = observations[first + row];
    const own = samples.map((sample) => sample.subarray(row * size, (row + 1) * size));
    if (protocol.pasted) own.forEach((sample) => pasteObserved(sample, observation));
    const { values } = imageAt(truth, first + row);
    ensemble.add({ height, width, truth: values, samples: own, observed: observation.indices });
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

function scoreImagesOf(
  { method, samples, values, milliseconds }: RowImages,
  { data, onReconstructed }: PlanOptions,
  crps: readonly number[] | null,
) {
  const { truth, observations, protocol } = data;
  const observed = observations.map(({ indices }) => indices);
  const result = { ...truth, values };
  const rmseObserved = scoreObserved(truth, result, observed);
  observations.forEach((observation, index) => {
    if (protocol.pasted) pasteObserved(imageAt(result, index).values, observation);
  });
  onReconstructed?.(method, result);
  const { perImage, ...scores } = scoreRow({ truth, result, observed });
  return {
    ...{ method, samples, seconds: milliseconds / 1000, rmseObserved },
    ...scores,
    perImage: { ...perImage, crps: crps?.map(roundForImage) ?? null },
  };
}
