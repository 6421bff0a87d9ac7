/** Samples whole images from a trained field, chunk by chunk. */

import * as tf from '@tensorflow/tfjs-core';
import type { ImageBatch, SparseObservation } from '../../shared/image.ts';
import { pasteObserved } from '../../shared/image.ts';
import { randomNormals } from '../../shared/pure/random.ts';
import { type NamedArray, toTensor, toTensors } from '../engine/field/parameters.ts';
import { startFrom } from '../engine/path/start.ts';
import { type SamplingPlan, sampleField } from '../engine/solver/sampleField.ts';
import type { SolverHooks } from '../engine/solver/solver.ts';
import { pictureSymmetries, turnBack, turnPictures } from '../engine/solver/turnedSampling.ts';
import { contextArrays, everyPixel } from '../engine/train/contextArrays.ts';
import { contextOf } from '../engine/train/step.ts';
import { contextWishes, needsEstimate } from '../engine/train/trainingBatch.ts';
import { estimateAnew, type EstimateOf } from './classicalEstimates.ts';
import type { TrainedModel } from './modelCheckpoint.ts';
import { noiseKey, type NoiseOf } from './sampleNoise.ts';
import { type SampleState, watchStates } from './sampleStates.ts';

export interface ReconstructOptions {
  readonly images: ImageBatch;
  readonly observations: readonly SparseObservation[];
  readonly plan: SamplingPlan;
  /** Noise is a function of (seed, sample, number of the image in the list). */
  readonly seed: number;
  readonly sample: number;
  readonly paste: boolean;
  /** The result is the mean over so many symmetries of the picture, 1, 2 or 8; default 1. A mean of samples is no sample. */
  readonly symmetries?: number;
  /** Anew for every image by default. */
  readonly estimateOf?: EstimateOf;
  readonly onProgress?: (done: number, total: number) => void;
  /** Hears how often the field was evaluated for the next so many images, all at once. */
  readonly onEvaluations?: (count: number, images: number) => void;
  /** Read between chunks; true ends the work with an AbortError. */
  readonly isCancelled?: () => boolean;
}

/** Images sampled at once: bounds memory without starving the cores. */
const chunkSize = 16;

/** All images from their observed pixels, clamped to [0, 1]. */
export async function reconstructImages(
  model: TrainedModel,
  options: ReconstructOptions,
): Promise<ImageBatch> {
  const { images, observations, sample, onProgress } = options;
  const values = new Float32Array(images.values.length);
  const size = images.height * images.width * 3;
  for await (const { first, count, samples } of sampleChunks(model, { ...options, samples: [sample] })) {
    values.set(samples[0], first * size);
    onProgress?.(first + count, images.count);
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
  /** Of the first sample, from its start to its end; empty where nobody asked for them. */
  readonly states: readonly SampleState[];
}

export interface SampleChunksOptions extends Omit<ReconstructOptions, 'sample' | 'paste' | 'onProgress'> {
  readonly samples: readonly number[];
  /**
   * Keeps at most so many states of the first so many images, of whole chunks; default: none are read. A mean over symmetries
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
  const size = images.height * images.width * 3;
  for (let first = 0; first < images.count; first += chunkSize) {
    const count = Math.min(chunkSize, images.count - first);
    const chunk = { ...images, count, values: images.values.subarray(first * size, (first + count) * size) };
    const samples: Float32Array[] = [];
    const milliseconds: number[] = [];
    const states: SampleState[] = [];
    const isWatched = watch && first < watch.images && symmetries === 1;
    let onStep = isWatched ? watchStates(watch.states, states) : undefined;
    for (const sample of options.samples) {
      if (options.isCancelled?.()) throw new DOMException('The sampling was cancelled.', 'AbortError');
      const startedAt = performance.now();
      samples.push(sampleChunk(model, { ...options, images: chunk, first, sample, onStep }));
      milliseconds.push(performance.now() - startedAt);
      onStep = undefined;
      await new Promise((resolve) => setImmediate(resolve));
    }
    yield { first, count, samples, milliseconds, states };
  }
}

/** What sampleChunk needs. */
interface ChunkOptions extends Omit<ReconstructOptions, 'paste' | 'onProgress'> {
  readonly first: number;
  readonly onStep?: SolverHooks['onStep'];
}

/** The mean over the symmetries that are wanted. */
function sampleChunk(model: TrainedModel, options: ChunkOptions): Float32Array {
  const symmetries = pictureSymmetries(options.symmetries ?? 1, options.images);
  const mean = new Float32Array(options.images.values.length);
  for (const symmetry of symmetries) {
    const result = turnBack(sampleTurned(model, options, symmetry), symmetry);
    result.forEach((value, index) => (mean[index] += value / symmetries.length));
  }
  return mean;
}

/** The turned pictures, sampled from the same noise turned likewise. */
function sampleTurned(model: TrainedModel, options: ChunkOptions, symmetry: Int32Array): Float32Array {
  const { field, config, parameters } = model;
  const { first, estimateOf = estimateAnew } = options;
  const turn = (values: Float32Array) => turnPictures(values, symmetry);
  const images = { ...options.images, values: turn(options.images.values) };
  const queries = everyPixel(images.height * images.width);
  const observations = options.observations.slice(first, first + images.count);
  const examples = observations.map((observation) => ({
    observed: observation.indices.map((pixel) => symmetry[pixel]),
    queries,
    // The thin plate of a turned mask is the turned thin plate.
    estimate: needsEstimate(config) ? turn(estimateOf(observation)) : null,
  }));
  const arrays = contextArrays(images, examples, contextWishes(config.field));
  const turnedNormals = (of: NoiseOf): NamedArray => {
    const normals = drawNormals(options, of);
    return { ...normals, values: turn(normals.values) };
  };
  const noise = turnedNormals({ stream: 'sampling', draw: 0 });
  const sampled = tf.tidy(() => {
    const context = contextOf(toTensors(arrays));
    const start = startFrom(config.path, { noise: toTensor(noise), estimate: context.estimate });
    const { onStep } = options;
    onStep?.({ index: 0, count: null, time: 0, state: start });
    const drawNoise = (draw: number) => toTensor(turnedNormals({ stream: 'solver', draw }));
    const problem = { field, parameters, path: config.path, context, start, drawNoise };
    const onEvaluations = (count: number) => options.onEvaluations?.(count, images.count);
    return sampleField(problem, options.plan, { run: model.run, onEvaluations, hooks: { onStep } });
  });
  // Read outside of tidy, which would look for tensors among the numbers, one by one.
  const values = sampled.dataSync();
  sampled.dispose();
  return Float32Array.from(values, (value) => Math.min(1, Math.max(0, value)));
}

/** Standard normal numbers for a chunk, [count, pixels, 3]: of each image its own, whatever chunk it is in. */
function drawNormals(
  { images, first, seed, sample }: Pick<ReconstructOptions, 'images' | 'seed' | 'sample'> & { first: number },
  of: NoiseOf,
): NamedArray {
  const size = images.height * images.width * 3;
  const values = new Float32Array(images.count * size);
  for (let row = 0; row < images.count; row++) {
    values.set(randomNormals(noiseKey({ seed, image: first + row, sample }, of), size), row * size);
  }
  return { shape: [images.count, size / 3, 3], values };
}
