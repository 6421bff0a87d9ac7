/**
 * Bounds of the colours that a sample may have: those of the known pixels around each pixel, slightly widened. A network
 * that was trained on busier images takes a part of the path's noise for detail; where all known pixels around a hole have
 * about one colour, that leaves coloured specks. Truncation of predictions, as the thresholding of Saharia et al. 2022,
 * "Photorealistic text-to-image diffusion models", §2.3, with bounds that depend on the image.
 */

import { mapInto } from '../../../shared/numbers/mapInto.ts';
import { type Mask, type MaskChannels, valueBit } from '../../../shared/images/mask.ts';
import type { KnownImage } from './knownImage.ts';

/** Bounds of every colour in 255ths, height × width × 3; both are the colour itself where it is known. */
export interface ColourBounds {
  readonly low: Uint8ClampedArray;
  readonly high: Uint8ClampedArray;
}

/** Fewest known pixels that the bounds of a pixel are taken from. */
const fewestKnown = 16;
/** 255ths by which the bounds are widened: of the true colours of CIFAR-10 at 20 % known, 96 % lie within. */
const margin = 5;

/** Returns the bounds of an image. Where few pixels are known, they are those of a larger neighbourhood. */
export function boundColours(image: KnownImage): ColourBounds {
  const { width, channels, values, bits } = image;
  const low = toBytes(values);
  const high = low.slice();
  // Entries of the mask that are not known.
  let open = Uint32Array.from(bits.keys()).filter((entry) => bits[entry] === 0);
  let cells = cellsOfPixels(image);
  while (open.length > 0) {
    cells = halveCells(cells);
    const isWhole = cells.width === 1 && cells.height === 1;
    const around = surroundCells(cells);
    const side = 2 ** cells.level;
    open = open.filter((entry) => {
      const pixel = Math.floor(entry / channels);
      const x = Math.floor((pixel % width) / side);
      const y = Math.floor(Math.floor(pixel / width) / side);
      const cell = y * cells.width + x;
      const own = entry % channels;
      if (around.count[cell * channels + own] < fewestKnown && !isWhole) return true;
      for (let channel = own; channel < 3; channel += channels) {
        low[3 * pixel + channel] = around.low[3 * cell + channel] - margin;
        high[3 * pixel + channel] = around.high[3 * cell + channel] + margin;
      }
      return false;
    });
  }
  return { low, high };
}

/** Moves the colours of an image, height × width × 3 in [0, 1], into their bounds, in place. */
export function keepWithin(values: Float32Array, { low, high }: ColourBounds): void {
  for (let index = 0; index < values.length; index++)
    values[index] = Math.min(high[index] / 255, Math.max(low[index] / 255, values[index]));
}

/** Squares of 2^level pixels: how many pixels are known in each, and the extremes of their colours. */
interface Cells {
  readonly level: number;
  readonly width: number;
  readonly height: number;
  readonly channels: MaskChannels;
  /** One number for each channel of the mask. */
  readonly count: Uint32Array;
  readonly low: Uint8ClampedArray;
  readonly high: Uint8ClampedArray;
}

function toBytes(values: Float32Array): Uint8ClampedArray {
  return mapInto(new Uint8ClampedArray(values.length), values, (value) => 255 * value);
}

function createCells(level: number, { width, height, channels }: Omit<Mask, 'bits'>): Cells {
  const pixels = width * height;
  return {
    level,
    width,
    height,
    channels,
    count: new Uint32Array(channels * pixels),
    low: new Uint8ClampedArray(3 * pixels).fill(255),
    high: new Uint8ClampedArray(3 * pixels),
  };
}

function cellsOfPixels({ values, ...mask }: KnownImage): Cells {
  const cells = createCells(0, mask);
  cells.count.set(mask.bits);
  for (let index = 0; index < values.length; index++) {
    if (valueBit(mask, index) === 0) continue;
    cells.low[index] = 255 * values[index];
    cells.high[index] = cells.low[index];
  }
  return cells;
}

/** Joins four cells to one. */
function halveCells(from: Cells): Cells {
  const { channels } = from;
  const size = { width: Math.ceil(from.width / 2), height: Math.ceil(from.height / 2), channels };
  const to = createCells(from.level + 1, size);
  for (let y = 0; y < from.height; y++)
    for (let x = 0; x < from.width; x++)
      include(to, (y >> 1) * to.width + (x >> 1), { from, cell: y * from.width + x });
  return to;
}

/** Joins every cell with the eight around it. */
function surroundCells(from: Cells): Cells {
  const to = createCells(from.level, from);
  for (let y = 0; y < from.height; y++)
    for (let x = 0; x < from.width; x++)
      for (let row = Math.max(0, y - 1); row <= Math.min(from.height - 1, y + 1); row++)
        for (let column = Math.max(0, x - 1); column <= Math.min(from.width - 1, x + 1); column++)
          include(to, y * from.width + x, { from, cell: row * from.width + column });
  return to;
}

function include(to: Cells, at: number, { from, cell }: { from: Cells; cell: number }): void {
  for (let own = 0; own < to.channels; own++)
    to.count[at * to.channels + own] += from.count[cell * to.channels + own];
  for (let channel = 0; channel < 3; channel++) {
    to.low[3 * at + channel] = Math.min(to.low[3 * at + channel], from.low[3 * cell + channel]);
    to.high[3 * at + channel] = Math.max(to.high[3 * at + channel], from.high[3 * cell + channel]);
  }
}
