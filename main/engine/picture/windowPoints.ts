/** The known pixels that a window of a picture is estimated from: enough of them, and no more than can be solved at once. */

import type { SparseObservation } from '../../../shared/images/image.ts';
import { nearestObserved } from '../classical/nearest.ts';
import type { KnownCounts } from './knownCounts.ts';
import { cutPicture, type KnownPicture, observationOf, placesOf } from './knownPicture.ts';
import type { Area } from './planTiles.ts';

/** Fewer say too little about a window: then it looks further around. */
export const fewestPoints = 24;
const mostPoints = 250;
/** Pixels that a window grows by at first, then twice as many, and so on. */
const firstGrowth = 8;

/** Known pixels in and around a window, as an observation of the area they lie in. */
export interface WindowPoints {
  readonly area: Area;
  readonly observation: SparseObservation;
}

/** Those of the window; more from around it where they are too few; the ones nearest to what is unknown where they are too many. */
export function pointsNear(window: Area, picture: KnownPicture, counts: KnownCounts): WindowPoints {
  const area = areaWithPoints(window, picture, counts);
  const all = observationOf(cutPicture(picture, area));
  if (all.indices.length <= mostPoints) return { area, observation: all };
  const rank = rankIn(area, window, picture);
  const ranked = Array.from(all.indices, (pixel, row) => ({ row, rank: rank(pixel) }));
  const chosen = ranked
    .sort((one, other) => one.rank - other.rank)
    .slice(0, mostPoints)
    .map(({ row }) => row)
    .sort((one, other) => one - other);
  const values = new Float32Array(chosen.length * 3);
  chosen.forEach((row, place) => values.set(all.values.subarray(row * 3, row * 3 + 3), place * 3));
  return {
    area,
    observation: { ...all, indices: Int32Array.from(chosen, (row) => all.indices[row]), values },
  };
}

function areaWithPoints(window: Area, { width, height }: KnownPicture, counts: KnownCounts): Area {
  let area = window;
  for (let growth = firstGrowth; counts.countIn(area) < fewestPoints; growth *= 2) {
    if (area.width === width && area.height === height) break;
    const [left, top] = [Math.max(0, window.x - growth), Math.max(0, window.y - growth)];
    const right = Math.min(width, window.x + window.width + growth);
    const bottom = Math.min(height, window.y + window.height + growth);
    area = { x: left, y: top, width: right - left, height: bottom - top };
  }
  return area;
}

/** Outside of the window its distance counts, inside that of the nearest unknown pixel; of equals, a scattered choice. */
function rankIn(area: Area, window: Area, picture: KnownPicture): (pixel: number) => number {
  const inside = cutPicture(picture, window);
  const unknown = placesOf(inside.isKnown, 0);
  const nearest = nearestObserved(unknown, window);
  const beyond = window.width + window.height;
  return (pixel) => {
    const x = (pixel % area.width) + area.x - window.x;
    const y = Math.floor(pixel / area.width) + area.y - window.y;
    const away = Math.hypot(outside(x, window.width), outside(y, window.height));
    const scatter = scatterOf(pixel);
    if (away > 0) return beyond + away + scatter;
    const other = unknown[nearest[y * window.width + x]];
    return Math.hypot((other % window.width) - x, Math.floor(other / window.width) - y) + scatter;
  };
}

function outside(place: number, length: number): number {
  return Math.max(0, -place, place - length + 1);
}

/** A number in [0, 1) that neighbours do not share: multiplicative hashing, Knuth, "The art of computer programming", §6.4. */
function scatterOf(pixel: number): number {
  return (Math.imul(pixel, 0x9e3779b1) >>> 0) / 2 ** 32;
}
