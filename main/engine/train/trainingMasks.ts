/** Masks of training examples: the observed pixels, the pixels to predict, and the classical estimate under the mask. */

import type { MaskConfig } from '../../../shared/config/config.ts';
import { type Image, observe } from '../../../shared/images/image.ts';
import { randomIntegers, randomPermutation } from '../../../shared/numbers/random.ts';
import { createThinPlateEstimator, type ThinPlateEstimator } from '../classical/thinPlate.ts';
import { reconstructClassically } from '../classical/registry.ts';
import { pickPixels } from '../context/context.ts';
import { squareSymmetries } from '../symmetry.ts';

/** Row-major pixel indices. */
export interface Mask {
  readonly observed: Int32Array;
  readonly target: Int32Array;
}

export interface TrainingMask extends Mask {
  /** Returns the thin plate estimate of an image seen through this mask: height × width × 3 values in [0, 1], exact at observed pixels. */
  estimate(image: Image): Float32Array;
}

/** Returns the mask of one row of a batch. `image` is the index of the row's image in the dataset. */
export type TrainingMasks = (row: {
  step: number;
  row: number;
  batchSize: number;
  image: number;
}) => TrainingMask;

/** Masks of the pool are numbered from here on, so that none of them is the mask of an image in an evaluation. */
const firstPoolMask = 1_000_000;

/** Returns masks that never change: each image keeps its own, as in the notebook. */
export function fixedMasks(maskOf: (index: number) => Mask): TrainingMasks {
  return ({ image }) => {
    const mask = maskOf(image);
    return {
      ...mask,
      estimate: (seen) => reconstructClassically('thin plate', observe(seen, mask.observed)),
    };
  };
}

/**
 * Returns masks that are sampled for every row: one of `config.pool` masks under one of the eight symmetries of the square,
 * and new targets among its unobserved pixels. The thin plate is linear in the observed values and commutes with the
 * symmetries, so that each mask of the pool is solved once and every estimate is one matrix product.
 */
export function pooledMasks(
  maskOf: (index: number) => Mask,
  options: { config: MaskConfig; seed: number; size: number },
): TrainingMasks {
  const { config, seed, size } = options;
  const symmetries = squareSymmetries(size);
  const pool = new Map<number, PoolMask>();
  return ({ step, row, batchSize }) => {
    const draw = step * batchSize + row;
    const [choice] = randomIntegers({ seed, stream: 'maskChoice', step: draw }, 1, config.pool * 8);
    const index = firstPoolMask + (choice >> 3);
    const mask = pool.get(index) ?? createPoolMask(maskOf(index), size);
    pool.set(index, mask);
    const turn = symmetries[choice & 7];
    const observed = mask.observed.map((pixel) => turn[pixel]);
    return {
      observed,
      target: sampleTargets(observed, { count: mask.targetCount, seed, draw, pixels: size * size }),
      estimate: (image) => estimateTurned(image, { mask, observed, turn }),
    };
  };
}

/** A mask of the pool before any symmetry is applied. */
interface PoolMask {
  readonly observed: Int32Array;
  readonly targetCount: number;
  /** Returns the thin plate of this mask, solved at the first call. */
  estimator(): ThinPlateEstimator;
}

function createPoolMask({ observed, target }: Mask, size: number): PoolMask {
  let solved: ThinPlateEstimator | null = null;
  const solve = () => createThinPlateEstimator(observed, { height: size, width: size });
  return { observed, targetCount: target.length, estimator: () => (solved ??= solve()) };
}

function markPixels(pixels: Int32Array, count: number): Uint8Array {
  const marks = new Uint8Array(count);
  pixels.forEach((pixel) => (marks[pixel] = 1));
  return marks;
}

/** Samples `count` distinct unobserved pixels; when there are fewer, all of them, repeated. */
function sampleTargets(
  observed: Int32Array,
  options: { count: number; seed: number; draw: number; pixels: number },
): Int32Array {
  const { count, seed, draw, pixels } = options;
  const isObserved = markPixels(observed, pixels);
  const targets = new Int32Array(count);
  let found = 0;
  for (const pixel of randomPermutation({ seed, stream: 'target', step: draw }, pixels)) {
    if (found === count) break;
    if (isObserved[pixel] === 0) targets[found++] = pixel;
  }
  for (let at = found; at < count; at++) targets[at] = targets[at % found];
  return targets;
}

/** Estimates the unobserved pixels in the frame of the pool's mask and moves them to the frame of the image; observed pixels are copied. */
function estimateTurned(
  image: Image,
  { mask, observed, turn }: { mask: PoolMask; observed: Int32Array; turn: Int32Array },
): Float32Array {
  const { unobserved, estimate: estimateStraight } = mask.estimator();
  const straight = estimateStraight(pickPixels(image.values, observed));
  const estimate = image.values.slice();
  unobserved.forEach((pixel, row) => {
    const at = turn[pixel] * 3;
    for (let channel = 0; channel < 3; channel++) {
      estimate[at + channel] = Math.min(1, Math.max(0, straight[row * 3 + channel]));
    }
  });
  return estimate;
}
