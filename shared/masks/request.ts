/** What a mask law is given to draw one mask, and how it counts and samples. */

import { randomBits, randomUniforms } from '../numbers/random.ts';

/** The mask of one image, as a law draws it: a pure function of this record. */
export interface MaskRequest {
  /** Fraction of the pixels that are known, in (0, 1]; what it means exactly depends on the law. */
  readonly keepRatio: number;
  /** Size of strokes and letters as a fraction of the image's shorter side, in (0, 0.5]; null: from small to large. */
  readonly markSize: number | null;
  /** Hidden blocks, at least 1. */
  readonly blocks: number;
  /** Integer ≥ 0. */
  readonly seed: number;
  /** Which image of a dataset, from 0. A single image is image 0. */
  readonly index: number;
  readonly width: number;
  readonly height: number;
}

/** width × height bytes, row by row: 1 = known. The buffer is its own, so that it can be transferred between threads. */
export type MaskBits = Uint8Array<ArrayBuffer>;

/** Returns the number of pixels that a law with an exact count leaves known: at least one. */
export function countWanted({ keepRatio, width, height }: MaskRequest): number {
  return Math.max(1, Math.floor(keepRatio * width * height));
}

/** Returns the seed of one image's mask: the seed itself for image 0, an independent one for every other image. */
export function imageSeed({ seed, index }: Pick<MaskRequest, 'seed' | 'index'>): number {
  if (index === 0) return seed;
  const [high, low] = randomBits({ seed, stream: 'maskImage', step: index }, 2);
  return (high >>> 11) * 2 ** 32 + low;
}

/** Random numbers one after another, for laws that do not know in advance how many they need. */
export interface RandomSequence {
  /** Returns a uniform number in [0, 1). */
  next(): number;
  /** Returns a whole number from 0 to `limit` − 1, for limits up to 2^24. */
  below(limit: number): number;
}

const numbersAtOnce = 256;

/** Creates the sequence of one image's mask. */
export function createSequence(request: Pick<MaskRequest, 'seed' | 'index'>): RandomSequence {
  const seed = imageSeed(request);
  let block: Float32Array = new Float32Array(0);
  let [step, used] = [0, 0];
  const next = () => {
    if (used === block.length) {
      block = randomUniforms({ seed, stream: 'maskShape', step: step++ }, numbersAtOnce);
      used = 0;
    }
    return block[used++];
  };
  return { next, below: (limit) => Math.floor(next() * limit) };
}

/** A mask from which a law removes pixels until exactly the wanted number is known. */
export interface Canvas {
  readonly width: number;
  readonly height: number;
  readonly bits: MaskBits;
  /** Returns how many pixels are still to be hidden. */
  left(): number;
  /** Hides a pixel unless it is outside, hidden already, or enough are hidden. */
  hide(x: number, y: number): void;
  /** Returns a known pixel, sampled at random; there is always one. */
  findKnown(random: RandomSequence): { readonly x: number; readonly y: number };
}

/** Samples of a known pixel before the known pixels are listed. */
const mostTries = 32;

export function createCanvas(request: MaskRequest): Canvas {
  const { width, height } = request;
  const bits = new Uint8Array(width * height).fill(1);
  let left = bits.length - countWanted(request);
  return {
    width,
    height,
    bits,
    left: () => left,
    hide(x, y) {
      if (left === 0 || x < 0 || y < 0 || x >= width || y >= height) return;
      const pixel = y * width + x;
      left -= bits[pixel];
      bits[pixel] = 0;
    },
    findKnown(random) {
      for (let attempt = 0; attempt < mostTries; attempt++) {
        const [x, y] = [random.below(width), random.below(height)];
        if (bits[y * width + x] === 1) return { x, y };
      }
      const start = Math.floor(random.next() * bits.length);
      const after = bits.indexOf(1, start);
      const pixel = after >= 0 ? after : bits.indexOf(1);
      return { x: pixel % width, y: Math.floor(pixel / width) };
    },
  };
}

/** Returns the width and height of a rectangle of about this area with the image's aspect ratio, each at least one pixel. */
export function sizeRectangle(
  area: number,
  { width, height }: Pick<MaskRequest, 'width' | 'height'>,
): { wide: number; tall: number } {
  const shaped = clamp(Math.round(Math.sqrt(area / (width * height)) * width), 1, width);
  const tall = clamp(Math.round(area / shaped), 1, height);
  return { wide: clamp(Math.round(area / tall), 1, width), tall };
}

export function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
