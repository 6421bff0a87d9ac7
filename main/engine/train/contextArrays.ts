/** From images and masks to the arrays a field reads: coordinates, colours, the classical estimate and its neighbourhood. */

import type { ImageBatch } from '../../../shared/image.ts';
import { imageAt } from '../../../shared/image.ts';
import type { NamedArray, NamedArrays } from '../field/parameters.ts';

/** One example: an image seen through a mask, asked for at the query pixels. All examples of a batch have equal counts. */
export interface Example {
  readonly observed: Int32Array;
  readonly queries: Int32Array;
  /** height × width × 3; null where the field wants none. */
  readonly estimate: Float32Array | null;
}

/** `observedCoords`, `observedValues`, `queryCoords`, and `estimate`, `patch` where asked for (see Context). */
export function contextArrays(images: ImageBatch, examples: readonly Example[], patch: number): NamedArrays {
  const [first] = examples;
  const arrays: Record<string, NamedArray> = {
    observedCoords: gather(examples.length, first.observed.length, 2, (row) =>
      pixelCoords(examples[row].observed, images),
    ),
    observedValues: pixelValues(
      images,
      examples.map((example) => example.observed),
    ),
    queryCoords: gather(examples.length, first.queries.length, 2, (row) =>
      pixelCoords(examples[row].queries, images),
    ),
  };
  if (first.estimate) {
    arrays['estimate'] = gather(examples.length, first.queries.length, 3, (row) =>
      pickPixels(estimateOf(examples[row]), examples[row].queries),
    );
  }
  if (patch > 0) {
    arrays['patch'] = gather(examples.length, first.queries.length, 4 * patch * patch, (row) =>
      extractPatches(examples[row], images, patch),
    );
  }
  return arrays;
}

/** Colours of the chosen pixels of every image: [B, n, 3]. */
export function pixelValues(images: ImageBatch, pixels: readonly Int32Array[]): NamedArray {
  return gather(pixels.length, pixels[0].length, 3, (row) =>
    pickPixels(imageAt(images, row).values, pixels[row]),
  );
}

/** (x, y) in [0, 1] of each pixel: the first column is x = 0, the last x = 1; n × 2. */
export function pixelCoords(pixels: Int32Array, size: { height: number; width: number }): Float32Array {
  const coords = new Float32Array(pixels.length * 2);
  pixels.forEach((pixel, index) => {
    coords[2 * index] = (pixel % size.width) / Math.max(1, size.width - 1);
    coords[2 * index + 1] = Math.floor(pixel / size.width) / Math.max(1, size.height - 1);
  });
  return coords;
}

/** The three channels at each pixel; n × 3. */
export function pickPixels(image: Float32Array, pixels: Int32Array): Float32Array {
  const values = new Float32Array(pixels.length * 3);
  pixels.forEach((pixel, index) => {
    values[3 * index] = image[3 * pixel];
    values[3 * index + 1] = image[3 * pixel + 1];
    values[3 * index + 2] = image[3 * pixel + 2];
  });
  return values;
}

/**
 * Per query patch² entries of four numbers: estimate minus the estimate at the query, and 1 where the pixel is observed.
 * The query's own entry holds the estimate itself. Pixels outside the picture are zeros.
 */
function extractPatches(
  example: Example,
  size: { height: number; width: number },
  patch: number,
): Float32Array {
  const { queries, observed } = example;
  const estimate = estimateOf(example);
  const { height, width } = size;
  const isObserved = new Uint8Array(height * width);
  observed.forEach((pixel) => (isObserved[pixel] = 1));
  const reach = (patch - 1) / 2;
  const output = new Float32Array(queries.length * 4 * patch * patch);
  let at = 0;
  for (const query of queries) {
    const row = Math.floor(query / width);
    const column = query % width;
    for (let y = row - reach; y <= row + reach; y++) {
      for (let x = column - reach; x <= column + reach; x++, at += 4) {
        if (y < 0 || x < 0 || y >= height || x >= width) continue;
        const pixel = y * width + x;
        const origin = pixel === query ? 0 : 1;
        output[at] = estimate[3 * pixel] - origin * estimate[3 * query];
        output[at + 1] = estimate[3 * pixel + 1] - origin * estimate[3 * query + 1];
        output[at + 2] = estimate[3 * pixel + 2] - origin * estimate[3 * query + 2];
        output[at + 3] = isObserved[pixel];
      }
    }
  }
  return output;
}

function estimateOf(example: Example): Float32Array {
  if (!example.estimate)
    throw new Error('This field reads a classical estimate, and the example carries none.');
  return example.estimate;
}

/** Stacks `batch` pieces of points × channels numbers into [batch, points, channels]. */
function gather(
  batch: number,
  points: number,
  channels: number,
  pieceOf: (row: number) => Float32Array,
): NamedArray {
  const values = new Float32Array(batch * points * channels);
  for (let row = 0; row < batch; row++) values.set(pieceOf(row), row * points * channels);
  return { shape: [batch, points, channels], values };
}
