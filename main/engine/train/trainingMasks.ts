/** Which pixels a training example observes, which it is asked for, and the classical estimate that goes with the mask. */

import type { MaskConfig } from '../../../shared/config.ts';
import { type Image, observe, pasteObserved } from '../../../shared/image.ts';
import { randomIntegers, randomPermutation } from '../../../shared/pure/random.ts';
import { reconstructClassically } from '../classical/registry.ts';
import { applyOperator, thinPlateOperator } from '../classical/thinPlate.ts';
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
  const operators = new Map<number, Float32Array>();
  const operatorOf = (index: number, observed: Int32Array): Float32Array => {
    const known = operators.get(index) ?? thinPlateOperator(observed, { height: size, width: size });
    operators.set(index, known);
    return known;
  };
  return ({ step, row, batchSize }) => {
    const draw = step * batchSize + row;
    const [choice] = randomIntegers({ seed, stream: 'maskChoice', step: draw }, 1, config.pool * 8);
    const index = firstPoolMask + (choice >> 3);
    const pooled = maskOf(index);
    const turn = symmetries[choice & 7];
    const observed = pooled.observed.map((pixel) => turn[pixel]);
    return {
      observed,
      target: drawTargets(observed, { count: pooled.target.length, seed, draw, pixels: size * size }),
      estimate: (image) =>
        estimateTurned(image, { observed, turn, operator: operatorOf(index, pooled.observed) }),
    };
  };
}

/** `count` unobserved pixels in random order. */
function drawTargets(
  observed: Int32Array,
  options: { count: number; seed: number; draw: number; pixels: number },
): Int32Array {
  const isObserved = new Uint8Array(options.pixels);
  observed.forEach((pixel) => (isObserved[pixel] = 1));
  const order = randomPermutation(
    { seed: options.seed, stream: 'target', step: options.draw },
    options.pixels,
  );
  return order.filter((pixel) => !isObserved[pixel]).subarray(0, options.count);
}

/** Estimate in the pool mask's own frame, turned back into the image's. */
function estimateTurned(
  image: Image,
  mask: { observed: Int32Array; turn: Int32Array; operator: Float32Array },
): Float32Array {
  const observation = observe(image, mask.observed);
  const pixels = image.height * image.width;
  const straight = new Float32Array(pixels * 3);
  applyOperator(mask.operator, observation.values, straight);
  const estimate = new Float32Array(pixels * 3);
  for (let pixel = 0; pixel < pixels; pixel++) {
    const at = mask.turn[pixel] * 3;
    for (let channel = 0; channel < 3; channel++) {
      estimate[at + channel] = Math.min(1, Math.max(0, straight[pixel * 3 + channel]));
    }
  }
  pasteObserved(estimate, observation);
  return estimate;
}
