/** Observed and target pixels of dataset images, determined by (law, options, seed, image index). */

import type { MaskConfig } from '../../shared/config/config.ts';
import { keepRatioRange, knownPixels } from '../../shared/images/mask.ts';
import { checkMaskSettings, countKnownPixels, drawMask, type MaskSettings } from '../../shared/masks/laws.ts';
import { observedPixels } from '../../shared/images/image.ts';
import { createNumpyRandom } from '../../shared/numbers/numpyRandom.ts';
import { randomPermutation, randomUniforms } from '../../shared/numbers/random.ts';

export interface MaskOptions extends MaskSettings {
  readonly seed: number;
  /** Size of an image; at most 65 536 (256 × 256) pixels. */
  readonly width: number;
  readonly height: number;
  /** Fraction of the pixels that are targets, in (0, 1]; taken from those that are not observed in every channel. */
  readonly targetRatio: number;
}

/** Row-major pixel indices; no pixel is in both, unless some of its channels are observed and others are not. */
export interface MaskSplit {
  readonly observed: Int32Array;
  /** The channel that is observed of each observed pixel, 0 to 2, see `SparseObservation`; absent: all three. */
  readonly channels?: Uint8Array;
  /** In random order, without repetition unless a mask has fewer unobserved pixels than others of its source. */
  readonly target: Int32Array;
}

export interface MaskSource {
  /** Pixels of a mask that are observed in every channel: the largest number where masks differ. */
  readonly observedCount: number;
  readonly targetCount: number;
  /** Returns the mask of image `imageIndex` ≥ 0; it does not depend on earlier calls. */
  maskOf(imageIndex: number): MaskSplit;
}

/**
 * Laws `numpy` and `counter`: a mask is the head of a permutation of the pixels: the first floor(keepRatio × pixels) are
 * observed, in this order, the next floor(targetRatio × pixels), or as many as are left, are targets. `numpy` is one legacy
 * NumPy generator, one permutation an image in dataset order; asking for image i computes all before it once and keeps 2 bytes
 * a mask pixel. Other laws: what the law draws for (seed, image) is observed, row by row; targets are sampled among the rest,
 * and among all pixels where each shows a single channel.
 *
 * If everything is observed, `target` is empty: fine for evaluation, nothing to train on.
 * @throws Error when the size, a ratio or an option is out of range, not a single pixel would be observed, or only some masks
 * of a mixture would observe everything.
 */
export function createMaskSource(options: MaskOptions): MaskSource {
  checkOptions(options);
  const { law } = options;
  const source = law === 'numpy' || law === 'counter' ? orderedMasks(options, law) : drawnMasks(options);
  return {
    ...source,
    maskOf: (imageIndex) => {
      if (!Number.isSafeInteger(imageIndex) || imageIndex < 0) {
        throw new Error(`Image index ${imageIndex}: expected an integer ≥ 0.`);
      }
      return source.maskOf(imageIndex);
    },
  };
}

type OrderedLaw = 'numpy' | 'counter';
type PermutationOf = (imageIndex: number) => Int32Array | Uint16Array;

function orderedMasks(options: MaskOptions, law: OrderedLaw): MaskSource {
  const { keepRatio } = options;
  const pixels = options.width * options.height;
  const observedCount = Math.floor(keepRatio * pixels);
  const targetCount = countTargets(options, observedCount);
  const permutationOf = permutationLaws[law](options, observedCount + targetCount);
  return {
    observedCount,
    targetCount,
    maskOf: (imageIndex) => {
      const head = new Int32Array(permutationOf(imageIndex));
      return {
        observed: head.slice(0, observedCount),
        target: head.slice(observedCount, observedCount + targetCount),
      };
    },
  };
}

function drawnMasks(options: MaskOptions): MaskSource {
  const { law, keepRatio, markSize, blocks, mixture, phase } = options;
  const settings = { law, keepRatio, markSize, blocks, mixture, phase };
  const { smallest, largest: observedCount } = countKnownPixels(settings, options);
  if (smallest < observedCount && observedCount === options.width * options.height) {
    throw new Error(
      `A law of the mixture observes all ${observedCount} pixels of some images, which leaves nothing to reconstruct there. Expected smaller fractions: grid and lines round theirs, so that keep=0.7 observes everything.`,
    );
  }
  const targetCount = countTargets(options, observedCount);
  return { observedCount, targetCount, maskOf: (index) => splitDrawn(options, index, targetCount) };
}

/**
 * Draws the mask of an image, with `targetCount` of the pixels that have unobserved values as targets. In a range of fractions, a block that is
 * rounded to whole rows may leave fewer: they repeat, because all images of a batch have equally many targets.
 */
function splitDrawn(options: MaskOptions, index: number, targetCount: number): MaskSplit {
  const mask = drawMask({ ...options, index });
  const hidden = pixelsWhere(knownPixels(mask), 0);
  const order = randomPermutation({ seed: options.seed, stream: 'maskTarget', step: index }, hidden.length);
  const target = Int32Array.from({ length: targetCount }, (_, at) => hidden[order[at % order.length]]);
  const { indices: observed, channels } = observedPixels(mask);
  return { observed, ...(channels && { channels }), target };
}

function pixelsWhere(bits: Uint8Array, value: 0 | 1): Int32Array {
  return Int32Array.from(bits.keys()).filter((pixel) => bits[pixel] === value);
}

function countTargets({ targetRatio, width, height }: MaskOptions, observedCount: number): number {
  return Math.min(Math.floor(targetRatio * width * height), width * height - observedCount);
}

const permutationLaws: Record<OrderedLaw, (options: MaskOptions, kept: number) => PermutationOf> = {
  numpy: createNumpyPermutations,
  counter:
    ({ seed, width, height }) =>
    (imageIndex) =>
      randomPermutation({ seed, stream: 'mask', step: imageIndex }, width * height),
};

/** Caches the first `kept` entries of every permutation, because a sequential generator cannot jump back. */
function createNumpyPermutations({ seed, width, height }: MaskOptions, kept: number): PermutationOf {
  const random = createNumpyRandom(seed);
  const heads: Uint16Array[] = [];
  return (imageIndex) => {
    while (heads.length <= imageIndex)
      heads.push(new Uint16Array(random.permutation(width * height).subarray(0, kept)));
    return heads[imageIndex];
  };
}

function checkOptions(options: MaskOptions): void {
  const { width, height, keepRatio, targetRatio } = options;
  const pixels = width * height;
  if (!Number.isInteger(pixels) || pixels < 1 || pixels > 0x10000) {
    throw new Error(`A mask over ${pixels} pixels: expected 1 to 65536. Choose an image size up to 256.`);
  }
  for (const [name, ratio] of Object.entries({ keepRatio, targetRatio })) {
    if (!(ratio > 0 && ratio <= 1)) {
      throw new Error(`mask.${name} is ${ratio}: expected a fraction above 0 and up to 1, e.g. 0.2.`);
    }
  }
  checkMaskSettings(options);
  if (keepRatio * pixels < 1) {
    throw new Error(
      `mask.keepRatio ${keepRatio} of ${pixels} pixels keeps none: expected at least one. Choose ${1 / pixels} or more.`,
    );
  }
}

/** 1 / golden ratio: its multiples modulo 1 are more evenly spread than random numbers. */
const goldenStep = (Math.sqrt(5) - 1) / 2;

/**
 * Creates the masks for training. Mask i observes a fraction in [smallest, largest] of the pixels that depends on (seed, i)
 * alone: a Kronecker sequence from a random start, uniform and evenly spread over consecutive masks, so that a small pool
 * covers the range. `observedCount` is the largest count; all masks have the same number of targets.
 * @throws Error as createMaskSource.
 */
export function createTrainingMaskSource(
  mask: MaskConfig,
  size: { width: number; height: number },
): MaskSource {
  const { seed } = mask;
  const pixels = size.width * size.height;
  const { smallest, largest } = keepRatioRange(mask);
  const options: MaskOptions = { ...mask, ...size, keepRatio: largest };
  const source = createMaskSource(options);
  if (smallest === largest) return source;
  const [start] = randomUniforms({ seed, stream: 'keepRatio', step: 0 }, 1);
  const ratioOf = (index: number) => smallest + ((start + index * goldenStep) % 1) * (largest - smallest);
  return {
    ...source,
    maskOf: (index) => {
      // A permutation's head is the mask of a smaller fraction; other laws draw the mask again.
      if (mask.law !== 'numpy' && mask.law !== 'counter')
        return splitDrawn({ ...options, keepRatio: ratioOf(index) }, index, source.targetCount);
      const { observed, target } = source.maskOf(index);
      return { observed: observed.subarray(0, Math.max(1, Math.floor(ratioOf(index) * pixels))), target };
    },
  };
}
