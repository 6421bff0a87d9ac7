/** The registry of mask laws: training, evaluation, previews, classical baselines and the user's images all draw their masks here. */

import type { Mask } from '../images/mask.ts';
import { drawBlocks, drawBorder, drawStrokes } from './holeLaws.ts';
import {
  counterOrder,
  drawBlueNoise,
  drawLattice,
  drawOrdered,
  drawUniform,
  numpyOrder,
} from './pixelLaws.ts';
import type { MaskBits, MaskRequest } from './request.ts';
import { drawText } from './textLaw.ts';

/** Settings that only some laws have. */
export const maskOptions = ['markSize', 'blocks'] as const;
export type MaskOption = (typeof maskOptions)[number];

interface MaskLawTraits {
  readonly title: string;
  /** What the fraction of known pixels is for this law, as a sentence. */
  readonly fraction: string;
  readonly options: readonly MaskOption[];
  /** What `markSize` measures. */
  readonly sizeTitle?: string;
  /** Whether the mask depends on a seed. */
  readonly isSeeded: boolean;
  /** Whether the mask of image i can be drawn without those before it. */
  readonly isRandomAccess: boolean;
  /** Set where another law has the same distribution, which single images use instead. */
  readonly variantOf?: 'uniform';
  /** Draws one mask: a pure function of the request. */
  readonly draw: (request: MaskRequest) => MaskBits;
}

const exact = 'Met exactly, rounded down to whole pixels.';
const seeded = { isSeeded: true, isRandomAccess: true, options: [] } as const;
const unseeded = { isSeeded: false, isRandomAccess: true, options: [] } as const;

/**
 * Every law that draws a single kind of mask. The names are stored in configurations, protocols and inpainting requests; the
 * masks are part of stored results and never change. For one law and one size of image the number of known pixels depends on
 * the options alone, not on seed and index.
 */
export const maskLaws = {
  numpy: {
    title: 'Random pixels (NumPy’s generator)',
    fraction: exact,
    options: [],
    isSeeded: true,
    isRandomAccess: false,
    variantOf: 'uniform',
    draw: (request) => drawOrdered(request, numpyOrder),
  },
  counter: {
    ...seeded,
    title: 'Random pixels (permutations by counter)',
    fraction: exact,
    variantOf: 'uniform',
    draw: (request) => drawOrdered(request, counterOrder),
  },
  uniform: { ...seeded, title: 'Random pixels', fraction: exact, draw: drawUniform },
  'blue-noise': { ...seeded, title: 'Evenly spread pixels', fraction: exact, draw: drawBlueNoise },
  grid: {
    ...unseeded,
    title: 'Grid',
    fraction: 'The nearest spacing k: every k-th pixel of every k-th row is known, a fraction 1/k².',
    draw: (request) => drawLattice(request, (k) => ({ right: k, down: k })),
  },
  lines: {
    ...unseeded,
    title: 'Lines',
    fraction: 'The nearest spacing k: every k-th row is known, a fraction 1/k.',
    draw: (request) => drawLattice(request, (k) => ({ right: 1, down: k })),
  },
  block: {
    ...seeded,
    title: 'All but blocks',
    fraction: 'The area around the blocks; with one block met to a row or column, with several exactly.',
    options: ['blocks'],
    draw: drawBlocks,
  },
  strokes: {
    ...seeded,
    title: 'All but brush strokes',
    fraction: exact,
    options: ['markSize'],
    sizeTitle: 'Width of strokes',
    draw: drawStrokes,
  },
  text: {
    ...seeded,
    title: 'All but text',
    fraction: exact,
    options: ['markSize'],
    sizeTitle: 'Height of letters',
    draw: drawText,
  },
  border: {
    ...unseeded,
    title: 'Only the centre',
    fraction: 'The area of the centre, met to a row or column.',
    draw: drawBorder,
  },
} as const satisfies Record<string, MaskLawTraits>;

/** A law that draws a single kind of mask. */
export type MaskLaw = keyof typeof maskLaws;
export const maskLawNames = Object.keys(maskLaws) as readonly MaskLaw[] as readonly [MaskLaw, ...MaskLaw[]];
/** Laws to choose from for a single image: those with a distribution of their own. */
export const imageLaws: readonly MaskLaw[] = maskLawNames.filter((law) => !('variantOf' in maskLaws[law]));

/** Returns the traits of a law. */
export function traitsOfLaw(law: MaskLaw): MaskLawTraits {
  return maskLaws[law];
}

/** A law with its options; an option that is absent has its default. */
export interface MaskSettings {
  readonly law: MaskLaw;
  /** Fraction of the pixels that are known, in (0, 1]. */
  readonly keepRatio: number;
  /** See `MaskRequest`; default null. */
  readonly markSize?: number | null;
  /** See `MaskRequest`; default 1. */
  readonly blocks?: number;
}

/** Which mask of a law: `index` is that of an image in its dataset, by default 0. */
export interface MaskPlace {
  readonly seed: number;
  readonly index?: number;
  readonly width: number;
  readonly height: number;
}

export type DrawnBits = Mask & { readonly bits: MaskBits };

/**
 * Draws a mask, width × height bytes: 1 = known. The same options give the same mask, everywhere; at least one pixel is known.
 * @throws Error when an option is out of its range.
 */
export function drawMask(settings: MaskSettings & MaskPlace): DrawnBits {
  checkMaskSettings(settings);
  const { law, keepRatio, markSize = null, blocks = 1, seed, index = 0, width, height } = settings;
  checkPlace({ seed, index, width, height });
  const bits = maskLaws[law].draw({ keepRatio, markSize, blocks, seed, index, width, height });
  return { width, height, bits };
}

/** Limits of the options. */
export const largestMarkSize = 0.5;
export const mostBlocks = 64;

/** @throws Error when the fraction or an option is out of its range. */
export function checkMaskSettings({ keepRatio, markSize = null, blocks = 1 }: MaskSettings): void {
  if (!(keepRatio > 0 && keepRatio <= 1))
    throw new Error(`Fraction of known pixels ${keepRatio}: expected a number > 0 and ≤ 1, such as 0.2.`);
  if (markSize !== null && !(markSize > 0 && markSize <= largestMarkSize)) {
    throw new Error(
      `Size of strokes or letters ${markSize}: expected a fraction of the shorter side > 0 and ≤ ${largestMarkSize}, such as 0.05.`,
    );
  }
  if (!Number.isSafeInteger(blocks) || blocks < 1 || blocks > mostBlocks)
    throw new Error(`Number of blocks ${blocks}: expected a whole number from 1 to ${mostBlocks}.`);
}

function checkPlace({ seed, index, width, height }: Required<MaskPlace>): void {
  if (!Number.isSafeInteger(seed) || seed < 0)
    throw new Error(`Mask seed ${seed}: expected a whole number ≥ 0.`);
  if (!Number.isSafeInteger(index) || index < 0)
    throw new Error(`Image index ${index}: expected an integer ≥ 0.`);
  if (![width, height].every((side) => Number.isSafeInteger(side) && side > 0))
    throw new Error(`An image of ${width}×${height} pixels: expected whole numbers ≥ 1.`);
}

/** Returns the options that the law has, without those that have their default. */
export function usedOptions({ law, markSize, blocks }: Omit<MaskSettings, 'keepRatio'>): {
  markSize?: number;
  blocks?: number;
} {
  const { options } = traitsOfLaw(law);
  return {
    ...(options.includes('markSize') && (markSize ?? null) !== null && { markSize: markSize as number }),
    ...(options.includes('blocks') && blocks !== undefined && blocks !== 1 && { blocks }),
  };
}

/** Describes a law with its options, e.g. `strokes (size 0.05)`; only the name if every option has its default. */
export function describeLaw(settings: Omit<MaskSettings, 'keepRatio'>): string {
  const { markSize, blocks } = usedOptions(settings);
  const parts = [
    ...(markSize === undefined ? [] : [`size ${markSize}`]),
    ...(blocks === undefined ? [] : [`${blocks} blocks`]),
  ];
  return parts.length === 0 ? settings.law : `${settings.law} (${parts.join(', ')})`;
}

/**
 * Returns the law of a run's evaluations where none is chosen: random pixels are always those of `numpy`, so that all
 * such runs compare; a run of another law is scored on its own kind of mask.
 */
export function evaluationLaw({ law, ...options }: Omit<MaskSettings, 'keepRatio'>): {
  readonly law: MaskLaw;
  readonly markSize?: number;
  readonly blocks?: number;
} {
  const { variantOf } = traitsOfLaw(law);
  if (variantOf === 'uniform' || law === 'uniform') return { law: 'numpy' };
  return { law, ...usedOptions({ law, ...options }) };
}
