/** Masks of training examples: the observed pixels, the pixels to predict, and the classical estimate under the mask. */

import { mapInto } from '../../../shared/numbers/mapInto.ts';
import type { ClassicalEstimate, MaskConfig } from '../../../shared/config/config.ts';
import { type Image, observe } from '../../../shared/images/image.ts';
import { randomIntegers, randomPermutation } from '../../../shared/numbers/random.ts';
import { type ChannelEstimator, createChannelEstimators } from '../classical/channels.ts';
import { energyOf } from '../classical/gridEnergy.ts';
import { createMaskEstimator, estimateObservation } from '../classical/maskEstimator.ts';
import type { MaskEstimator } from '../classical/thinPlate.ts';
import { pickPixels } from '../context/context.ts';
import { squareSymmetries } from '../symmetry.ts';

/** Row-major pixel indices. */
export interface Mask {
  readonly observed: Int32Array;
  /** The one channel that is observed of each observed pixel, 0 to 2; absent: all three. */
  readonly channels?: Uint8Array;
  readonly target: Int32Array;
}

export interface TrainingMask extends Pick<Mask, 'observed' | 'channels'> {
  /** Returns the pixels to predict; networks that predict every pixel do without. */
  readonly drawTargets: () => Int32Array;
  /** Returns the classical estimate of an image seen through this mask: height × width × 3 values in [0, 1], exact where it is observed. */
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

/** Returns masks that never change: each image keeps its own, as in the notebook. `method`: their estimate, default thin plate. */
export function fixedMasks(
  maskOf: (index: number) => Mask,
  method: ClassicalEstimate = 'thin-plate',
): TrainingMasks {
  const estimateOf = shareEstimates(method);
  return ({ image }) => {
    const { observed, channels, target } = maskOf(image);
    const drawTargets = () => target;
    if (!channels) {
      const estimateSeen = (seen: Image) => estimateObservation(method, observe(seen, observed));
      return { observed, drawTargets, estimate: estimateSeen };
    }
    const estimate = estimateOf({ indices: observed, channels });
    return {
      observed,
      channels,
      drawTargets,
      estimate: (seen) => estimate(seen, { observed, turn: observed }),
    };
  };
}

/**
 * Returns masks that are sampled for every row: one of `config.pool` masks under one of the eight symmetries of the square,
 * and new targets among its unobserved pixels. The estimates are linear in the observed values and commute with the symmetries,
 * so that each mask of the pool is solved once and every estimate is one matrix product or substitution. `method`: default thin
 * plate.
 */
export function pooledMasks(
  maskOf: (index: number) => Mask,
  options: { config: MaskConfig; seed: number; size: number; method?: ClassicalEstimate },
): TrainingMasks {
  const { config, seed, size, method = 'thin-plate' } = options;
  const symmetries = squareSymmetries(size);
  const pool = new Map<number, PoolMask>();
  const estimateOf = shareEstimates(method);
  return ({ step, row, batchSize }) => {
    const draw = step * batchSize + row;
    const [choice] = randomIntegers({ seed, stream: 'maskChoice', step: draw }, 1, config.pool * 8);
    const index = firstPoolMask + (choice >> 3);
    const mask = pool.get(index) ?? createPoolMask(maskOf(index), { size, method, estimateOf });
    pool.set(index, mask);
    const turn = symmetries[choice & 7];
    const observed = mask.observed.map((pixel) => turn[pixel]);
    const { channels, targetCount: count, estimate } = mask;
    const known = channels ? Int32Array.of() : observed;
    return {
      observed,
      ...(channels && { channels }),
      drawTargets: () => sampleTargets(known, { count, seed, draw, pixels: size * size }),
      estimate: (image) => estimate(image, { observed, turn }),
    };
  };
}

/** A mask of the pool before any symmetry is applied. */
interface PoolMask extends Pick<Mask, 'observed' | 'channels'> {
  readonly targetCount: number;
  /** Solves this mask at the first call. */
  readonly estimate: TurnedEstimate;
}

/** Estimates an image through a mask that `turn` has moved; `observed` are the moved pixels in the order of the mask. */
type TurnedEstimate = (
  image: Image,
  turned: { readonly observed: Int32Array; readonly turn: Int32Array },
) => Float32Array;

function createPoolMask(
  { observed, channels, target }: Mask,
  options: {
    size: number;
    method: ClassicalEstimate;
    estimateOf: (pattern: Pattern) => TurnedEstimate;
  },
): PoolMask {
  const { size, method, estimateOf } = options;
  const targetCount = target.length;
  if (channels) {
    return { observed, channels, targetCount, estimate: estimateOf({ indices: observed, channels }) };
  }
  let solved: MaskEstimator | null = null;
  const solve = () => createMaskEstimator(method, observed, { height: size, width: size });
  return {
    observed,
    targetCount,
    estimate: (image, turned) => estimateTurned(image, (solved ??= solve()), turned),
  };
}

function markPixels(pixels: Int32Array, count: number): Uint8Array {
  const marks = new Uint8Array(count);
  pixels.forEach((pixel) => (marks[pixel] = 1));
  return marks;
}

/** Samples `count` distinct pixels that are not in `observed`; when there are fewer, all of them, repeated. */
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
  { unobserved, estimate: estimateStraight }: MaskEstimator,
  { observed, turn }: Parameters<TurnedEstimate>[1],
): Float32Array {
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

/** Observed values of a mask that shows single channels. */
interface Pattern {
  readonly indices: Int32Array;
  readonly channels: Uint8Array;
}

/** Returns `estimateByChannel`, solved once for all equal patterns: there are few. */
function shareEstimates(method: ClassicalEstimate): (pattern: Pattern) => TurnedEstimate {
  const solved: { readonly pattern: Pattern; readonly estimate: TurnedEstimate }[] = [];
  return (pattern) => {
    const same = solved.find((each) => isSamePattern(each.pattern, pattern));
    if (same) return same.estimate;
    const estimate = estimateByChannel(method, pattern);
    solved.push({ pattern, estimate });
    return estimate;
  };
}

function isSamePattern(one: Pattern, other: Pattern): boolean {
  return (
    one.indices.length === other.indices.length &&
    one.channels.every((channel, row) => channel === other.channels[row]) &&
    one.indices.every((pixel, row) => pixel === other.indices[row])
  );
}

/** As `estimateTurned`, for each channel through the pixels that show it. */
function estimateByChannel(method: ClassicalEstimate, mask: Pattern): TurnedEstimate {
  let solved: readonly ChannelEstimator[] | null = null;
  return (image, { observed, turn }) => {
    solved ??= createChannelEstimators(energyOf(method), mask, image);
    const estimate = image.values.slice();
    solved.forEach(({ rows, unobserved, estimate: estimateStraight }, channel) => {
      const valueOf = (row: number) => image.values[observed[row] * 3 + channel];
      const seen = mapInto(new Float32Array(rows.length), rows, valueOf);
      const straight = estimateStraight(seen);
      unobserved.forEach((pixel, row) => {
        estimate[turn[pixel] * 3 + channel] = Math.min(1, Math.max(0, straight[row]));
      });
    });
    return estimate;
  };
}
