/** The context of a network: everything it is given about an image before the path starts, in training and in sampling. */

import type * as tf from '@tensorflow/tfjs-core';
import type { FieldConfig, RunConfig } from '../../../shared/config/config.ts';
import { queriesOf, traitsOf } from '../../../shared/config/networks/registry.ts';
import { imageAt, type ImageBatch, markObserved, type ObservedPixels } from '../../../shared/images/image.ts';
import type { NamedArray } from '../tensors.ts';
import { type LocalContrast, measureContrast } from './localContrast.ts';
import { countNeighbours, neighbourEntries, writeNeighbours } from './neighbours.ts';

/** One context for each of B images, as tensors or as arrays. Coordinates are (x, y) in [0, 1], colours RGB in [0, 1]. */
export interface Context<Leaf = tf.Tensor> {
  /** [B, Ni, 2]; a single pixel where the network reads no list of observed pixels. */
  readonly observedCoords: Leaf;
  /** [B, Ni, 3], of the same pixels. */
  readonly observedValues: Leaf;
  /** [B, Nq, 2] */
  readonly queryCoords: Leaf;
  /** Classical estimate at the queries, [B, Nq, 3]. */
  readonly estimate?: Leaf;
  /** Local level of the estimate at the queries, [B, Nq, 3], and their local contrast, [B, Nq, 1]: see `measureContrast`. */
  readonly level?: Leaf;
  readonly contrast?: Leaf;
  /** Patch of the classical estimate around each query, [B, Nq, patch² · 4]: see `writePatches`. */
  readonly patch?: Leaf;
  /**
   * [B, H, W, 4]: 1 and the colour where a pixel is observed, zeros otherwise; with a mask for each channel [B, H, W, 6]: 1
   * for each observed channel, and their values. Networks that read it predict all pixels, row by row.
   */
  readonly observedGrid?: Leaf;
  /** The k observed pixels nearest to each query, [B, Nq, k, 5]: see `writeNeighbours`. */
  readonly neighbours?: Leaf;
}

/** Which parts of a context a network reads. */
export interface ContextParts {
  /** The list of observed pixels, which must be equally long for all images of a batch. Otherwise its first pixel represents it. */
  readonly list: boolean;
  /** Side of the patch of the classical estimate around each query; 0: none. */
  readonly patch: number;
  /** Whether the observed pixels are given as a grid. */
  readonly grid: boolean;
  /** Whether the grid has a mask for each channel; default false. */
  readonly channelMask?: boolean;
  /** Nearest observed pixels per query; 0: none. */
  readonly neighbours: number;
  /** Whether the path counts in the local contrast of the estimate; default false. */
  readonly contrast?: boolean;
}

/** One image seen through a mask. All examples of a batch have the same number of queries. */
export interface Example {
  /** Row-major indices of the observed pixels. */
  readonly observed: Int32Array;
  /** The one channel that is observed of each of them, 0 to 2; absent: all three. */
  readonly channels?: Uint8Array;
  /** Row-major indices of the pixels to predict. */
  readonly queries: Int32Array;
  /** Classical estimate, height × width × 3; null when neither network nor path reads one. */
  readonly estimate: Float32Array | null;
  /** Level and contrast around each pixel; absent: measured from the estimate and the observed pixels. */
  readonly surroundings?: LocalContrast;
}

/** Returns whether the network or the path of a configuration reads a classical estimate. */
export function needsEstimate(config: Pick<RunConfig, 'field' | 'path'>): boolean {
  return config.field.residual !== 'none' || config.path.start === 'classical';
}

/** Returns the parts of a context that the network and the path read. */
export function contextParts(field: FieldConfig, path?: Pick<RunConfig['path'], 'unit'>): ContextParts {
  const { readsList } = traitsOf(field.kind);
  return {
    list: readsList,
    patch: 'patch' in field ? field.patch : 0,
    // A list carries the same information.
    grid: queriesOf(field) === 'grid' && !readsList,
    channelMask: 'channelMask' in field && field.channelMask,
    neighbours: 'neighbours' in field ? field.neighbours : 0,
    ...(path?.unit === 'local' && { contrast: true }),
  };
}

/**
 * Builds the context of some masked images as arrays; examples and images correspond by index.
 * @throws Error when a part needs a classical estimate and an example has none.
 */
export function contextArrays(
  images: ImageBatch,
  examples: readonly Example[],
  { list, patch, grid, channelMask, neighbours, contrast }: ContextParts,
): Context<NamedArray> {
  const [{ queries, estimate }] = examples;
  const listed = examples.map(({ observed }) => (list ? observed : observed.subarray(0, 1)));
  return {
    observedCoords: stack([examples.length, listed[0].length, 2], (piece, row) =>
      writeCoords(piece, listed[row], images),
    ),
    observedValues: pixelValues(images, listed),
    queryCoords: stack([examples.length, queries.length, 2], (piece, row) =>
      writeCoords(piece, examples[row].queries, images),
    ),
    ...(estimate && {
      estimate: stack([examples.length, queries.length, 3], (piece, row) =>
        writePixels(piece, estimateOf(examples[row]), examples[row].queries),
      ),
    }),
    ...(contrast && contrastArrays(images, examples)),
    ...(patch > 0 && {
      patch: stack([examples.length, queries.length, 4 * patch * patch], (piece, row) =>
        writePatches(piece, examples[row], { ...images, patch }),
      ),
    }),
    ...(grid && { observedGrid: gridArray(images, examples, channelMask) }),
    ...(neighbours > 0 && { neighbours: neighbourArray(images, examples, neighbours) }),
  };
}

/**
 * Returns `observedGrid` of a context, [B, H, W, 4] or, with a mask for each channel, [B, H, W, 6]. Examples may observe
 * different numbers of pixels.
 * @throws Error when an example observes single channels and there is one mask for all of them.
 */
export function gridArray(
  images: ImageBatch,
  examples: readonly Pick<Example, 'observed' | 'channels'>[],
  channelMask = false,
): NamedArray {
  const { height, width } = images;
  const entries = channelMask ? 6 : 4;
  const rows = stack([examples.length, height * width, entries], (piece, row) => {
    const { values } = imageAt(images, row);
    const { observed, channels } = examples[row];
    if (channelMask) writeChannels(piece, values, { indices: observed, channels });
    else if (channels)
      throw new Error(
        'An example observes single channels, and this network reads one mask for all of them.',
      );
    else writeObserved(piece, values, observed);
  });
  return { ...rows, shape: [examples.length, height, width, entries] };
}

function contrastArrays(
  size: Pick<ImageBatch, 'height' | 'width'>,
  examples: readonly Example[],
): Required<Pick<Context<NamedArray>, 'level' | 'contrast'>> {
  const around = examples.map((example) => {
    const estimate = { ...size, values: estimateOf(example) };
    return example.surroundings ?? measureContrast(estimate, example.observed);
  });
  const [{ queries }] = examples;
  return {
    level: stack([examples.length, queries.length, 3], (piece, row) =>
      writePixels(piece, around[row].level, examples[row].queries),
    ),
    contrast: stack([examples.length, queries.length, 1], (piece, row) =>
      examples[row].queries.forEach((pixel, index) => (piece[index] = around[row].contrast[pixel])),
    ),
  };
}

function neighbourArray(images: ImageBatch, examples: readonly Example[], wanted: number): NamedArray {
  const [{ queries }] = examples;
  const count = countNeighbours(wanted, examples[0]);
  const rows = stack([examples.length, queries.length, count * neighbourEntries], (piece, row) =>
    writeNeighbours(piece, examples[row], { ...images, image: imageAt(images, row).values, count }),
  );
  return { ...rows, shape: [examples.length, queries.length, count, neighbourEntries] };
}

/** Returns the indices 0 … count − 1. */
export function everyPixel(count: number): Int32Array {
  const pixels = new Int32Array(count);
  for (let pixel = 0; pixel < count; pixel++) pixels[pixel] = pixel;
  return pixels;
}

/** Returns the colours of the chosen pixels of every image, [B, n, 3]. */
export function pixelValues(images: ImageBatch, pixels: readonly Int32Array[]): NamedArray {
  return stack([pixels.length, pixels[0].length, 3], (piece, row) =>
    writePixels(piece, imageAt(images, row).values, pixels[row]),
  );
}

/** Returns the colours at some pixels of an RGB image, n × 3 values. */
export function pickPixels(image: Float32Array, pixels: Int32Array): Float32Array {
  const values = new Float32Array(pixels.length * 3);
  writePixels(values, image, pixels);
  return values;
}

/** Writes (x, y) in [0, 1] of each pixel, n × 2: the first column has x = 0, the last x = 1. */
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

function writePixels(output: Float32Array, image: Float32Array, pixels: Int32Array): void {
  pixels.forEach((pixel, index) => {
    output[3 * index] = image[3 * pixel];
    output[3 * index + 1] = image[3 * pixel + 1];
    output[3 * index + 2] = image[3 * pixel + 2];
  });
}

function writeObserved(output: Float32Array, image: Float32Array, observed: Int32Array): void {
  observed.forEach((pixel) => {
    output[4 * pixel] = 1;
    for (let channel = 0; channel < 3; channel++)
      output[4 * pixel + 1 + channel] = image[3 * pixel + channel];
  });
}

/** Writes six numbers per pixel: which channels are observed, and their values. */
function writeChannels(output: Float32Array, image: Float32Array, observed: ObservedPixels): void {
  markObserved(observed, image.length / 3).forEach((mark, value) => {
    if (mark === 0) return;
    const at = 6 * Math.floor(value / 3) + (value % 3);
    output[at] = 1;
    output[at + 3] = image[value];
  });
}

/**
 * Writes patch² entries of four numbers per query: the estimate minus the estimate at the query, and 1 where the pixel is
 * observed. The query's own entry holds the estimate itself. Entries outside the image stay zero.
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
    const red = estimate[3 * pixel];
    const green = estimate[3 * pixel + 1];
    const blue = estimate[3 * pixel + 2];
    const centre = 4 * (index * patch * patch + reach * patch + reach);
    const left = Math.max(0, column - reach);
    const right = Math.min(width - 1, column + reach);
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
  if (!example.estimate) {
    throw new Error('An example has no classical estimate, and this network reads one: pass its estimate.');
  }
  return example.estimate;
}

/** Stacks `batch` pieces of points × channels numbers, each written in place, to [batch, points, channels]. */
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
