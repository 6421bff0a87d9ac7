/** The batch of one training step: everything the step reads, a pure function of (seed, step) and the data. */

import type * as tf from '@tensorflow/tfjs-core';
import type { RunConfig } from '../../../shared/config/config.ts';
import { dropoutOf, queriesOf } from '../../../shared/config/networks/registry.ts';
import { keptAverages } from '../../../shared/config/keptAverages.ts';
import { learningRateAt } from '../../../shared/config/learningRate.ts';
import { imageAt, type ImageBatch } from '../../../shared/images/image.ts';
import { addNoise } from '../../../shared/images/observationNoise.ts';
import { randomPermutation } from '../../../shared/numbers/random.ts';
import {
  type Context,
  contextArrays,
  contextParts,
  everyPixel,
  needsEstimate,
  pixelValues,
} from '../context/context.ts';
import { sampleTime } from '../objective/loss.ts';
import { sampleShortcuts, shortcutCount } from '../objective/shortcut.ts';
import { adamScalars, keptFraction, averageDecayAt } from '../optim/adamw.ts';
import { seedArray } from '../random.ts';
import type { NamedArray } from '../tensors.ts';
import type { TrainingMask, TrainingMasks } from './trainingMasks.ts';

/** What a batch holds for each of its B images; the first axis of every member counts the images. */
export interface BatchRows<Leaf = tf.Tensor> extends Context<Leaf> {
  /** True colours at the queries, [B, Nq, 3]. */
  readonly target: Leaf;
  /** Time on the path, [B]. */
  readonly time: Leaf;
  /** Size of the shortcut that starts at `time`, [B], 0 for none; absent when the run trains no shortcuts. */
  readonly step?: Leaf;
  /** Start of the path, [B, Nq, 3]; absent when it is sampled from `noiseSeed`. */
  readonly start?: Leaf;
}

/** Scalars of one update of the weights. */
export interface UpdateScalars<Leaf = tf.Tensor> {
  /** See `adamScalars`. */
  readonly stepSize: Leaf;
  readonly secondCorrection: Leaf;
  /** Absent where Muon trains nothing. */
  readonly learningRate?: Leaf;
  /** Fraction of a decaying weight that remains; absent without weight decay. */
  readonly weightsKept?: Leaf;
  /** Decay of every weight average that the run keeps, in the order of `keptAverages`. */
  readonly averageDecays: readonly Leaf[];
}

/** The input of one training step, as tensors or as arrays. */
export interface TrainingBatch<Leaf = tf.Tensor> {
  readonly rows: BatchRows<Leaf>;
  /** Seed [2] of the noise at the start of the path; absent when the rows bring their start. */
  readonly noiseSeed?: Leaf;
  /** Seed [2] of the dropout masks; absent without dropout. */
  readonly dropoutSeed?: Leaf;
  readonly update: UpdateScalars<Leaf>;
}

/** Where the batches of a run come from. */
export interface BatchSource {
  /** Returns the images of a step (counted from 0) and their indices in the dataset. */
  readonly imagesOf: (step: number) => { readonly indices: Int32Array; readonly images: ImageBatch };
  readonly masks: TrainingMasks;
  readonly stepsPerEpoch: number;
  /** Steps of the whole run: the length of the learning rate schedule. */
  readonly totalSteps: number;
}

/** Returns the batch of a step (counted from 0) and its learning rate; `seconds` of training precede the step. */
export function trainingBatch(
  config: RunConfig,
  source: BatchSource,
  step: number,
  seconds = 0,
): { batch: TrainingBatch<NamedArray>; learningRate: number } {
  const learningRate = learningRateAt({ step, seconds }, config.optim, {
    ...source,
    minutes: config.train.minutes,
  });
  const batch = {
    rows: batchRows(config, source, step),
    noiseSeed: seedArray({ seed: config.seed, stream: 'noise', step }),
    ...(dropoutOf(config.field) > 0 && {
      dropoutSeed: seedArray({ seed: config.seed, stream: 'dropout', step }),
    }),
    update: updateScalars(config, step, learningRate),
  };
  return { batch, learningRate };
}

function batchRows(config: RunConfig, source: BatchSource, step: number): BatchRows<NamedArray> {
  const { indices, images } = source.imagesOf(step);
  const seen = seenImages(images, config, step);
  const pixels = images.height * images.width;
  const predictsAll = queriesOf(config.field) === 'grid';
  const allPixels = predictsAll ? everyPixel(pixels) : null;
  const examples = Array.from(indices, (image, row) => {
    const mask = source.masks({ step, row, batchSize: indices.length, image });
    const estimate = needsEstimate(config) ? mask.estimate(imageAt(seen, row)) : null;
    const draw = step * indices.length + row;
    const { observed, channels } = mask;
    const queries = allPixels ?? drawQueries(mask, { ...config, draw, pixels });
    return { observed, ...(channels && { channels }), queries, estimate };
  });
  const queries = examples.map((example) => example.queries);
  return {
    ...contextArrays(seen, examples, contextParts(config.field, config.path)),
    target: pixelValues(images, queries),
    ...pathTimes(config, indices.length, step),
  };
}

/** Returns the images as they are observed at a step: with new noise, if the observed values have any. */
export function seenImages(images: ImageBatch, { seed, mask }: ObservedBy, step: number): ImageBatch {
  if (mask.observationNoise === 0) return images;
  const values = new Float32Array(images.values.length);
  for (let row = 0; row < images.count; row++) {
    const key = { seed, stream: 'trainingNoise', step: step * images.count + row } as const;
    const noisy = addNoise(imageAt(images, row), mask.observationNoise, key);
    values.set(noisy.values, row * noisy.values.length);
  }
  return { ...images, values };
}

/** The settings that determine what is observed. */
export type ObservedBy = Pick<RunConfig, 'seed' | 'mask'>;

/** Returns the pixels of an image that a network predicts: any, if a noisy observation does not determine the value of its pixel. */
function drawQueries(
  trainingMask: TrainingMask,
  { seed, mask, draw, pixels }: ObservedBy & { readonly draw: number; readonly pixels: number },
): Int32Array {
  const targets = trainingMask.drawTargets();
  if (mask.observationNoise === 0) return targets;
  return randomPermutation({ seed, stream: 'target', step: draw }, pixels).slice(0, targets.length);
}

/** Returns the time of every image and, where shortcuts are trained, their sizes: the last images of a batch are shortcuts. */
function pathTimes(
  { seed, objective }: RunConfig,
  count: number,
  step: number,
): Pick<BatchRows<NamedArray>, 'time' | 'step'> {
  const { startShare, shortcutShare, time: law } = objective;
  const shortcuts = shortcutCount(count, shortcutShare);
  const flows = count - shortcuts;
  const times = sampleTime(flows, { seed, step, startFraction: startShare * (count / flows), law });
  if (shortcutShare === 0) return { time: { shape: [count], values: times } };
  const sampled = sampleShortcuts(shortcuts, { seed, step });
  const all = new Float32Array(count);
  all.set(times);
  all.set(sampled.times, flows);
  const sizes = new Float32Array(count);
  sizes.set(sampled.sizes, flows);
  return { time: { shape: [count], values: all }, step: { shape: [count], values: sizes } };
}

function updateScalars(config: RunConfig, step: number, learningRate: number): UpdateScalars<NamedArray> {
  const { kind, weightDecay } = config.optim;
  const scalar = (value: number): NamedArray => ({ shape: [], values: Float32Array.of(value) });
  const { stepSize, secondCorrection } = adamScalars(step + 1, learningRate, config.optim);
  return {
    stepSize: scalar(stepSize),
    secondCorrection: scalar(secondCorrection),
    averageDecays: keptAverages(config.optim).map(({ decay }) => scalar(averageDecayAt(step, decay))),
    ...(kind === 'muon' && { learningRate: scalar(learningRate) }),
    ...(weightDecay > 0 && { weightsKept: scalar(keptFraction(learningRate, weightDecay)) }),
  };
}
