/** The context of some tiles of an image as arrays: the part of the whole image's context that belongs to each tile. */

import { type Area, cropValues } from '../../../shared/images/crop.ts';
import type { RunConfig } from '../../../shared/config/config.ts';
import { type ImageBatch, observedPixels } from '../../../shared/images/image.ts';
import type { LocalContrast } from '../context/localContrast.ts';
import { type Context, contextArrays, contextParts, everyPixel, gridArray } from '../context/context.ts';
import { countNeighbours, neighbourEntries, writeNeighbours } from '../context/neighbours.ts';
import type { NamedArray } from '../tensors.ts';
import { cropImage, type KnownImage } from './knownImage.ts';

/** An image with its classical estimate. */
export interface EstimatedImage {
  readonly image: KnownImage;
  /** height × width × 3 values. */
  readonly estimate: Float32Array;
  /** Whether the network is given the estimate. */
  readonly isEstimateRead: boolean;
  /** Level and contrast around each pixel of the whole image; absent where the path does not count in them. */
  readonly surroundings?: LocalContrast;
}

/** Returns the context of some areas of one size; a network that reads a list is given `observed` pixels of each. */
export function tileContext(
  config: Pick<RunConfig, 'field' | 'path'>,
  from: EstimatedImage,
  of: { areas: readonly Area[]; observed: number },
): Context<NamedArray> {
  const { list, patch, grid, channelMask, neighbours, contrast } = contextParts(config.field, config.path);
  const [{ width, height }] = of.areas;
  const queries = everyPixel(width * height);
  const views = of.areas.map((area) => viewTile(area, from));
  const examples = views.map(({ known, estimate, surroundings }) => ({
    // A list that is not read is represented by a single pixel.
    observed: list ? repeatPixels(known, of.observed) : Int32Array.of(0),
    queries,
    estimate: from.isEstimateRead ? estimate : null,
    ...(surroundings && { surroundings }),
  }));
  const images: ImageBatch = {
    count: of.areas.length,
    height,
    width,
    values: joinArrays(views.map(({ colours }) => colours)),
  };
  return {
    ...contextArrays(images, examples, { list, patch, grid: false, neighbours: 0, contrast }),
    ...(grid && {
      observedGrid: gridArray(
        images,
        views.map((view) => view.grid),
        channelMask,
      ),
    }),
    ...(neighbours > 0 && { neighbours: neighboursOf(from.image, of.areas, neighbours) }),
  };
}

/**
 * Returns what is known of a tile, as a list of pixels and as a grid, and its colours; in a tile without any known value, the
 * corners count as known in the list, with the colours of the estimate.
 */
function viewTile(area: Area, from: EstimatedImage) {
  const tile = cropImage(from.image, area);
  const { width } = from.image;
  const estimate = cropValues(from.estimate, { width, channels: 3 }, area);
  const surroundings = from.surroundings && {
    level: cropValues(from.surroundings.level, { width, channels: 3 }, area),
    contrast: cropValues(from.surroundings.contrast, { width, channels: 1 }, area),
  };
  const { indices: observed, channels } = observedPixels(tile);
  const grid = { observed, ...(channels && { channels }) };
  if (observed.length > 0) return { estimate, surroundings, grid, known: observed, colours: tile.values };
  return { estimate, surroundings, grid, known: cornersOf(area), colours: estimate };
}

function cornersOf({ width, height }: Area): Int32Array {
  const last = width * height - 1;
  return Int32Array.of(0, width - 1, last - (width - 1), last);
}

/** Repeats all pixels up to `count`: attention to every pixel n times equals attention to each of them once. */
function repeatPixels(pixels: Int32Array, count: number): Int32Array {
  return Int32Array.from({ length: count }, (_, index) => pixels[index % pixels.length]);
}

function joinArrays(pieces: readonly Float32Array[]): Float32Array {
  const [{ length }] = pieces;
  const values = new Float32Array(pieces.length * length);
  pieces.forEach((piece, row) => values.set(piece, row * length));
  return values;
}

/** Looks neighbours up in the whole image, so that those of a query do not depend on its tile. */
function neighboursOf(whole: KnownImage, areas: readonly Area[], wanted: number): NamedArray {
  const { width, height, values: image } = whole;
  const { indices: observed } = observedPixels(whole);
  const count = countNeighbours(wanted, { observed });
  const [{ width: columns, height: rows }] = areas;
  const pieces = areas.map(({ x, y }) => {
    const queries = everyPixel(columns * rows).map(
      (pixel) => (y + Math.floor(pixel / columns)) * width + x + (pixel % columns),
    );
    const piece = new Float32Array(queries.length * count * neighbourEntries);
    writeNeighbours(piece, { observed, queries }, { width, height, image, count });
    return piece;
  });
  return { shape: [areas.length, columns * rows, count, neighbourEntries], values: joinArrays(pieces) };
}
