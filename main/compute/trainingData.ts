/** Opens what a training run reads: training images, their masks, and the images it is scored on. */

import type { RunConfig } from '../../shared/config.ts';
import { imageAt, observe } from '../../shared/image.ts';
import type { DatasetInfo } from '../../shared/dataset.ts';
import { createBatcher } from '../datasets/batcher.ts';
import type { Dataset, DatasetProgress } from '../datasets/dataset.ts';
import { createMaskSource, type MaskSource } from '../datasets/mask.ts';
import { createTrainingMaskSource } from '../datasets/trainingMask.ts';
import { openDataset } from '../datasets/registry.ts';
import type { BatchSource } from '../engine/train/trainingBatch.ts';
import { fixedMasks, pooledMasks } from '../engine/train/trainingMasks.ts';
import type { ReconstructOptions } from './reconstructImages.ts';

export interface TrainingData {
  readonly info: DatasetInfo;
  readonly source: BatchSource;
  readonly totalSteps: number;
  /** Images scored and previewed while training: held out of the training split, or test images. */
  readonly scored: Pick<ReconstructOptions, 'images' | 'observations' | 'indices'>;
}

/** @throws Error when the data cannot be opened, or leaves nothing to train on; the signal's reason when aborted. */
export async function openTrainingData(
  config: RunConfig,
  options: { cacheFolder: string; onProgress: (progress: DatasetProgress) => void; signal?: AbortSignal },
): Promise<TrainingData> {
  const open = (split: 'train' | 'test') =>
    openDataset(config.data.source, { split, imageSize: config.data.imageSize, ...options });
  const whole = await open('train');
  const held = heldBack(whole, config);
  const training = holdOut(whole, held);
  const masks = masksOf(config);
  const trainingMasks = createTrainingMaskSource(config.mask, config.data.imageSize ** 2);
  if (trainingMasks.targetCount === 0) {
    const leaf = config.mask.keepRatioMax === null ? 'keepRatio' : 'keepRatioMax';
    throw new Error(`mask.${leaf} leaves no pixel to be trained on: choose a smaller share, such as 0.2.`);
  }
  const { batchSize, epochs, steps } = config.train;
  const { seed, data } = config;
  const { flips, turns, imageSize } = data;
  const batcher = createBatcher(training, { batchSize, seed, flips, turns, imageSize });
  const { stepsPerEpoch } = batcher;
  const source: BatchSource = {
    imagesOf: (step) => batcher.imagesOf(step),
    masks:
      config.mask.pool > 0
        ? pooledMasks(trainingMasks.maskOf, { config: config.mask, seed, size: data.imageSize })
        : fixedMasks(trainingMasks.maskOf),
    stepsPerEpoch,
    epochs: steps === null ? epochs : Math.ceil(steps / stepsPerEpoch),
  };
  const scored =
    held > 0
      ? lastImages(whole, masks, { images: config.train.evaluationImages, held })
      : firstImages(await open('test'), config, masks);
  return { info: whole.info, source, totalSteps: steps ?? epochs * stepsPerEpoch, scored };
}

function masksOf(config: RunConfig): MaskSource {
  const { law, seed, keepRatio, targetRatio } = config.mask;
  return createMaskSource({ law, seed, keepRatio, targetRatio, pixels: config.data.imageSize ** 2 });
}

/** How many images are held back for evaluation: what the configuration says, but at most a fifth of a small dataset. */
function heldBack(dataset: Dataset, config: RunConfig): number {
  return Math.min(config.data.validationImages, Math.floor(dataset.info.count / 5));
}

/** The dataset without its last images. */
function holdOut(dataset: Dataset, images: number): Dataset {
  const count = dataset.info.count - images;
  return { info: { ...dataset.info, count }, readImages: (indices) => dataset.readImages(indices) };
}

function lastImages(
  dataset: Dataset,
  masks: MaskSource,
  of: { images: number; held: number },
): TrainingData['scored'] {
  return scoredImages(dataset, masks, {
    first: dataset.info.count - of.held,
    count: Math.min(of.images, of.held),
  });
}

function firstImages(dataset: Dataset, config: RunConfig, masks: MaskSource): TrainingData['scored'] {
  return scoredImages(dataset, masks, {
    first: 0,
    count: Math.min(config.train.evaluationImages, dataset.info.count),
  });
}

function scoredImages(
  dataset: Dataset,
  masks: MaskSource,
  range: { first: number; count: number },
): TrainingData['scored'] {
  const indices = Array.from({ length: range.count }, (_, index) => range.first + index);
  const images = dataset.readImages(indices);
  const observations = indices.map((index, row) =>
    observe(imageAt(images, row), masks.maskOf(index).observed),
  );
  return { images, observations, indices };
}
