/** Laws that choose single pixels: at random, evenly spread, or on a lattice. */

import { createNumpyRandom } from '../numbers/numpyRandom.ts';
import { randomBits, randomPermutation } from '../numbers/random.ts';
import { blueNoiseSide, createBlueNoiseRanks } from './blueNoise.ts';
import { countWanted, imageSeed, type MaskBits, type MaskRequest } from './request.ts';

/** Draws a mask whose known pixels are the head of a permutation; the order of the pixels is part of these laws. */
export function drawOrdered(
  request: MaskRequest,
  orderOf: (request: Pick<MaskRequest, 'seed' | 'index'>, pixels: number) => Int32Array,
): MaskBits {
  const pixels = request.width * request.height;
  const bits = new Uint8Array(pixels);
  for (const pixel of orderOf(request, pixels).subarray(0, countWanted(request))) bits[pixel] = 1;
  return bits;
}

/** Returns permutation `index` of NumPy's legacy generator; those before it are computed and dropped. */
export function numpyOrder({ seed, index }: Pick<MaskRequest, 'seed' | 'index'>, pixels: number): Int32Array {
  const random = createNumpyRandom(seed);
  for (let before = 0; before < index; before++) random.permutation(pixels);
  return random.permutation(pixels);
}

/** Returns the permutation of an image, computed from (seed, index) alone. */
export function counterOrder(
  { seed, index }: Pick<MaskRequest, 'seed' | 'index'>,
  pixels: number,
): Int32Array {
  return randomPermutation({ seed, stream: 'mask', step: index }, pixels);
}

/** Selection sampling: one number a pixel, no list of pixels. Knuth, TAOCP 2, §3.4.2, algorithm S. */
export function drawUniform(request: MaskRequest): MaskBits {
  const { width, height } = request;
  const seed = imageSeed(request);
  const mask = new Uint8Array(width * height);
  let needed = countWanted(request);
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

/** The tile of the newest seed: it takes far longer to compute than a mask. */
let newestTile: { readonly seed: number; readonly ranks: Uint16Array } | null = null;

function ranksOf(seed: number): Uint16Array {
  if (newestTile?.seed !== seed) newestTile = { seed, ranks: createBlueNoiseRanks(seed) };
  return newestTile.ranks;
}

/**
 * The pixels of lowest rank in the repeated tile; of the last rank's pixels every so many, evenly. The images of a dataset
 * share the tile of the seed, which has no seam: each begins at a place of its own.
 */
export function drawBlueNoise(request: MaskRequest): MaskBits {
  const { seed, index, width, height } = request;
  const ranks = ranksOf(seed);
  const [shift] = index === 0 ? [0] : randomBits({ seed, stream: 'maskImage', step: index }, 1);
  const [across, down] = [shift % blueNoiseSide, (shift >>> 8) % blueNoiseSide];
  const rankAt = (row: number, column: number) =>
    ranks[((row + down) % blueNoiseSide) * blueNoiseSide + ((column + across) % blueNoiseSide)];
  const counts = new Float64Array(ranks.length);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) counts[rankAt(row, column)]++;
  }
  let needed = countWanted(request);
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
export function drawLattice(
  { keepRatio, width, height }: MaskRequest,
  spacingOf: (k: number) => Spacing,
): MaskBits {
  const wanted = keepRatio * width * height;
  const missBy = ({ right, down }: Spacing) =>
    Math.abs(Math.ceil(width / right) * Math.ceil(height / down) - wanted);
  let spacing = spacingOf(1);
  for (let k = 2; k <= Math.max(width, height); k++) {
    if (missBy(spacingOf(k)) < missBy(spacing)) spacing = spacingOf(k);
  }
  const mask = new Uint8Array(width * height);
  // What is left over is split: half before the first and half behind the last.
  for (let row = ((height - 1) % spacing.down) >> 1; row < height; row += spacing.down) {
    for (let column = ((width - 1) % spacing.right) >> 1; column < width; column += spacing.right) {
      mask[row * width + column] = 1;
    }
  }
  return mask;
}
