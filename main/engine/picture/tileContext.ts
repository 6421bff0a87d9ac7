/** What a network reads of some tiles of a picture, as arrays: the tiles' own part of what it would read of the whole. */

import type { FieldConfig } from '../../../shared/config/config.ts';
import type { ImageBatch } from '../../../shared/images/image.ts';
import type { NamedArray, NamedArrays } from '../field/parameters.ts';
import { contextArrays, everyPixel, gridArray } from '../train/contextArrays.ts';
import { countNeighbours, neighbourEntries, writeNeighbours } from '../train/neighbourArrays.ts';
import { contextWishes } from '../train/trainingBatch.ts';
import { cutPicture, cutRows, type KnownPicture, placesOf } from './knownPicture.ts';
import type { Area } from './planTiles.ts';

/** A picture, and what is thought of it before the path starts: height × width × 3 values. */
export interface EstimatedPicture {
  readonly picture: KnownPicture;
  readonly estimate: Float32Array;
  /** Whether the network is given the estimate. */
  readonly isEstimateRead: boolean;
}

/** Areas of one size; where the network reads a list, `observed` pixels of each are in it. */
export function tileContext(
  field: FieldConfig,
  from: EstimatedPicture,
  of: { areas: readonly Area[]; observed: number },
): NamedArrays {
  const { list, patch, grid, neighbours } = contextWishes(field);
  const [{ width, height }] = of.areas;
  const queries = everyPixel(width * height);
  const seen = of.areas.map((area) => seeTile(area, from));
  const examples = seen.map(({ known, guess }) => ({
    // One pixel stands in for a list that is not read.
    observed: list ? repeated(known, of.observed) : Int32Array.of(0),
    queries,
    estimate: from.isEstimateRead ? guess : null,
  }));
  const images: ImageBatch = {
    ...{ count: of.areas.length, height, width },
    values: joined(seen.map(({ colours }) => colours)),
  };
  return {
    ...contextArrays(images, examples, { list, patch, grid: false, neighbours: 0 }),
    ...(grid
      ? {
          observedGrid: gridArray(
            images,
            seen.map(({ marks }) => ({ observed: placesOf(marks, 1) })),
          ),
        }
      : {}),
    ...(neighbours > 0 ? { neighbours: neighboursOf(from.picture, of.areas, neighbours) } : {}),
  };
}

/** A tile's known pixels and their colours; where there is none its corners count as known, as the estimate has them. */
function seeTile(area: Area, { picture, estimate }: EstimatedPicture) {
  const { values, isKnown: marks } = cutPicture(picture, area);
  const guess = cutRows(estimate, { width: picture.width, channels: 3 }, area);
  const known = placesOf(marks, 1);
  if (known.length > 0) return { marks, guess, known, colours: values };
  return { marks, guess, known: cornersOf(area), colours: guess };
}

function cornersOf({ width, height }: Area): Int32Array {
  const last = width * height - 1;
  return Int32Array.of(0, width - 1, last - (width - 1), last);
}

/** As many as wanted: all of them over and over, which for an attention to them is the same as once. */
function repeated(pixels: Int32Array, count: number): Int32Array {
  return Int32Array.from({ length: count }, (_, index) => pixels[index % pixels.length]);
}

function joined(pieces: readonly Float32Array[]): Float32Array {
  const [{ length }] = pieces;
  const values = new Float32Array(pieces.length * length);
  pieces.forEach((piece, row) => values.set(piece, row * length));
  return values;
}

/** Looked up in the whole picture, so that a query's neighbours do not depend on its tile. */
function neighboursOf(picture: KnownPicture, areas: readonly Area[], wanted: number): NamedArray {
  const { width, height, values: image, isKnown } = picture;
  const observed = placesOf(isKnown, 1);
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
  return { shape: [areas.length, columns * rows, count, neighbourEntries], values: joined(pieces) };
}
