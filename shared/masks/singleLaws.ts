/** The mask laws that draw a single kind of mask, and what a law says of itself. */

import { type BayerPhase, drawBayer } from './bayer.ts';
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
export const maskOptions = ['markSize', 'blocks', 'mixture', 'phase'] as const;
export type MaskOption = (typeof maskOptions)[number];

export interface MaskLawTraits {
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
}

/** Of a law that draws a single kind of mask. */
export interface SingleLawTraits extends MaskLawTraits {
  /** Draws the bytes of one mask: a pure function of the request. */
  readonly draw: (request: SingleLawRequest) => MaskBits;
  /** See `Mask`; absent: 1. */
  readonly channels?: 3;
}

/** What a law that draws a single kind of mask is given. */
export interface SingleLawRequest extends MaskRequest {
  /** Only the law `bayer` reads it. */
  readonly phase: BayerPhase;
}

const exact = 'Met exactly, rounded down to whole pixels.';
const seeded = { isSeeded: true, isRandomAccess: true, options: [] } as const;
const unseeded = { isSeeded: false, isRandomAccess: true, options: [] } as const;

/**
 * Every law that draws a single kind of mask. The names are stored in configurations, protocols and inpainting requests; the
 * masks are part of stored results and never change. For one law and one size of image the number of known pixels depends on
 * the options alone, not on seed and index.
 */
export const singleLaws = {
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
  bayer: {
    ...unseeded,
    title: 'Bayer pattern',
    fraction: 'Has no effect: every pixel shows one of its three channels, a third of the values.',
    options: ['phase'],
    channels: 3,
    draw: drawBayer,
  },
} as const satisfies Record<string, SingleLawTraits>;

/** A law that draws a single kind of mask. */
export type SingleLaw = keyof typeof singleLaws;
export const singleLawNames = Object.keys(singleLaws) as readonly SingleLaw[] as readonly [
  SingleLaw,
  ...SingleLaw[],
];

/** Returns the traits of a law that draws a single kind of mask. */
export function traitsOfSingleLaw(law: SingleLaw): SingleLawTraits {
  return singleLaws[law];
}

/** Limits of the options. */
export const largestMarkSize = 0.5;
export const mostBlocks = 64;
