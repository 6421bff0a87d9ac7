/** How large the holes of a mask are: what a network must have seen in training to fill them. */

import {
  joinEqualChannels,
  knownInChannel,
  knownPixels,
  type Mask,
  type MaskChannels,
} from '../images/mask.ts';

export interface HoleMeasure {
  /** Whether each channel has its own mask: then all numbers are of values among those of their channel. */
  readonly channels: MaskChannels;
  /** Fraction of known pixels. */
  readonly known: number;
  /**
   * Distance, in pixels, from an unknown pixel to the nearest known one that 1 % of the unknown pixels exceed: half the
   * width of the largest holes. 0 if all are known, infinite if none is.
   */
  readonly depth: number;
  /** Fraction of the known pixels without a known neighbour above, below, to the left or to the right. */
  readonly isolated: number;
}

/** Fraction of the unknown pixels that may lie deeper: the depth does not depend on how many holes there are. */
const deeperFraction = 0.01;

/** Lengths of a step to the side and of a diagonal one, in thirds of a pixel: Borgefors 1986, "Distance transformations in digital images". */
const sideStep = 3;
const diagonalStep = 4;

/** Larger masks are measured in blocks of pixels, which are known if any of their pixels is. */
const mostMeasured = 2 ** 21;

/** The known pixels of a mask, or of one channel of it. */
type Plane = Pick<Mask, 'width' | 'height' | 'bits'>;

/**
 * Measures a mask in two passes; distances err by at most 8 %, and by a block of pixels in masks above two megapixels. Of
 * three channels, the depth is that of the deepest, and the fractions are means.
 */
export function measureHoles(mask: Mask): HoleMeasure {
  const { width, height } = mask;
  const { channels } = joinEqualChannels(mask);
  const measures = Array.from({ length: channels }, (_, channel) =>
    measurePlane({ width, height, bits: knownInChannel(mask, channel) }),
  );
  const mean = (name: 'known' | 'isolated') =>
    measures.reduce((sum, measure) => sum + measure[name], 0) / channels;
  const depth = Math.max(...measures.map((measure) => measure.depth));
  return { channels, known: mean('known'), depth, isolated: mean('isolated') };
}

function measurePlane(mask: Plane): Omit<HoleMeasure, 'channels'> {
  const { width, height, bits } = mask;
  let known = 0;
  let isolated = 0;
  for (let pixel = 0; pixel < bits.length; pixel++) {
    if (bits[pixel] === 0) continue;
    known += 1;
    if (!hasKnownNeighbour(mask, pixel)) isolated += 1;
  }
  if (known === 0) return { known: 0, depth: Infinity, isolated: 0 };
  return {
    known: known / (width * height),
    depth: known === bits.length ? 0 : findDepth(mask),
    isolated: isolated / known,
  };
}

function hasKnownNeighbour({ width, bits }: Plane, pixel: number): boolean {
  const column = pixel % width;
  return (
    (column > 0 && bits[pixel - 1] === 1) ||
    (column < width - 1 && bits[pixel + 1] === 1) ||
    bits[pixel - width] === 1 ||
    bits[pixel + width] === 1
  );
}

function findDepth(mask: Plane): number {
  const factor = Math.ceil(Math.sqrt((mask.width * mask.height) / mostMeasured));
  const counts = new Map<number, number>();
  let unknown = 0;
  for (const distance of measureDistances(joinBlocks(mask, factor))) {
    if (distance === 0) continue;
    unknown += 1;
    counts.set(distance, (counts.get(distance) ?? 0) + 1);
  }
  let deeper = 0;
  const fromDeepest = [...counts].sort(([one], [other]) => other - one);
  const found = fromDeepest.find(([, count]) => (deeper += count) > deeperFraction * unknown);
  return (factor * (found?.[0] ?? 0)) / sideStep;
}

/** Returns the mask with a pixel for every block of factor × factor pixels. */
function joinBlocks(mask: Plane, factor: number): Plane {
  if (factor === 1) return mask;
  const width = Math.ceil(mask.width / factor);
  const height = Math.ceil(mask.height / factor);
  const bits = new Uint8Array(width * height);
  for (let row = 0; row < mask.height; row++) {
    const start = Math.floor(row / factor) * width;
    for (let column = 0; column < mask.width; column++)
      bits[start + Math.floor(column / factor)] |= mask.bits[row * mask.width + column];
  }
  return { width, height, bits };
}

/** Returns the distance of every pixel to the nearest known one, in thirds of a pixel. */
function measureDistances({ width, height, bits }: Plane): Int32Array {
  // A frame of one pixel that is infinitely far away spares every test for the border.
  const stride = width + 2;
  const framed = new Int32Array(stride * (height + 2)).fill(2 ** 30);
  for (let row = 0; row < height; row++)
    for (let column = 0; column < width; column++)
      if (bits[row * width + column] === 1) framed[(row + 1) * stride + column + 1] = 0;
  const relax = (at: number, towards: 1 | -1) => {
    const line = at - towards * stride;
    const nearest = Math.min(
      framed[at - towards] + sideStep,
      framed[line] + sideStep,
      framed[line - 1] + diagonalStep,
      framed[line + 1] + diagonalStep,
    );
    if (nearest < framed[at]) framed[at] = nearest;
  };
  for (let row = 1; row <= height; row++)
    for (let column = 1; column <= width; column++) relax(row * stride + column, 1);
  for (let row = height; row >= 1; row--)
    for (let column = width; column >= 1; column--) relax(row * stride + column, -1);
  const distances = new Int32Array(width * height);
  for (let row = 0; row < height; row++) {
    const start = (row + 1) * stride + 1;
    distances.set(framed.subarray(start, start + width), row * width);
  }
  return distances;
}

/** Measures the mask of an image that is enlarged `scale` times, whose new pixels are unknown. */
export function enlargeHoles(measure: HoleMeasure, scale: number): HoleMeasure {
  if (scale === 1) return measure;
  const { channels, known, depth } = measure;
  return { channels, known: known / scale ** 2, depth: Math.max(scale / 2, scale * depth), isolated: 1 };
}

/** Side, in pixels, of the blocks that `measureTouched` counts. */
const blockSide = 32;

/**
 * Returns the fraction of the image, in blocks of 32 × 32 pixels, that has an unknown pixel: only there a network has something
 * to compute.
 */
export function measureTouched(mask: Mask): number {
  const { width, height } = mask;
  const bits = knownPixels(mask);
  const columns = Math.ceil(width / blockSide);
  const rows = Math.ceil(height / blockSide);
  const isTouched = new Uint8Array(columns * rows);
  for (let row = 0; row < height; row++) {
    const start = Math.floor(row / blockSide) * columns;
    for (let column = 0; column < width; column++)
      if (bits[row * width + column] === 0) isTouched[start + Math.floor(column / blockSide)] = 1;
  }
  return isTouched.reduce((sum, touched) => sum + touched, 0) / isTouched.length;
}
