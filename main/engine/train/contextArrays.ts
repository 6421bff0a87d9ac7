/** From images and masks to the arrays a field reads: coordinates, colours, the classical estimate and its neighbourhood. */

import type { ImageBatch } from '../../../shared/images/image.ts';
import { imageAt } from '../../../shared/images/image.ts';
import type { NamedArray, NamedArrays } from '../field/parameters.ts';
import { countNeighbours, neighbourEntries, writeNeighbours } from './neighbourArrays.ts';

/** One example: an image seen through a mask, asked for at the query pixels. All examples of a batch have as many queries. */
export interface Example {
  readonly observed: Int32Array;
  readonly queries: Int32Array;
  /** height × width × 3; null where the field wants none. */
  readonly estimate: Float32Array | null;
}

/** What a field wants besides coordinates and colours. */
export interface ContextWishes {
  /** The list of the observed pixels, of which all examples then have as many. Otherwise the first one stands for it. */
  readonly list: boolean;
  /** Side of the patch of the classical estimate around each query; 0: none. */
  readonly patch: number;
  /** The observed pixels as a grid. */
  readonly grid: boolean;
  /** Nearest observed pixels of each query; 0: none. */
  readonly neighbours: number;
}

/** `observedCoords`, `observedValues`, `queryCoords`, and `estimate`, `patch`, `observedGrid`, `neighbours` where asked for (see Context). */
export function contextArrays(
  images: ImageBatch,
  examples: readonly Example[],
  { list, patch, grid, neighbours }: ContextWishes,
): NamedArrays {
  const [{ queries, estimate }] = examples;
  const listed = examples.map(({ observed }) => (list ? observed : observed.subarray(0, 1)));
  const arrays: Record<string, NamedArray> = {
    observedCoords: stack([examples.length, listed[0].length, 2], (piece, row) =>
      writeCoords(piece, listed[row], images),
    ),
    observedValues: pixelValues(images, listed),
    queryCoords: stack([examples.length, queries.length, 2], (piece, row) =>
      writeCoords(piece, examples[row].queries, images),
    ),
  };
  if (estimate) {
    arrays['estimate'] = stack([examples.length, queries.length, 3], (piece, row) =>
      writePixels(piece, estimateOf(examples[row]), examples[row].queries),
    );
  }
  if (patch > 0) {
    arrays['patch'] = stack([examples.length, queries.length, 4 * patch * patch], (piece, row) =>
      writePatches(piece, examples[row], { ...images, patch }),
    );
  }
  if (grid) arrays['observedGrid'] = gridArray(images, examples);
  if (neighbours > 0) arrays['neighbours'] = neighbourArray(images, examples, neighbours);
  return arrays;
}

/** [B, H, W, 4]: 1 and the colour where a pixel is observed; here examples may have different counts of them. */
export function gridArray(images: ImageBatch, examples: readonly Pick<Example, 'observed'>[]): NamedArray {
  const { height, width } = images;
  const rows = stack([examples.length, height * width, 4], (piece, row) =>
    writeObserved(piece, imageAt(images, row).values, examples[row]),
  );
  return { ...rows, shape: [examples.length, height, width, 4] };
}

function neighbourArray(images: ImageBatch, examples: readonly Example[], wanted: number): NamedArray {
  const [{ queries }] = examples;
  const count = countNeighbours(wanted, examples[0]);
  const rows = stack([examples.length, queries.length, count * neighbourEntries], (piece, row) =>
    writeNeighbours(piece, examples[row], { ...images, image: imageAt(images, row).values, count }),
  );
  return { ...rows, shape: [examples.length, queries.length, count, neighbourEntries] };
}

/** 0 … count − 1. */
export function everyPixel(count: number): Int32Array {
  return Int32Array.from({ length: count }, (_, pixel) => pixel);
}

/** Colours of the chosen pixels of every image: [B, n, 3]. */
export function pixelValues(images: ImageBatch, pixels: readonly Int32Array[]): NamedArray {
  return stack([pixels.length, pixels[0].length, 3], (piece, row) =>
    writePixels(piece, imageAt(images, row).values, pixels[row]),
  );
}

/** (x, y) in [0, 1] of each pixel, n × 2: the first column is x = 0, the last x = 1. */
function writeCoords(
  output: Float32Array,
  pixels: Int32Array,
  { height, width }: { height: number; width: number },
): void {
  pixels.forEach((pixel, index) => {
    output[2 * index] = (pixel % width) / Math.max(1, width - 1);
    output[2 * index + 1] = Math.floor(pixel / width) / Math.max(1, height - 1);
  });
}

/** The three channels at each pixel; n × 3. */
export function pickPixels(image: Float32Array, pixels: Int32Array): Float32Array {
  const values = new Float32Array(pixels.length * 3);
  writePixels(values, image, pixels);
  return values;
}

function writePixels(output: Float32Array, image: Float32Array, pixels: Int32Array): void {
  pixels.forEach((pixel, index) => {
    output[3 * index] = image[3 * pixel];
    output[3 * index + 1] = image[3 * pixel + 1];
    output[3 * index + 2] = image[3 * pixel + 2];
  });
}

/** 1 and the colour at every observed pixel; zeros elsewhere stay. */
function writeObserved(
  output: Float32Array,
  image: Float32Array,
  { observed }: Pick<Example, 'observed'>,
): void {
  observed.forEach((pixel) => {
    output[4 * pixel] = 1;
    output.set(image.subarray(3 * pixel, 3 * pixel + 3), 4 * pixel + 1);
  });
}

/**
 * Per query patch² entries of four numbers: estimate minus the estimate at the query, and 1 where the pixel is observed.
 * The query's own entry holds the estimate itself. Pixels outside the picture stay as they are, zeros.
 */
function writePatches(
  output: Float32Array,
  example: Example,
  { height, width, patch }: { height: number; width: number; patch: number },
): void {
  const { queries, observed } = example;
  const estimate = estimateOf(example);
  const isObserved = new Uint8Array(height * width);
  observed.forEach((pixel) => (isObserved[pixel] = 1));
  const reach = (patch - 1) / 2;
  for (let index = 0; index < queries.length; index++) {
    const pixel = queries[index];
    const row = Math.floor(pixel / width);
    const column = pixel % width;
    const [red, green, blue] = [estimate[3 * pixel], estimate[3 * pixel + 1], estimate[3 * pixel + 2]];
    // Of the entry at (row, column), were the picture as large as needed.
    const centre = 4 * (index * patch * patch + reach * patch + reach);
    const [left, right] = [Math.max(0, column - reach), Math.min(width - 1, column + reach)];
    const bottom = Math.min(height - 1, row + reach);
    for (let y = Math.max(0, row - reach); y <= bottom; y++) {
      let at = centre + 4 * ((y - row) * patch + left - column);
      for (let near = y * width + left; near <= y * width + right; near++, at += 4) {
        output[at] = estimate[3 * near] - red;
        output[at + 1] = estimate[3 * near + 1] - green;
        output[at + 2] = estimate[3 * near + 2] - blue;
        output[at + 3] = isObserved[near];
      }
    }
    output[centre] = red;
    output[centre + 1] = green;
    output[centre + 2] = blue;
  }
}

function estimateOf(example: Example): Float32Array {
  if (!example.estimate)
    throw new Error('This field reads a classical estimate, and the example carries none.');
  return example.estimate;
}

/** Stacks `batch` pieces of points × channels numbers, each written in place, into [batch, points, channels]. */
function stack(
  shape: readonly [batch: number, points: number, channels: number],
  writePiece: (piece: Float32Array, row: number) => void,
): NamedArray {
  const [batch, points, channels] = shape;
  const size = points * channels;
  const values = new Float32Array(batch * size);
  for (let row = 0; row < batch; row++) writePiece(values.subarray(row * size, (row + 1) * size), row);
  return { shape, values };
}
