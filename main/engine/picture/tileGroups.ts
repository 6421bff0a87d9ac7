/** How a picture is cut for a network, and which tiles go through it together. */

import type { FieldConfig, RunConfig } from '../../../shared/config/config.ts';
import { fieldTraits, queriesOf } from '../../../shared/config/fieldTraits.ts';
import { countEvaluation } from '../../../shared/config/networkSize.ts';
import { countKnown } from './knownCounts.ts';
import type { KnownPicture } from './knownPicture.ts';
import { planTiles, type Tile, type TileOptions } from './planTiles.ts';

/** What the machine does at a time. */
export interface TilePower {
  /** Tiles computed side by side. */
  readonly parts: number;
  /** Multiplications that one part makes before anything else gets a turn. */
  readonly products: number;
}

/** Tiles of one shape that a network reads with equally many observed pixels: equal inputs need one compiled graph. */
export interface TileGroup {
  readonly tiles: readonly Tile[];
  /** Tiles that go through the network at once; the last ones are repeated where they do not come out even. */
  readonly together: number;
  /** Observed pixels a tile is given. */
  readonly observed: number;
}

const mostTogether = 16;
/** Pixels over which one tile leads over to the next. */
const shortestRamp = 4;
/** Neighbours are looked up in the whole picture: these tiles need no more than their queries mix, and small ones little memory. */
const neighbourTile = 64;
const [smallestGridTile, largestGridTile] = [64, 256];
/** Networks that read points get tiles with no more than so many different counts of them. */
const mostCounts = 3;

/** Tiles with something unknown, together with those like them. */
export function groupTiles(
  config: Pick<RunConfig, 'field' | 'data'>,
  picture: KnownPicture,
  power: TilePower,
): TileGroup[] {
  const counts = countKnown(picture);
  const tiles = planTiles(picture, tileOptions(config, power));
  const wanted = tiles.filter((tile) => counts.countIn(tile) < tile.width * tile.height);
  const byShape = Map.groupBy(wanted, ({ width, height }) => `${width}×${height}`);
  return Array.from(byShape.values()).flatMap((alike) =>
    fieldTraits[config.field.kind].readsList
      ? groupByCount(alike, (tile) => counts.countIn(tile)).map((group) => withPace(config, power, group))
      : [withPace(config, power, { tiles: alike, observed: 1 })],
  );
}

function tileOptions({ field, data }: Pick<RunConfig, 'field' | 'data'>, power: TilePower): TileOptions {
  const { readsList, reads } = fieldTraits[field.kind];
  if (readsList) return { side: data.imageSize, overlap: Math.floor(data.imageSize / 4) };
  if (reads.includes('neighbours')) return neighbourTiles(field);
  const multiple = field.stride * 2 ** (field.levels - 1);
  // From further away than half its reach a trained network takes less than a rounding to bytes does.
  const margin = Math.ceil(reachOf(field) / 2);
  const overlap = Math.ceil((2 * margin + shortestRamp) / multiple) * multiple;
  const products = countEvaluation(field, { observed: 1, queries: 1 }, largestGridTile);
  const affordable = Math.floor(largestGridTile * Math.sqrt(power.products / products));
  const wanted = Math.min(largestGridTile, Math.max(smallestGridTile, affordable, 2 * overlap));
  return { side: Math.max(wanted, 2 * overlap), overlap, multiple, margin };
}

/** Nothing is left out of what queries take from those around them: it is little. */
function neighbourTiles(field: FieldConfig): TileOptions {
  const margin = queriesOf(field) === 'grid' ? mixingReach(field) : 0;
  const overlap = margin > 0 ? 2 * margin + shortestRamp : 0;
  return { side: Math.max(neighbourTile, 2 * overlap), overlap, margin };
}

/** Pixels beyond which no query reaches another's output: half a square a read-out block. */
function mixingReach({ readBlocks, mixing }: FieldConfig): number {
  return (readBlocks * (mixing - 1)) / 2;
}

/** Pixels beyond which nothing reaches a U-Net's output: two 3 × 3 convolutions a block, one before and one behind them. */
function reachOf({ levels, blocks, stride }: FieldConfig): number {
  const steps = Array.from({ length: levels }, (_, level) => {
    const passes = level === levels - 1 ? 1 : 2;
    return passes * blocks * 2 * 2 ** level;
  });
  // What is joined reaches as far as the square it is joined in.
  return stride * (2 + steps.reduce((sum, step) => sum + step, 0) + 2 ** (levels - 1));
}

/** A few groups of like counts; each is given as many observed pixels as its richest tile has. */
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
  { parts, products }: TilePower,
  group: Pick<TileGroup, 'tiles' | 'observed'>,
): TileGroup {
  const [{ width, height }] = group.tiles;
  const points = { observed: group.observed, queries: width * height };
  const side = queriesOf(field) === 'grid' ? Math.sqrt(width * height) : data.imageSize;
  const affordable = Math.floor((parts * products) / countEvaluation(field, points, side));
  const together = Math.min(mostTogether, Math.max(parts, affordable), group.tiles.length);
  return { ...group, together };
}
