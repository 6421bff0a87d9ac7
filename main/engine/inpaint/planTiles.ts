/**
 * An image divided into overlapping tiles, whose weights pass from one to the next without a seam; values blended with them;
 * and the groups in which tiles go through a network.
 */

import type { Area } from '../../../shared/images/crop.ts';
import type { RunConfig } from '../../../shared/config/config.ts';
import { countEvaluation } from '../../../shared/config/networkSize.ts';
import type { Tiling } from '../../../shared/config/networks/network.ts';
import { networkOf, queriesOf, traitsOf } from '../../../shared/config/networks/registry.ts';
import { partBatch } from '../batchParts.ts';
import { countKnown, type KnownCounts, type KnownImage } from './knownImage.ts';

/** An area whose pixel (x, y) has the weight columnWeights[x] · rowWeights[y]; over all tiles the weights of a pixel sum to 1. */
export interface Tile extends Area {
  readonly columnWeights: Float32Array;
  readonly rowWeights: Float32Array;
}

/**
 * Returns tiles of equal sides, row by row; a single one when the image is no longer than `side`. With a multiple above 1 the
 * last tiles of rows and columns are up to multiple − 1 pixels shorter.
 * @throws RangeError when the overlap is too large for the side.
 */
export function planTiles(size: { width: number; height: number }, tiling: Tiling): Tile[] {
  const columns = planAxis(size.width, tiling);
  const rows = planAxis(size.height, tiling);
  return rows.flatMap((row) =>
    columns.map((column) => ({
      x: column.from,
      y: row.from,
      width: column.length,
      height: row.length,
      columnWeights: column.weights,
      rowWeights: row.weights,
    })),
  );
}

interface Span {
  readonly from: number;
  readonly length: number;
  readonly weights: Float32Array;
}

function planAxis(length: number, tiling: Tiling): Span[] {
  const { margin = 0 } = tiling;
  const bare = spansOf(length, tiling);
  const spans = bare.map((span, index) => ({
    ...span,
    weights: weightsOf(span, { before: bare[index - 1], after: bare[index + 1], margin }),
  }));
  // Where three tiles meet along an axis, two ramps alone do not sum to 1.
  const sums = new Float64Array(length);
  spans.forEach(({ from, weights }) => weights.forEach((weight, index) => (sums[from + index] += weight)));
  spans.forEach(({ from, weights }) => weights.forEach((_, index) => (weights[index] /= sums[from + index])));
  return spans;
}

type BareSpan = Omit<Span, 'weights'>;

/** Returns as few spans as cover the length, and those as short as possible. */
function spansOf(length: number, { side, overlap, multiple = 1 }: Tiling): BareSpan[] {
  if (length <= side) return [{ from: 0, length }];
  const longest = Math.floor(side / multiple) * multiple;
  if (overlap > longest / 2 || longest - overlap < multiple) {
    const most = Math.min(Math.floor(longest / 2), longest - multiple);
    throw new RangeError(
      `Tiles of ${side} pixels with an overlap of ${overlap}: expected an overlap of at most ${most}.`,
    );
  }
  for (let count = Math.ceil((length - overlap) / (longest - overlap)); ; count++) {
    const shortest = (length + (count - 1) * overlap) / count;
    for (let span = roundUp(shortest, multiple); span <= longest; span += multiple) {
      const starts = startsOf(length, { count, span, multiple });
      if (starts.every((from, index) => index === 0 || from - starts[index - 1] <= span - overlap))
        return starts.map((from) => ({ from, length: Math.min(span, length - from) }));
    }
  }
}

function startsOf(length: number, of: { count: number; span: number; multiple: number }): number[] {
  const last = roundUp(Math.max(0, length - of.span), of.multiple);
  return Array.from(
    { length: of.count },
    (_, index) => Math.floor((index * last) / (of.count - 1) / of.multiple) * of.multiple,
  );
}

function roundUp(value: number, multiple: number): number {
  return Math.ceil(value / multiple) * multiple;
}

/** Returns linear ramps over the overlaps with both neighbours; the ramps of two neighbours sum to 1. */
function weightsOf(
  { from, length }: BareSpan,
  neighbours: { before: BareSpan | undefined; after: BareSpan | undefined; margin: number },
): Float32Array {
  const { before, after, margin } = neighbours;
  const end = from + length;
  return Float32Array.from({ length }, (_, index) => {
    const position = from + index + 0.5;
    const rise = before ? ramp(position, { from, to: before.from + before.length, margin }) : 1;
    const fall = after ? 1 - ramp(position, { from: after.from, to: end, margin }) : 1;
    return rise * fall;
  });
}

/** Returns 0 before `from`, 1 after `to` and a linear ramp between, `margin` away from both ends if there is room. */
function ramp(position: number, { from, to, margin }: { from: number; to: number; margin: number }): number {
  const kept = Math.min(margin, Math.floor((to - from - 1) / 2));
  return Math.min(1, Math.max(0, (position - from - kept) / (to - from - 2 * kept)));
}

/** Weighted sums of tile values over a whole image. */
export interface Blend {
  readonly width: number;
  /** Weighted sums, height × width × 3, one array for each kind of value. */
  readonly values: readonly Float32Array[];
  /** Sums of the weights, height × width. */
  readonly weights: Float32Array;
}

/** Creates an empty blend for `kinds` kinds of values. */
export function createBlend(size: { width: number; height: number }, kinds: number): Blend {
  const pixels = size.width * size.height;
  return {
    width: size.width,
    values: Array.from({ length: kinds }, () => new Float32Array(pixels * 3)),
    weights: new Float32Array(pixels),
  };
}

/** Adds the values of a tile to a blend: one array of tile height × tile width × 3 for each kind. */
export function blendTile(blend: Blend, tile: Tile, values: readonly Float32Array[]): void {
  const { x, y, width, height, columnWeights, rowWeights } = tile;
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const weight = rowWeights[row] * columnWeights[column];
      const pixel = (y + row) * blend.width + x + column;
      const source = (row * width + column) * 3;
      blend.weights[pixel] += weight;
      for (let index = 0; index < values.length; index++) {
        for (let channel = 0; channel < 3; channel++)
          blend.values[index][pixel * 3 + channel] += weight * values[index][source + channel];
      }
    }
  }
}

/** Divides the sums by their weights, in place; `otherwise` returns the value of each kind at a position without any tile. */
export function finishBlend(blend: Blend, otherwise: readonly ((position: number) => number)[]): void {
  blend.values.forEach((values, index) => {
    for (let position = 0; position < values.length; position++) {
      const weight = blend.weights[Math.floor(position / 3)];
      if (weight === 0) values[position] = otherwise[index](position);
      else if (weight !== 1) values[position] /= weight;
    }
  });
}

/** How much is computed at a time. */
export interface ComputeLimits {
  /** Parts of a batch that are computed side by side. */
  readonly parts: number;
  /** Fewest tiles of a part: see `Field.smallestPart`. */
  readonly smallestPart: number;
  /** Multiplications of one part before other work gets a turn. */
  readonly products: number;
}

/** Tiles of one shape that a network reads with the same number of observed pixels: equal inputs share one compiled graph. */
export interface TileGroup {
  readonly tiles: readonly Tile[];
  /** Tiles per pass through the network; the last ones are repeated to fill the last pass. */
  readonly together: number;
  /** Observed pixels that a tile is given. */
  readonly observed: number;
}

const mostTogether = 16;
/** Most different numbers of observed pixels that tiles of one shape are given. */
const mostCounts = 3;
/** Pixels between the longest sides that are compared. */
const sideStep = 8;

/**
 * Returns the tiles that have unknown pixels, grouped by shape and number of observed pixels. Of all allowed sizes they have
 * the one that takes the least time: large tiles overlap less, small ones leave out more of what is known and fill all
 * parts.
 */
export function groupTiles(
  config: Pick<RunConfig, 'field' | 'data'>,
  image: KnownImage,
  limits: ComputeLimits,
): TileGroup[] {
  const { field, data } = config;
  const counts = countKnown(image);
  const { smallestSide, ...tiling } = networkOf(field).planTiling(field, {
    imageSize: data.imageSize,
    products: limits.products / limits.smallestPart,
  });
  let best: { groups: TileGroup[]; time: number } | null = null;
  for (let { side } = tiling; side >= (smallestSide ?? tiling.side); side -= sideStep) {
    const tiles = planTiles(image, { ...tiling, side }).filter(
      (tile) => counts.countIn(tile) < tile.width * tile.height,
    );
    const groups = groupAlike(config, tiles, { counts, limits });
    const time = groups.reduce((sum, group) => sum + timeOf(group, limits), 0);
    if (best === null || time < best.time) best = { groups, time };
  }
  return best?.groups ?? [];
}

/** Groups tiles by shape and, for a network that reads a list, by number of observed pixels. */
function groupAlike(
  config: Pick<RunConfig, 'field' | 'data'>,
  tiles: readonly Tile[],
  { counts, limits }: { counts: KnownCounts; limits: ComputeLimits },
): TileGroup[] {
  const byShape = Map.groupBy(tiles, ({ width, height }) => `${width}×${height}`);
  return Array.from(byShape.values()).flatMap((alike) =>
    traitsOf(config.field.kind).readsList
      ? groupByCount(alike, (tile) => counts.countIn(tile)).map((group) => withPace(config, limits, group))
      : [withPace(config, limits, { tiles: alike, observed: 1 })],
  );
}

/** Groups tiles by similar counts; each group is given as many observed pixels as its tile with the most. */
function groupByCount(
  tiles: readonly Tile[],
  countOf: (tile: Tile) => number,
): Pick<TileGroup, 'tiles' | 'observed'>[] {
  const sorted = tiles.toSorted((one, other) => countOf(one) - countOf(other));
  const size = Math.ceil(sorted.length / mostCounts);
  return Array.from({ length: Math.ceil(sorted.length / size) }, (_, index) => {
    const group = sorted.slice(index * size, (index + 1) * size);
    return { tiles: group, observed: Math.max(1, countOf(group[group.length - 1])) };
  });
}

function withPace(
  { field, data }: Pick<RunConfig, 'field' | 'data'>,
  limits: ComputeLimits,
  group: Pick<TileGroup, 'tiles' | 'observed'>,
): TileGroup {
  const { parts, smallestPart, products } = limits;
  const [{ width, height }] = group.tiles;
  const points = { observed: group.observed, queries: width * height };
  const side = queriesOf(field) === 'grid' ? Math.sqrt(width * height) : data.imageSize;
  const affordable = Math.floor((parts * products) / countEvaluation(field, points, side));
  const most = Math.min(mostTogether, Math.max(parts * smallestPart, affordable), group.tiles.length);
  const numbers = Array.from({ length: most }, (_, index) => most - index);
  const timeWith = (together: number) => timeOf({ ...group, together }, limits);
  const together = numbers.reduce((best, number) => (timeWith(number) < timeWith(best) ? number : best));
  return { ...group, together };
}

/** Returns the time of an evaluation in tile pixels that one part computes after the other. */
function timeOf({ tiles, together }: TileGroup, { parts, smallestPart }: ComputeLimits): number {
  const [{ width, height }] = tiles;
  const rows = Math.max(...partBatch(together, parts, smallestPart).map((part) => part.rows));
  return Math.ceil(tiles.length / together) * Math.max(rows, smallestPart) * width * height;
}
