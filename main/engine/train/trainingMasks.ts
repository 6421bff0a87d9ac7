/** Which pixels a training example observes, which it is asked for, and the classical estimate that goes with the mask. */

import type { MaskConfig } from '../../../shared/config/config.ts';
import { type Image, observe } from '../../../shared/images/image.ts';
import { randomIntegers, randomPermutation } from '../../../shared/numbers/random.ts';
import { applyOperator } from '../classical/applyOperator.ts';
import { reconstructClassically } from '../classical/registry.ts';
import { thinPlateOperator } from '../classical/thinPlate.ts';
import { pickPixels } from './contextArrays.ts';
import { squareSymmetries } from './squareSymmetries.ts';

export interface Mask {
  /** Row-major pixel indices. */
  readonly observed: Int32Array;
  readonly target: Int32Array;
}

export interface TrainingMask extends Mask {
  /** Thin plate estimate (height × width × 3, in [0, 1], observed pixels exact) of an image seen through this mask. */
  estimate(image: Image): Float32Array;
}

/** The mask of one row of one batch. `image` is the dataset index of the row's image. */
export type TrainingMasks = (row: {
  step: number;
  row: number;
  batchSize: number;
  image: number;
}) => TrainingMask;

/** Pool masks are numbered from here on, so that no image of an evaluation carries one of them. */
const firstPoolMask = 1_000_000;

/** Every image keeps its own mask for ever: the notebook's way. */
export function fixedMasks(maskOf: (index: number) => Mask): TrainingMasks {
  return ({ image }) => {
    const mask = maskOf(image);
    return {
      ...mask,
      estimate: (picture) => reconstructClassically('thin plate', observe(picture, mask.observed)),
    };
  };
}

/**
 * A fresh choice for every row: one of `config.pool` masks in one of the eight symmetries of the square, and fresh targets
 * among its unobserved pixels. The thin plate is linear in the observed values and turns with the mask, so each pool mask
 * is solved once and every estimate is one matrix product.
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
      target: drawTargets(observed, { count: mask.targetCount, seed, draw, pixels: size * size }),
      estimate: (image) => estimateTurned(image, { mask, observed, turn }),
    };
  };
}

/** A mask of the pool in its own frame. */
interface PoolMask {
  readonly observed: Int32Array;
  readonly unobserved: Int32Array;
  readonly targetCount: number;
  /** Weights [unobserved, observed]; solved at the first call. */
  operator(): Float32Array;
}

function createPoolMask({ observed, target }: Mask, size: number): PoolMask {
  const isObserved = markPixels(observed, size * size);
  const unobserved = Int32Array.from(isObserved.keys()).filter((pixel) => isObserved[pixel] === 0);
  let solved: Float32Array | null = null;
  const solve = (): Float32Array => {
    const whole = thinPlateOperator(observed, { height: size, width: size });
    const weights = new Float32Array(unobserved.length * observed.length);
    unobserved.forEach((pixel, row) => {
      const from = pixel * observed.length;
      weights.set(whole.subarray(from, from + observed.length), row * observed.length);
    });
    return weights;
  };
  return { observed, unobserved, targetCount: target.length, operator: () => (solved ??= solve()) };
}

function markPixels(pixels: Int32Array, count: number): Uint8Array {
  const marks = new Uint8Array(count);
  pixels.forEach((pixel) => (marks[pixel] = 1));
  return marks;
}

/** `count` unobserved pixels in random order, or as many as there are. */
function drawTargets(
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
  return targets.subarray(0, found);
}

/** Estimate of the unobserved pixels in the pool mask's own frame, turned back into the image's; observed ones as they are. */
function estimateTurned(
  image: Image,
  { mask, observed, turn }: { mask: PoolMask; observed: Int32Array; turn: Int32Array },
): Float32Array {
  const straight = new Float32Array(mask.unobserved.length * 3);
  applyOperator(mask.operator(), pickPixels(image.values, observed), straight);
  const estimate = image.values.slice();
  mask.unobserved.forEach((pixel, row) => {
    const at = turn[pixel] * 3;
    for (let channel = 0; channel < 3; channel++) {
      estimate[at + channel] = Math.min(1, Math.max(0, straight[row * 3 + channel]));
    }
  });
  return estimate;
}
