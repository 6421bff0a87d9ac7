/** Samples whole images from a trained field, chunk by chunk. */

import * as tf from '@tensorflow/tfjs-core';
import type { ImageBatch, SparseObservation } from '../../shared/image.ts';
import { pasteObserved } from '../../shared/image.ts';
import { randomNormals } from '../../shared/pure/random.ts';
import { toTensor, toTensors } from '../engine/field/parameters.ts';
import { startFrom } from '../engine/path/start.ts';
import { type SamplingPlan, sampleField } from '../engine/solver/sampleField.ts';
import { contextArrays, everyPixel } from '../engine/train/contextArrays.ts';
import { contextOf } from '../engine/train/step.ts';
import { contextWishes, needsEstimate } from '../engine/train/trainingBatch.ts';
import { estimateAnew, type EstimateOf } from './classicalEstimates.ts';
import type { TrainedModel } from './modelCheckpoint.ts';

export interface ReconstructOptions {
  readonly images: ImageBatch;
  readonly observations: readonly SparseObservation[];
  readonly plan: SamplingPlan;
  /** Noise is a function of (seed, sample, number of the image in the list). */
  readonly seed: number;
  readonly sample: number;
  readonly paste: boolean;
  /** Anew for every image by default. */
  readonly estimateOf?: EstimateOf;
  readonly onProgress?: (done: number, total: number) => void;
  /** Read between chunks; true ends the work with an AbortError. */
  readonly isCancelled?: () => boolean;
}

/** Images sampled at once: bounds memory without starving the cores. */
const chunkSize = 16;
/** Samples of one image get noise keys this far apart. */
const samplesPerImage = 4096;

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
}

/** Samples the images chunk by chunk, all samples of a chunk before the next: memory does not grow with the images. */
export async function* sampleChunks(
  model: TrainedModel,
  options: Omit<ReconstructOptions, 'sample' | 'paste' | 'onProgress'> & { samples: readonly number[] },
): AsyncGenerator<SampledChunk> {
  const { images } = options;
  const size = images.height * images.width * 3;
  for (let first = 0; first < images.count; first += chunkSize) {
    const count = Math.min(chunkSize, images.count - first);
    const chunk = { ...images, count, values: images.values.subarray(first * size, (first + count) * size) };
    const samples: Float32Array[] = [];
    const milliseconds: number[] = [];
    for (const sample of options.samples) {
      if (options.isCancelled?.()) throw new DOMException('The sampling was cancelled.', 'AbortError');
      const startedAt = performance.now();
      samples.push(sampleChunk(model, { ...options, images: chunk, first, sample }));
      milliseconds.push(performance.now() - startedAt);
      await new Promise((resolve) => setImmediate(resolve));
    }
    yield { first, count, samples, milliseconds };
  }
}

function sampleChunk(
  model: TrainedModel,
  options: Omit<ReconstructOptions, 'paste' | 'onProgress'> & { first: number },
): Float32Array {
  const { field, config, parameters } = model;
  const { images, first, estimateOf = estimateAnew } = options;
  const pixels = images.height * images.width;
  const queries = everyPixel(pixels);
  const observations = options.observations.slice(first, first + images.count);
  const examples = observations.map((observation) => ({
    observed: observation.indices,
    queries,
    estimate: needsEstimate(config) ? estimateOf(observation) : null,
  }));
  const arrays = contextArrays(images, examples, contextWishes(config.field));
  const noise = new Float32Array(images.count * pixels * 3);
  for (let row = 0; row < images.count; row++) {
    const step = (first + row) * samplesPerImage + options.sample;
    noise.set(randomNormals({ seed: options.seed, stream: 'sampling', step }, pixels * 3), row * pixels * 3);
  }
  const sampled = tf.tidy(() => {
    const context = contextOf(toTensors(arrays));
    const noiseTensor = toTensor({ values: noise, shape: [images.count, pixels, 3] });
    const start = startFrom(config.path, { noise: noiseTensor, estimate: context.estimate });
    const problem = { field, parameters, path: config.path, context, start };
    return sampleField(problem, options.plan, { run: model.run });
  });
  // Read outside of tidy, which would look for tensors among the numbers, one by one.
  const values = sampled.dataSync();
  sampled.dispose();
  return Float32Array.from(values, (value) => Math.min(1, Math.max(0, value)));
}
