/** Samples whole images from a trained field, chunk by chunk. */

import * as tf from '@tensorflow/tfjs-core';
import {
  imageAt,
  type ImageBatch,
  pasteObserved,
  type SparseObservation,
} from '../../../shared/images/image.ts';
import type { ClassicalEstimate } from '../../../shared/config/config.ts';
import { randomNormals } from '../../../shared/numbers/random.ts';
import { estimateObservation } from '../../engine/classical/maskEstimator.ts';
import { startFrom } from '../../engine/path/affine.ts';
import { shapeNoise } from '../../engine/path/noise.ts';
import type { SamplingProblem } from '../../engine/solver/fieldView.ts';
import { sampleField } from '../../engine/solver/sampleField.ts';
import type { SolverHooks } from '../../engine/solver/solver.ts';
import { applySymmetry, imageSymmetries, type Symmetry, undoSymmetry } from '../../engine/symmetry.ts';
import { contextArrays, contextParts, everyPixel, needsEstimate } from '../../engine/context/context.ts';
import { groupImages, type ImageGroup } from './imageBatches.ts';
import type { TrainedModel } from '../modelCheckpoint.ts';
import { noiseKey, type NoiseOf } from './sampleNoise.ts';
import { type SampleState, watchStates } from './solverStates.ts';
import { listTensors, type NamedArray, takeValues, toTensor, toTensors } from '../../engine/tensors.ts';
import type { SamplingPlan } from '../../engine/solver/route.ts';

export interface ReconstructOptions {
  /** Of these only number and size are used. */
  readonly images: ImageBatch;
  /** Everything that is known of the images. */
  readonly observations: readonly SparseObservation[];
  /** The index of each image in its split: its noise is a function of (seed, sample, index), whatever else is in the list. */
  readonly indices: readonly number[];
  readonly plan: SamplingPlan;
  readonly seed: number;
  readonly sample: number;
  readonly paste: boolean;
  /** The result is the mean over so many symmetries of the image, 1, 2 or 8; default 1. A mean of samples is no sample. */
  readonly symmetries?: number;
  /** Default: computed again for every image. */
  readonly estimateOf?: EstimateOf;
  /** Receives after each sample of a few images how many are done, counted in one sample of one image, and how many there are. */
  readonly onProgress?: (done: number, total: number) => void;
  /** Receives the number of field evaluations for each of the next images. */
  readonly onEvaluations?: (counts: readonly number[]) => void;
  /** Read between chunks; true ends the work with an AbortError. */
  readonly isCancelled?: () => boolean;
}

/** Reconstructs all images from their observed pixels, clamped to [0, 1]. */
export async function reconstructImages(
  model: TrainedModel,
  options: ReconstructOptions,
): Promise<ImageBatch> {
  const { images, observations, sample } = options;
  const values = new Float32Array(images.values.length);
  const size = images.height * images.width * 3;
  for await (const { first, samples } of sampleChunks(model, { ...options, samples: [sample] })) {
    values.set(samples[0], first * size);
  }
  observations.forEach((observation, index) => {
    if (options.paste) pasteObserved(values.subarray(index * size, (index + 1) * size), observation);
  });
  return { ...images, values };
}

/** A few images, and all their samples. */
export interface SampledChunk {
  /** Number of its first image in the list, and how many there are. */
  readonly first: number;
  readonly count: number;
  /** For each sample the images' values, clamped to [0, 1], nothing pasted. */
  readonly samples: readonly Float32Array[];
  /** Time each sample took; what the chunk needs once counts to the first. */
  readonly milliseconds: readonly number[];
  /** For each image those of the first sample, from its start to its end; none unless they were requested. */
  readonly states: readonly (readonly SampleState[])[];
}

export interface SampleChunksOptions extends Omit<ReconstructOptions, 'sample' | 'paste'> {
  readonly samples: readonly number[];
  /**
   * Keeps at most so many states of the first so many images, of whole chunks; default: none are read. A self-ensemble
   * has none of its own.
   */
  readonly watch?: { readonly images: number; readonly states: number };
}

/** Samples the images chunk by chunk, all samples of a chunk before the next: memory does not grow with the images. */
export async function* sampleChunks(
  model: TrainedModel,
  options: SampleChunksOptions,
): AsyncGenerator<SampledChunk> {
  const { images, watch, symmetries = 1 } = options;
  const total = images.count * options.samples.length;
  for (const group of groupImages(options.indices, model.batch)) {
    const { first, count } = group;
    const chunk = knownImages(options.observations.slice(first, first + count), images);
    const samples: Float32Array[] = [];
    const milliseconds: number[] = [];
    const isWatched = watch && first < watch.images && symmetries === 1;
    let watching = isWatched ? watchStates(watch.states, group.rowOfImage) : undefined;
    let states: SampleState[][] = [];
    for (const sample of options.samples) {
      if (options.isCancelled?.()) throw new DOMException('The sampling was cancelled.', 'AbortError');
      const startedAt = performance.now();
      const { onStep } = watching ?? {};
      samples.push(await sampleChunk(model, { ...options, images: chunk, group, sample, onStep }));
      milliseconds.push(performance.now() - startedAt);
      options.onProgress?.(first * options.samples.length + count * samples.length, total);
      if (watching) states = await watching.finish();
      watching = undefined;
      await new Promise((resolve) => setImmediate(resolve));
    }
    yield { first, count, samples, milliseconds, states };
  }
}

/** Returns images with the observed values at the observed pixels, and zeros elsewhere: nothing else may be read. */
function knownImages(observations: readonly SparseObservation[], { height, width }: ImageBatch): ImageBatch {
  const values = new Float32Array(observations.length * height * width * 3);
  const known = { count: observations.length, height, width, values };
  observations.forEach((observation, row) => pasteObserved(imageAt(known, row).values, observation));
  return known;
}

/** What sampleChunk needs. */
interface ChunkOptions extends Omit<ReconstructOptions, 'paste' | 'onProgress'> {
  /** What is known of the images, without what fills their batch up. */
  readonly images: ImageBatch;
  readonly group: ImageGroup;
  readonly onStep?: SolverHooks['onStep'];
}

/** Returns the mean over the requested symmetries. */
async function sampleChunk(model: TrainedModel, options: ChunkOptions): Promise<Float32Array> {
  const symmetries = imageSymmetries(options.symmetries ?? 1, options.images);
  const mean = new Float32Array(options.images.values.length);
  for (const symmetry of symmetries) {
    const result = undoSymmetry(await sampleTurned(model, options, symmetry), symmetry);
    result.forEach((value, index) => (mean[index] += value / symmetries.length));
  }
  return mean;
}

/** The problems of a group of images: everything that depends on no tensor is computed once. */
interface PreparedGroup {
  /** Lends the problem of one sample. */
  with<Result>(sample: number, use: (problem: SamplingProblem) => Promise<Result>): Promise<Result>;
}

/** What `prepareGroup` needs. */
export type GroupOptions = Pick<
  ChunkOptions,
  'images' | 'observations' | 'indices' | 'group' | 'seed' | 'estimateOf'
>;

/** Prepares sampling the images of a group; `images` and `observations` as for `sampleChunks`. */
export function prepareGroup(model: TrainedModel, options: GroupOptions): PreparedGroup {
  const { group, observations } = options;
  const chunk = knownImages(observations.slice(group.first, group.first + group.count), options.images);
  const [identity] = imageSymmetries(1, chunk);
  return prepareTurned(model, { ...options, images: chunk }, identity);
}

/** The problems of the turned images, whose noise is turned likewise. */
function prepareTurned(model: TrainedModel, options: GroupOptions, symmetry: Symmetry): PreparedGroup {
  const { field, config, parameters } = model;
  const { group, estimateOf = (each) => estimateObservation(config.path.estimate, each) } = options;
  const turn = (values: Float32Array) => applySymmetry(values, symmetry);
  const { height, width } = symmetry;
  const turned = { count: options.images.count, height, width, values: turn(options.images.values) };
  const images = fillBatch(turned, group);
  const queries = everyPixel(images.height * images.width);
  const own = options.observations.slice(group.first, group.first + group.count).map((observation) => ({
    observed: observation.indices.map((pixel) => symmetry.to[pixel]),
    channels: observation.channels,
    queries,
    // The estimate under a turned mask is the turned estimate.
    estimate: needsEstimate(config) ? turn(estimateOf(observation)) : null,
  }));
  const examples = group.imageOfRow.map((image) => own[image]);
  const arrays = contextArrays(images, examples, contextParts(config.field, config.path));
  return {
    async with(sample, use) {
      const drawFrom = (of: NoiseOf): tf.Tensor => {
        const normals = generateNormals({ ...options, sample }, of);
        const turnedNormals = { ...normals, values: turn(normals.values) };
        return tf.tidy(() => shapeNoise(config.path, toTensor(turnedNormals), symmetry));
      };
      const context = toTensors(arrays);
      const start = tf.tidy(() => {
        const noise = drawFrom({ stream: 'sampling', draw: 0 });
        return startFrom(config.path, { ...context, noise });
      });
      const drawNoise = (draw: number) => drawFrom({ stream: 'solver', draw });
      try {
        return await use({ field, parameters, path: config.path, context, start, drawNoise });
      } finally {
        tf.dispose([start, ...listTensors(context)]);
      }
    },
  };
}

/** The turned images, sampled from the same noise turned likewise. */
async function sampleTurned(
  model: TrainedModel,
  options: ChunkOptions,
  symmetry: Symmetry,
): Promise<Float32Array> {
  const { images, group, onStep } = options;
  const prepared = prepareTurned(model, options, symmetry);
  const values = await prepared.with(options.sample, async (problem) => {
    onStep?.({ index: 0, count: null, time: 0, state: problem.start });
    const onEvaluations = (counts: readonly number[]) =>
      options.onEvaluations?.(group.rowOfImage.map((row) => counts[row]));
    const how = { run: model.run, onEvaluations, hooks: { onStep } };
    return takeValues(await sampleField(problem, options.plan, how));
  });
  const size = images.height * images.width * 3;
  const results = new Float32Array(group.count * size);
  group.rowOfImage.forEach((row, image) => {
    for (let index = 0; index < size; index++)
      results[image * size + index] = Math.min(1, Math.max(0, values[row * size + index]));
  });
  return results;
}

/** The images in the rows of their batch. */
function fillBatch(images: ImageBatch, { imageOfRow }: ImageGroup): ImageBatch {
  const size = images.height * images.width * 3;
  const values = new Float32Array(imageOfRow.length * size);
  imageOfRow.forEach((image, row) =>
    values.set(images.values.subarray(image * size, (image + 1) * size), row * size),
  );
  return { ...images, count: imageOfRow.length, values };
}

/** Standard normal numbers for a batch, [rows, pixels, 3]: each image has its own, whatever batch it is in. */
function generateNormals(
  {
    images,
    indices,
    group,
    seed,
    sample,
  }: Pick<ChunkOptions, 'images' | 'indices' | 'group' | 'seed' | 'sample'>,
  of: NoiseOf,
): NamedArray {
  const size = images.height * images.width * 3;
  const values = new Float32Array(images.count * size);
  for (let image = 0; image < images.count; image++) {
    const key = noiseKey({ seed, image: indices[group.first + image], sample }, of);
    values.set(randomNormals(key, size), image * size);
  }
  const filled = fillBatch({ ...images, values }, group);
  return { shape: [filled.count, size / 3, 3], values: filled.values };
}

/** height × width × 3 values in [0, 1]. */
export type EstimateOf = (observation: SparseObservation) => Float32Array;

/** Solves each observation once for as long as it is kept: sampling the same images again costs nothing more. */
export function rememberEstimates(method: ClassicalEstimate): EstimateOf {
  const known = new WeakMap<SparseObservation, Float32Array>();
  return (observation) => {
    const estimate = known.get(observation) ?? estimateObservation(method, observation);
    known.set(observation, estimate);
    return estimate;
  };
}
