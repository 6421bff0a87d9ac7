/** The tiles of an image for a network, grouped by those that go through it together. */

import type { RunConfig } from '../../../shared/config/config.ts';
import { countEvaluation } from '../../../shared/config/networkSize.ts';
import { networkOf, queriesOf, traitsOf } from '../../../shared/config/networks/registry.ts';
import { countKnown, type KnownImage } from './knownImage.ts';
import { planTiles, type Tile } from './planTiles.ts';

/** How much is computed at a time. */
export interface ComputeLimits {
  /** Tiles computed side by side. */
  readonly parts: number;
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

/** Returns the tiles that have unknown pixels, grouped by shape and number of observed pixels. */
export function groupTiles(
  config: Pick<RunConfig, 'field' | 'data'>,
  image: KnownImage,
  limits: ComputeLimits,
): TileGroup[] {
  const { field, data } = config;
  const counts = countKnown(image);
  const tiling = networkOf(field).planTiling(field, {
    imageSize: data.imageSize,
    products: limits.products,
  });
  const tiles = planTiles(image, tiling).filter((tile) => counts.countIn(tile) < tile.width * tile.height);
  const byShape = Map.groupBy(tiles, ({ width, height }) => `${width}×${height}`);
  return Array.from(byShape.values()).flatMap((alike) =>
    traitsOf(field.kind).readsList
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
  { parts, products }: ComputeLimits,
  group: Pick<TileGroup, 'tiles' | 'observed'>,
): TileGroup {
  const [{ width, height }] = group.tiles;
  const points = { observed: group.observed, queries: width * height };
  const side = queriesOf(field) === 'grid' ? Math.sqrt(width * height) : data.imageSize;
  const affordable = Math.floor((parts * products) / countEvaluation(field, points, side));
  const together = Math.min(mostTogether, Math.max(parts, affordable), group.tiles.length);
  return { ...group, together };
}
