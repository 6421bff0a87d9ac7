/**
 * Places that are evenly but irregularly spread, by the void-and-cluster method.
 * Ulichney 1993, "The void-and-cluster method for dither array generation", Proc. SPIE 1913.
 */

import { randomPermutation } from '../numbers/random.ts';

/** Side of the tile; it repeats without a seam. */
export const blueNoiseSide = 64;
const places = blueNoiseSide ** 2;
/** Width of the Gaussian that says how crowded a place is, in pixels (§3 of the paper). */
const width = 1.5;
/** Farther away the Gaussian is rounded to 0. */
const reach = 11;
/** By squared distance; whole numbers, so that sums are exact in any order. */
const kernel = Float64Array.from({ length: 2 * reach ** 2 + 1 }, (_, squared) =>
  Math.round(2 ** 40 * Math.exp(-squared / (2 * width ** 2))),
);
/** Fraction of the positions that are set initially. */
const firstShare = 0.1;

/**
 * Ranks 0 … side² − 1 of the places of a tile, row by row: the places of rank below n are n well spread ones, for
 * every n. `seed` is an integer ≥ 0.
 */
export function createBlueNoiseRanks(seed: number): Uint16Array {
  const order = randomPermutation({ seed, stream: 'patternMask', step: 0 }, places);
  const first = Math.floor(places * firstShare);
  const crowd = createCrowd(order.subarray(0, first));
  relax(crowd);
  const ranks = new Uint16Array(places);
  // Downwards from the first pattern, on a copy of it; then upwards. Beyond one half the paper looks for the tightest
  // cluster of empty places: with the same Gaussian all around, that is the largest void.
  const copy: Crowd = { isSet: crowd.isSet.slice(), density: crowd.density.slice() };
  for (let rank = first - 1; rank >= 0; rank--) {
    const place = tightestCluster(copy);
    change(copy, place, -1);
    ranks[place] = rank;
  }
  for (let rank = first; rank < places; rank++) {
    const place = largestVoid(crowd);
    change(crowd, place, 1);
    ranks[place] = rank;
  }
  return ranks;
}

interface Crowd {
  readonly isSet: Uint8Array;
  /** Gaussian-weighted count of the set places around each place. */
  readonly density: Float64Array;
}

function createCrowd(set: Int32Array): Crowd {
  const crowd = { isSet: new Uint8Array(places), density: new Float64Array(places) };
  set.forEach((place) => change(crowd, place, 1));
  return crowd;
}

/** Moves points out of clusters into voids, until none would gain. */
function relax(crowd: Crowd): void {
  for (;;) {
    const from = tightestCluster(crowd);
    const before = crowd.density[from];
    change(crowd, from, -1);
    const to = largestVoid(crowd);
    // A point counts itself.
    const isGain = crowd.density[to] + kernel[0] < before;
    change(crowd, isGain ? to : from, 1);
    if (!isGain) return;
  }
}

function tightestCluster({ isSet, density }: Crowd): number {
  let best = -1;
  for (let place = 0; place < places; place++) {
    if (isSet[place] && (best < 0 || density[place] > density[best])) best = place;
  }
  return best;
}

function largestVoid({ isSet, density }: Crowd): number {
  let best = -1;
  for (let place = 0; place < places; place++) {
    if (!isSet[place] && (best < 0 || density[place] < density[best])) best = place;
  }
  return best;
}

function change({ isSet, density }: Crowd, place: number, by: 1 | -1): void {
  isSet[place] = by === 1 ? 1 : 0;
  const [row, column] = [Math.floor(place / blueNoiseSide), place % blueNoiseSide];
  for (let down = -reach; down <= reach; down++) {
    const start = ((row + down) & (blueNoiseSide - 1)) * blueNoiseSide;
    for (let right = -reach; right <= reach; right++) {
      density[start + ((column + right) & (blueNoiseSide - 1))] += by * kernel[down ** 2 + right ** 2];
    }
  }
}
