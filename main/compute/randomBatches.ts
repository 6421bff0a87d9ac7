/** Batches of noise in the form of a run's, which cost a step exactly as much as its images. */

import type { RunConfig } from '../../shared/config/config.ts';
import { randomBits } from '../../shared/numbers/random.ts';
import { createBatcher } from '../datasets/batcher.ts';
import { createDataset, type Dataset } from '../datasets/dataset.ts';
import { createTrainingMaskSource } from '../datasets/masks.ts';
import type { BatchSource } from '../engine/train/trainingBatch.ts';
import { fixedMasks, pooledMasks } from '../engine/train/trainingMasks.ts';

/** Number of images. */
const imageCount = 128;

/** Returns the batches of a run on images of noise. */
export function openRandomBatches(config: RunConfig): BatchSource {
  const { seed, mask, data, train } = config;
  const { imageSize } = data;
  const method = config.path.estimate;
  const { maskOf } = createTrainingMaskSource(mask, { width: imageSize, height: imageSize });
  const batcher = createBatcher(createRandomImages(imageSize), {
    batchSize: train.batchSize,
    seed,
    flips: data.flips,
    turns: data.turns,
    imageSize,
  });
  return {
    imagesOf: batcher.imagesOf,
    masks:
      mask.pool > 0
        ? pooledMasks(maskOf, { config: mask, seed, size: imageSize, method })
        : fixedMasks(maskOf, method),
    stepsPerEpoch: batcher.stepsPerEpoch,
    totalSteps: train.epochs * batcher.stepsPerEpoch,
  };
}

/** Returns images of noise. */
export function createRandomImages(imageSize: number): Dataset {
  const bits = randomBits({ seed: 1, stream: 'synthetic', step: 0 }, imageCount * imageSize ** 2 * 3);
  return createDataset({
    source: 'random',
    split: 'train',
    imageSize,
    notes: [],
    pixels: Uint8Array.from(bits),
  });
}
