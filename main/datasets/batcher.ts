/** Training batches as a pure function of (seed, step): order, repetition, reflection and rotation. */

import type { ImageBatch } from '../../shared/images/image.ts';
import { randomBits, randomPermutation } from '../../shared/numbers/random.ts';
import { cropsPerEpoch } from '../../shared/config/longerBudget.ts';
import type { Dataset } from './dataset.ts';

export interface BatcherOptions {
  /** Images per batch, the same for every step. */
  readonly batchSize: number;
  readonly seed: number;
  /** Mirror each image left to right with probability ½. */
  readonly flips: boolean;
  /** Rotate each image by 0, 1, 2 or 3 quarter turns, each with probability ¼. Default: no rotation. */
  readonly turns?: boolean;
  /** Height and width the model expects, pixels. */
  readonly imageSize: number;
}

export interface TrainingBatch {
  /** From 0. */
  readonly epoch: number;
  /** Dataset index of each image, `batchSize` of them. */
  readonly indices: Int32Array;
  /** Quarter turns clockwise, applied after the reflection. */
  readonly turned: Uint8Array;
  /** 1 if the image is mirrored. Masks apply to the transformed image in `images`. */
  readonly flipped: Uint8Array;
  readonly images: ImageBatch;
}

export interface Batcher {
  readonly stepsPerEpoch: number;
  /** Returns the batch of a step; steps count from 0 over all epochs. */
  imagesOf(step: number): TrainingBatch;
}

/**
 * Creates the batcher of a dataset. An epoch is max(1, floor(count / batchSize)) steps through a fresh permutation of the
 * dataset. All batches have one shape: the remainder of an epoch is dropped, and a dataset smaller than a batch is repeated.
 * Of photographs, an epoch has `cropsPerEpoch` random crops each, none of which is the same in another step.
 * @throws Error when the dataset's image size is not `imageSize`, or `batchSize` is not a positive integer.
 */
export function createBatcher(dataset: Dataset, options: BatcherOptions): Batcher {
  const { batchSize, seed, flips, turns = false } = options;
  checkOptions(dataset, options);
  const { count } = dataset.info;
  const { photographs } = dataset;
  const examples = count * (photographs ? cropsPerEpoch : 1);
  const stepsPerEpoch = Math.max(1, Math.floor(examples / batchSize));
  const orderOf = createEpochOrder(seed, count);
  return {
    stepsPerEpoch,
    imagesOf: (step) => {
      const epoch = Math.floor(step / stepsPerEpoch);
      const first = (step % stepsPerEpoch) * batchSize;
      const order = orderOf(epoch);
      const indices = Int32Array.from({ length: batchSize }, (_, row) => order[(first + row) % count]);
      const images = photographs?.sampleCrops(indices, { seed, step }) ?? dataset.readImages(indices);
      const bits = randomBits({ seed, stream: 'augmentation', step }, batchSize);
      const flipped = Uint8Array.from(bits, (word) => (flips ? word >>> 31 : 0));
      const turned = Uint8Array.from(bits, (word) => (turns ? (word >>> 29) & 3 : 0));
      flipped.forEach((isFlipped, row) => {
        if (isFlipped) mirrorImage(images, row);
      });
      turned.forEach((quarters, row) => turnImage(images, row, quarters));
      return { epoch, indices, flipped, turned, images };
    },
  };
}

/** Returns a function that computes the order of an epoch and caches the newest one. */
function createEpochOrder(seed: number, count: number): (epoch: number) => Int32Array {
  let newest: { epoch: number; order: Int32Array } = { epoch: -1, order: new Int32Array(0) };
  return (epoch) => {
    if (newest.epoch !== epoch) {
      newest = { epoch, order: randomPermutation({ seed, stream: 'order', step: epoch }, count) };
    }
    return newest.order;
  };
}

/** Mirrors image `index` of the batch left to right, in place. */
function mirrorImage(batch: ImageBatch, index: number): void {
  const { height, width, values } = batch;
  for (let row = 0; row < height; row++) {
    const start = (index * height + row) * width * 3;
    for (let left = 0, right = width - 1; left < right; left++, right--) {
      for (let channel = 0; channel < 3; channel++) {
        const held = values[start + left * 3 + channel];
        values[start + left * 3 + channel] = values[start + right * 3 + channel];
        values[start + right * 3 + channel] = held;
      }
    }
  }
}

function checkOptions({ info }: Dataset, { batchSize, imageSize }: BatcherOptions): void {
  if (info.height !== imageSize || info.width !== imageSize) {
    throw new Error(
      `${info.source} holds ${info.width}×${info.height} images; the run expects ${imageSize}×${imageSize}. ` +
        'Open the data source with the image size of the run.',
    );
  }
  if (!Number.isInteger(batchSize) || batchSize < 1) {
    throw new Error(`train.batchSize is ${batchSize}: expected a whole number of images, at least 1.`);
  }
}

/**
 * Rotates image `index` of the batch clockwise by 0 to 3 quarter turns, in place.
 * @throws Error when the images are not square.
 */
function turnImage(batch: ImageBatch, index: number, quarters: number): void {
  const { height, width, values } = batch;
  if (height !== width) {
    throw new Error(`Images of ${width}×${height} pixels cannot be rotated in place: expected square ones.`);
  }
  const image = values.subarray(index * height * width * 3, (index + 1) * height * width * 3);
  for (let turn = 0; turn < quarters; turn++) {
    const before = image.slice();
    for (let row = 0; row < height; row++) {
      for (let column = 0; column < width; column++) {
        const from = ((width - 1 - column) * width + row) * 3;
        image.set(before.subarray(from, from + 3), (row * width + column) * 3);
      }
    }
  }
}
