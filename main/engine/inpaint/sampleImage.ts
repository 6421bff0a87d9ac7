/** Samples an image of any size from a trained network: one noise over the whole image, one solver, a network evaluated by tiles. */

import { cropValues } from '../../../shared/images/crop.ts';
import * as tf from '@tensorflow/tfjs-core';
import type { RunConfig } from '../../../shared/config/config.ts';
import { traitsOf } from '../../../shared/config/networks/registry.ts';
import { observedPixels } from '../../../shared/images/image.ts';
import { needsEstimate } from '../context/context.ts';
import { type LocalContrast, measureContrast } from '../context/localContrast.ts';
import { startFrom, type Surroundings } from '../path/affine.ts';
import { shapeImageNoise, shapeNoise } from '../path/noise.ts';
import { findRoute, type SamplingPlan } from '../solver/route.ts';
import { solveAsync } from '../solver/solveAsync.ts';
import { boundColours } from './colourBounds.ts';
import { extendValues, type KnownImage, padImage } from './knownImage.ts';
import { createTileReader, type FieldModel, type TileProgress, type TileReader } from './readTiles.ts';
import { listTensors, takeValues } from '../tensors.ts';
import type { EstimatedImage } from './tileContext.ts';
import { type ComputeLimits, groupTiles } from './planTiles.ts';

/** An intermediate state: height × width × 3 values, not clamped; valid during the call. */
export interface ImageStep {
  readonly index: number;
  /** Number of steps; null for a solver that chooses its steps. */
  readonly count: number | null;
  readonly time: number;
  readonly values: () => Promise<Float32Array>;
}

export interface ImageSamplerOptions {
  readonly image: KnownImage;
  /** Classical estimate, height × width × 3. */
  readonly estimate: Float32Array;
  readonly plan: SamplingPlan;
  readonly limits: ComputeLimits;
  /** Whether predictions keep to the colours of the known pixels around: see `boundColours`. */
  readonly isBounded?: boolean;
  /** Awaited before each pass through the network within an evaluation; throwing ends the sampling. */
  readonly onProgress?: TileProgress;
}

/** Standard normal numbers of one sample, `count` at a time. */
export interface SampleNoise {
  start(count: number): Float32Array;
  /** Returns the noise of a draw of the solver, numbered from 0. */
  draw(number: number, count: number): Float32Array;
}

export interface ImageSampler {
  /** Tiles that the image is computed in. */
  readonly tiles: number;
  /** Pixels of all tiles, to which the cost of an evaluation is proportional. */
  readonly tilePixels: number;
  /** Returns height × width × 3 values, clamped to [0, 1], nothing pasted; the observer receives the start as step 0. */
  sample(noise: SampleNoise, onStep?: (step: ImageStep) => Promise<void> | void): Promise<Float32Array>;
  /** Returns the number of evaluations so far. */
  evaluations(): number;
  dispose(): void;
}

/** An image with its classical estimate. */
export type SampledImage = Pick<ImageSamplerOptions, 'image' | 'estimate'>;

/** Extends an image and its estimate on the right and below to the smallest size that the network of a run reads. */
export function extendForNetwork({ field, data }: RunConfig, from: SampledImage): SampledImage {
  const image = padImage(from.image, traitsOf(field.kind).readsList ? data.imageSize : 1);
  return { image, estimate: extendValues(from.estimate, from.image, image) };
}

/** Creates a sampler of one image, whose tiles are encoded once for all samples. */
export function createImageSampler(model: FieldModel, options: ImageSamplerOptions): ImageSampler {
  const { config } = model;
  const { width, height } = options.image;
  const { image, estimate } = extendForNetwork(config, options);
  const groups = groupTiles(config, image, options.limits);
  const from: EstimatedImage = {
    image,
    estimate,
    isEstimateRead: needsEstimate(config),
    ...(config.path.unit === 'local' && { surroundings: surroundingsOf(image, estimate) }),
  };
  const bounds = options.isBounded ? boundColours(image) : undefined;
  const reader = createTileReader(model, from, { groups, bounds, onProgress: options.onProgress });
  const tiles = groups.flatMap((group) => group.tiles);
  return {
    tiles: tiles.length,
    tilePixels: tiles.reduce((sum, tile) => sum + tile.width * tile.height, 0),
    async sample(noise, onStep) {
      const isPadded = image !== options.image;
      const crop = (values: Float32Array) =>
        isPadded
          ? cropValues(values, { width: image.width, channels: 3 }, { x: 0, y: 0, width, height })
          : values;
      const sampled = await samplePadded({ config, from, reader, plan: options.plan }, noise, async (step) =>
        onStep?.({ ...step, values: async () => crop(await step.values()) }),
      );
      const values = crop(sampled);
      for (let index = 0; index < values.length; index++)
        values[index] = Math.min(1, Math.max(0, values[index]));
      return values;
    },
    evaluations: reader.evaluations,
    dispose: reader.dispose,
  };
}

function surroundingsOf(image: KnownImage, values: Float32Array): LocalContrast {
  const { indices: observed } = observedPixels(image);
  return measureContrast({ height: image.height, width: image.width, values }, observed);
}

async function samplePadded(
  by: { config: RunConfig; from: EstimatedImage; reader: TileReader; plan: SamplingPlan },
  noise: SampleNoise,
  onStep: (step: ImageStep) => Promise<void>,
): Promise<Float32Array> {
  const { config, from, reader, plan } = by;
  const count = from.image.values.length;
  const toTensor = (values: Float32Array) => tf.tensor(values, [1, count / 3, 3], 'float32');
  // Without a name, nothing keeps the noise while the image is sampled.
  const start = await startOf(
    config.path,
    from,
    await shapeImageNoise(config.path, noise.start(count), from.image),
  );
  const context: Surroundings = {
    ...(from.isEstimateRead && { estimate: toTensor(from.estimate) }),
    ...(from.surroundings && {
      contrast: tf.tensor(from.surroundings.contrast, [1, count / 3, 1], 'float32'),
    }),
  };
  const started = toTensor(start);
  try {
    await onStep({ index: 0, count: null, time: 0, values: async () => start });
    const drawNoise = (number: number) =>
      tf.tidy(() => shapeNoise(config.path, toTensor(noise.draw(number, count)), from.image));
    const sampled = await solveAsync(findRoute(config.path, plan), {
      problem: { path: config.path, context, start: started, drawNoise },
      answer: (question, at) => reader.answer(question, { ...at, start }),
      onStep: (step) => onStep({ ...step, values: async () => (await step.state.data()) as Float32Array }),
    });
    return await takeValues(sampled);
  } finally {
    tf.dispose([started, ...listTensors(context)]);
  }
}

/** Pixels of a start that are computed at a time: for all of a large image, the operations would hold several more images. */
const pixelsOfStart = 2 ** 20;

/** Returns the start of the path, height × width × 3 values. */
async function startOf(
  path: RunConfig['path'],
  { estimate, isEstimateRead, surroundings }: EstimatedImage,
  noise: Float32Array,
): Promise<Float32Array> {
  const start = new Float32Array(noise.length);
  for (let first = 0; first < noise.length / 3; first += pixelsOfStart) {
    const partOf = (values: Float32Array, channels: number) => {
      const part = values.subarray(first * channels, (first + pixelsOfStart) * channels);
      return tf.tensor(part, [1, part.length / channels, channels], 'float32');
    };
    const part = tf.tidy(() =>
      startFrom(path, {
        noise: partOf(noise, 3),
        ...(isEstimateRead && { estimate: partOf(estimate, 3) }),
        ...(surroundings && { contrast: partOf(surroundings.contrast, 1) }),
      }),
    );
    start.set(await takeValues(part), first * 3);
  }
  return start;
}

/** Mean and standard deviation of samples that are not kept: Welford 1962, "Note on a method for calculating corrected sums". */
interface ImageMoments {
  /** Adds a sample of height × width × 3 values; all samples must have the same length. */
  add(sample: Float32Array): void;
  /** Returns height × width × 3 values. */
  mean(): Float32Array;
  /** Returns height × width values: the root of the mean variance of the channels (divisor N − 1); zeros after a single sample. */
  deviation(): Float32Array;
}

/** Creates the moments of samples with `length` values. */
export function createImageMoments(length: number): ImageMoments {
  const mean = new Float32Array(length);
  const squares = new Float32Array(length);
  let count = 0;
  return {
    add(sample) {
      count += 1;
      for (let index = 0; index < length; index++) {
        const difference = sample[index] - mean[index];
        mean[index] += difference / count;
        squares[index] += difference * (sample[index] - mean[index]);
      }
    },
    mean: () => mean,
    deviation: () =>
      Float32Array.from({ length: length / 3 }, (_, pixel) => {
        const sum = squares[3 * pixel] + squares[3 * pixel + 1] + squares[3 * pixel + 2];
        return Math.sqrt(sum / 3 / Math.max(1, count - 1));
      }),
  };
}
