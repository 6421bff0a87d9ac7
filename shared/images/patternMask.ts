/** Masks for an image of any size, drawn by a law. */

import { blueNoiseSide, createBlueNoiseRanks } from './blueNoise.ts';
import type { Mask, MaskPattern } from './mask.ts';
import { randomBits, randomIntegers } from '../numbers/random.ts';

export interface PatternMaskOptions {
  readonly pattern: MaskPattern;
  /** Fraction of the pixels that are known, in (0, 1]. */
  readonly keepRatio: number;
  /** Integer ≥ 0; `grid` and `lines` do not depend on it. */
  readonly seed: number;
  readonly width: number;
  readonly height: number;
}

/**
 * height × width bytes, row by row: 1 = known. The same options give the same mask, everywhere; at least one pixel is
 * known.
 * - `uniform`: exactly ⌊keepRatio · pixels⌋, any such set as likely as any other.
 * - `blue-noise`: exactly as many, evenly spread.
 * - `grid`: every k-th pixel in both directions, `lines`: every k-th row, centred; k is the one whose fraction is nearest,
 *   so that fractions such as 1 (k = 1), 1/4 and 1/9, or 1/2 and 1/3 are met and others only nearly.
 * - `block`: all but one rectangle with about the image's aspect ratio, at a random position; exact to one row or column.
 * @throws Error when an option is out of its range.
 */
export function drawPatternMask(options: PatternMaskOptions): PatternMask {
  checkOptions(options);
  const { width, height, pattern } = options;
  return { width, height, bits: patterns[pattern](options) };
}

/** A mask whose buffer is its own, so that it can be transferred between threads. */
export type PatternMask = Mask & { readonly bits: Uint8Array<ArrayBuffer> };

const patterns: Record<MaskPattern, (options: PatternMaskOptions) => Uint8Array<ArrayBuffer>> = {
  uniform: drawUniform,
  'blue-noise': drawBlueNoise,
  grid: (options) => drawLattice(options, (k) => ({ right: k, down: k })),
  lines: (options) => drawLattice(options, (k) => ({ right: 1, down: k })),
  block: drawBlock,
};

function checkOptions({ keepRatio, seed, width, height }: PatternMaskOptions): void {
  if (!(keepRatio > 0 && keepRatio <= 1)) {
    throw new Error(`Fraction of known pixels ${keepRatio}: expected a number > 0 and ≤ 1, such as 0.2.`);
  }
  if (!Number.isSafeInteger(seed) || seed < 0)
    throw new Error(`Mask seed ${seed}: expected a whole number ≥ 0.`);
  if (![width, height].every((side) => Number.isSafeInteger(side) && side > 0)) {
    throw new Error(`An image of ${width}×${height} pixels: expected whole numbers ≥ 1.`);
  }
}

function countWanted({ keepRatio, width, height }: PatternMaskOptions): number {
  return Math.max(1, Math.floor(keepRatio * width * height));
}

/** Selection sampling: one number a pixel, no list of pixels. Knuth, TAOCP 2, §3.4.2, algorithm S. */
function drawUniform(options: PatternMaskOptions): Uint8Array<ArrayBuffer> {
  const { seed, width, height } = options;
  const mask = new Uint8Array(width * height);
  let needed = countWanted(options);
  for (let row = 0; row < height; row++) {
    const bits = randomBits({ seed, stream: 'patternMask', step: row }, width);
    for (let column = 0; column < width; column++) {
      const pixel = row * width + column;
      if (bits[column] * (mask.length - pixel) >= needed * 2 ** 32) continue;
      mask[pixel] = 1;
      needed--;
    }
  }
  return mask;
}

/** The pixels of lowest rank in the repeated tile; of the last rank's pixels every so many, evenly. */
function drawBlueNoise(options: PatternMaskOptions): Uint8Array<ArrayBuffer> {
  const { seed, width, height } = options;
  const ranks = createBlueNoiseRanks(seed);
  const rankAt = (row: number, column: number) =>
    ranks[(row % blueNoiseSide) * blueNoiseSide + (column % blueNoiseSide)];
  const counts = new Float64Array(ranks.length);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) counts[rankAt(row, column)]++;
  }
  let needed = countWanted(options);
  let last = 0;
  while (needed > counts[last]) needed -= counts[last++];
  const mask = new Uint8Array(width * height);
  let seen = 0;
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const rank = rankAt(row, column);
      if (rank < last) mask[row * width + column] = 1;
      if (rank !== last) continue;
      const isTurn =
        Math.floor(((seen + 1) * needed) / counts[last]) > Math.floor((seen * needed) / counts[last]);
      if (isTurn) mask[row * width + column] = 1;
      seen++;
    }
  }
  return mask;
}

interface Spacing {
  readonly right: number;
  readonly down: number;
}

/** Of all spacings the one whose fraction is nearest; of two the closer one. */
function drawLattice(
  { keepRatio, width, height }: PatternMaskOptions,
  spacingOf: (k: number) => Spacing,
): Uint8Array<ArrayBuffer> {
  const wanted = keepRatio * width * height;
  const missBy = ({ right, down }: Spacing) =>
    Math.abs(Math.ceil(width / right) * Math.ceil(height / down) - wanted);
  let spacing = spacingOf(1);
  for (let k = 2; k <= Math.max(width, height); k++) {
    if (missBy(spacingOf(k)) < missBy(spacing)) spacing = spacingOf(k);
  }
  const mask = new Uint8Array(width * height);
  // What is left over stands half before the first and half behind the last.
  for (let row = ((height - 1) % spacing.down) >> 1; row < height; row += spacing.down) {
    for (let column = ((width - 1) % spacing.right) >> 1; column < width; column += spacing.right) {
      mask[row * width + column] = 1;
    }
  }
  return mask;
}

function drawBlock(options: PatternMaskOptions): Uint8Array<ArrayBuffer> {
  const { seed, width, height } = options;
  const mask = new Uint8Array(width * height).fill(1);
  const { wide, tall } = sizeBlock(options);
  const [across, down] = [width - wide + 1, height - tall + 1];
  const [place] = randomIntegers({ seed, stream: 'patternMask', step: 0 }, 1, across * down);
  const [top, left] = [Math.floor(place / across), place % across];
  for (let row = top; row < top + tall; row++) mask.fill(0, row * width + left, row * width + left + wide);
  return mask;
}

/** Returns the size of the hidden block: the image's aspect ratio, then corrected for rounding and for thin images. */
function sizeBlock(options: PatternMaskOptions): { wide: number; tall: number } {
  const { keepRatio, width, height } = options;
  const hidden = width * height - countWanted(options);
  if (hidden === 0) return { wide: 0, tall: 0 };
  const shaped = clamp(Math.round(Math.sqrt(1 - keepRatio) * width), 1, width);
  const tall = clamp(Math.round(hidden / shaped), 1, height);
  const wide = clamp(Math.round(hidden / tall), 1, width);
  const isAll = wide === width && tall === height;
  return { wide, tall: isAll ? tall - 1 : tall };
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
