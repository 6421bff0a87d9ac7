/** Observed and target pixels of dataset images, determined by (law, seed, image index). */

import type { MaskConfig } from '../../shared/config/config.ts';
import { type DatasetMaskLaw, keepRatioRange } from '../../shared/images/mask.ts';
import { randomPermutation, randomUniforms } from '../../shared/numbers/random.ts';
import { createNumpyRandom } from './numpyRandom.ts';

export interface MaskOptions {
  readonly law: DatasetMaskLaw;
  readonly seed: number;
  /** Pixels of an image, at most 65 536 (256 × 256). */
  readonly pixels: number;
  /** Fraction of the pixels that are observed, in (0, 1]. */
  readonly keepRatio: number;
  /** Fraction of the pixels that are targets, in (0, 1]; taken from the unobserved ones. */
  readonly targetRatio: number;
}

/** Row-major pixel indices in random order, without repetition; no pixel is in both. */
export interface MaskSplit {
  readonly observed: Int32Array;
  readonly target: Int32Array;
}

export interface MaskSource {
  readonly observedCount: number;
  readonly targetCount: number;
  /** Returns the mask of image `imageIndex` ≥ 0; it does not depend on earlier calls. */
  maskOf(imageIndex: number): MaskSplit;
}

type PermutationOf = (imageIndex: number) => Int32Array | Uint16Array;

/**
 * A mask is the head of a permutation of the pixels: the first floor(keepRatio × pixels) are observed, the next
 * floor(targetRatio × pixels), or as many as are left, are targets. At keepRatio 1 everything is observed and
 * `target` is empty: fine for evaluation, nothing to train on.
 *
 * Law `numpy`: one legacy NumPy generator, one permutation an image in dataset order; asking for image i computes all
 * before it once and keeps 2 bytes a mask pixel. Law `counter`: each image by itself, nothing kept.
 * @throws Error when `pixels` or a ratio is out of range, or not a single pixel would be observed.
 */
export function createMaskSource(options: MaskOptions): MaskSource {
  const { pixels, keepRatio, targetRatio } = options;
  checkOptions(options);
  const observedCount = Math.floor(keepRatio * pixels);
  const targetCount = Math.min(Math.floor(targetRatio * pixels), pixels - observedCount);
  const permutationOf = permutationLaws[options.law](options, observedCount + targetCount);
  return {
    observedCount,
    targetCount,
    maskOf: (imageIndex) => {
      if (!Number.isSafeInteger(imageIndex) || imageIndex < 0) {
        throw new Error(`Image index ${imageIndex}: expected an integer ≥ 0.`);
      }
      const head = new Int32Array(permutationOf(imageIndex));
      return {
        observed: head.slice(0, observedCount),
        target: head.slice(observedCount, observedCount + targetCount),
      };
    },
  };
}

const permutationLaws: Record<DatasetMaskLaw, (options: MaskOptions, kept: number) => PermutationOf> = {
  numpy: createNumpyPermutations,
  counter:
    ({ seed, pixels }) =>
    (imageIndex) =>
      randomPermutation({ seed, stream: 'mask', step: imageIndex }, pixels),
};

/** Caches the first `kept` entries of every permutation, because a sequential generator cannot jump back. */
function createNumpyPermutations({ seed, pixels }: MaskOptions, kept: number): PermutationOf {
  const random = createNumpyRandom(seed);
  const heads: Uint16Array[] = [];
  return (imageIndex) => {
    while (heads.length <= imageIndex)
      heads.push(new Uint16Array(random.permutation(pixels).subarray(0, kept)));
    return heads[imageIndex];
  };
}

function checkOptions({ pixels, keepRatio, targetRatio }: MaskOptions): void {
  if (!Number.isInteger(pixels) || pixels < 1 || pixels > 0x10000) {
    throw new Error(`A mask over ${pixels} pixels: expected 1 to 65536. Choose an image size up to 256.`);
  }
  for (const [name, ratio] of Object.entries({ keepRatio, targetRatio })) {
    if (!(ratio > 0 && ratio <= 1)) {
      throw new Error(`mask.${name} is ${ratio}: expected a fraction above 0 and up to 1, e.g. 0.2.`);
    }
  }
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
export function createTrainingMaskSource(mask: MaskConfig, pixels: number): MaskSource {
  const { law, seed, targetRatio } = mask;
  const { smallest, largest } = keepRatioRange(mask);
  const source = createMaskSource({ law, seed, targetRatio, pixels, keepRatio: largest });
  if (smallest === largest) return source;
  const [start] = randomUniforms({ seed, stream: 'keepRatio', step: 0 }, 1);
  return {
    ...source,
    maskOf: (index) => {
      const { observed, target } = source.maskOf(index);
      const place = (start + index * goldenStep) % 1;
      const count = Math.max(1, Math.floor((smallest + place * (largest - smallest)) * pixels));
      return { observed: observed.subarray(0, count), target };
    },
  };
}
