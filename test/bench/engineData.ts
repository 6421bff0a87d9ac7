/** The arrays a step and a sampling read: random images, masked as configured. */

import { createBatcher } from '../../main/datasets/batcher.ts';
import { createDataset } from '../../main/datasets/dataset.ts';
import { createMaskSource, createTrainingMaskSource } from '../../main/datasets/masks.ts';
import { reconstructClassically } from '../../main/engine/classical/registry.ts';
import {
  type Context,
  contextArrays,
  contextParts,
  everyPixel,
  needsEstimate,
} from '../../main/engine/context/context.ts';
import { type BatchSource } from '../../main/engine/train/trainingBatch.ts';
import { fixedMasks, pooledMasks } from '../../main/engine/train/trainingMasks.ts';
import type { RunConfig } from '../../shared/config/config.ts';
import { imageAt, observe } from '../../shared/images/image.ts';
import { randomBits, randomNormals } from '../../shared/numbers/random.ts';
import type { NamedArray } from '../../main/engine/tensors.ts';

/** Images of noise cost a step exactly as much as photographs. */
const pictureCount = 128;

export function openBatches(config: RunConfig): BatchSource {
  const { seed, mask, data, train } = config;
  const { imageSize } = data;
  const { maskOf } = createTrainingMaskSource(mask, imageSize ** 2);
  const batcher = createBatcher(createRandomImages(imageSize), {
    batchSize: train.batchSize,
    seed,
    flips: data.flips,
    turns: data.turns,
    imageSize,
  });
  return {
    imagesOf: batcher.imagesOf,
    masks: mask.pool > 0 ? pooledMasks(maskOf, { config: mask, seed, size: imageSize }) : fixedMasks(maskOf),
    stepsPerEpoch: batcher.stepsPerEpoch,
    totalSteps: train.epochs * batcher.stepsPerEpoch,
  };
}

/** The context of `count` whole images, and `noise` [count, pixels, 3]. */
export function samplingArrays(
  config: RunConfig,
  count: number,
): { readonly context: Context<NamedArray>; readonly noise: NamedArray } {
  const { imageSize, pixels } = { ...config.data, pixels: config.data.imageSize ** 2 };
  const { maskOf } = createMaskSource({ ...config.mask, pixels });
  const rows = Array.from({ length: count }, (_, row) => row);
  const images = createRandomImages(imageSize).readImages(rows);
  const queries = everyPixel(pixels);
  const examples = rows.map((row) => {
    const { observed } = maskOf(row);
    const observation = observe(imageAt(images, row), observed);
    const estimate = needsEstimate(config) ? reconstructClassically('thin plate', observation) : null;
    return { observed, queries, estimate };
  });
  const values = randomNormals({ seed: config.seed, stream: 'sampling', step: 0 }, count * pixels * 3);
  const noise = { shape: [count, pixels, 3], values };
  return { context: contextArrays(images, examples, contextParts(config.field)), noise };
}

function createRandomImages(imageSize: number) {
  const bits = randomBits({ seed: 1, stream: 'synthetic', step: 0 }, pictureCount * imageSize ** 2 * 3);
  return createDataset({
    source: 'random',
    split: 'train',
    imageSize,
    notes: [],
    pixels: Uint8Array.from(bits),
  });
}
