/** What it costs to fill in an image, before anything is computed: for estimates of time and the proportions of progress. */

import type { MaskChannels } from '../images/mask.ts';
import type { ClassicalTraits } from '../inpainting.ts';
import type { RunConfig } from './config.ts';
import { countEvaluation } from './networkSize.ts';

/** CPU milliseconds: per unknown pixel, and per pixel; fitted by `node test/bench/classicalCost.ts PHOTOGRAPH…`. */
const classicalCost: Readonly<
  Record<ClassicalTraits['scoredAs'], { readonly unknown: number; readonly any: number }>
> = {
  'thin plate': { unknown: 0.0067, any: 0.0013 },
  biharmonic: { unknown: 0.0066, any: 0.0011 },
  'tension spline': { unknown: 0.0058, any: 0.0006 },
  Telea: { unknown: 0.0028, any: 0.0005 },
};

/**
 * Returns the milliseconds that a classical method takes for an image of that many pixels on one core, roughly. `unknown`: of
 * them, the mean over the channels of the mask, each of which is computed by itself.
 */
export function expectClassical(
  method: ClassicalTraits['scoredAs'],
  {
    pixels,
    unknown,
    channels = 1,
  }: { readonly pixels: number; readonly unknown: number; readonly channels?: MaskChannels },
): number {
  const cost = classicalCost[method];
  return channels * (cost.unknown * unknown + cost.any * pixels);
}

/** An image to fill in, of the size that is computed. */
export interface ImageWork {
  readonly width: number;
  readonly height: number;
  /** Of the mask; absent: 1. */
  readonly channels?: MaskChannels;
  /** Fraction of known pixels, or values. */
  readonly known: number;
  /** Fraction of the image that has something to compute: see `measureTouched`. */
  readonly touched: number;
}

/**
 * Returns the multiplications of one evaluation of a network for an image: as many images of its training size as cover the
 * touched part, at least one. Without the overlap of tiles, so that only ratios of such counts are exact.
 */
export function countImageProducts(
  { field, data }: Pick<RunConfig, 'field' | 'data'>,
  { width, height, known, touched }: ImageWork,
): number {
  const side = data.imageSize;
  const points = { observed: Math.max(1, Math.floor(known * side ** 2)), queries: side ** 2 };
  const images = Math.max(1, (touched * width * height) / side ** 2);
  return images * countEvaluation(field, points, side);
}
