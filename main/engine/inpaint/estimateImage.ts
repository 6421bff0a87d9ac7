/**
 * Classical estimates of images of any size: exact for small images, otherwise window by window, each about as large as the
 * images that networks are trained on, and blended where windows overlap.
 */

import type { SparseObservation } from '../../../shared/images/image.ts';
import { nearestObserved } from '../classical/nearest.ts';
import { type ClassicalMethodName, reconstructClassically } from '../classical/registry.ts';
import { fillFronts } from '../classical/telea.ts';
import { isDenselyObserved, thinPlateAt } from '../classical/thinPlate.ts';
import {
  countKnown,
  cropImage,
  cropValues,
  type KnownCounts,
  type KnownImage,
  observationOf,
  pixelsWhere,
  type Area,
} from './knownImage.ts';
import { planTiles, type Tile } from './planTiles.ts';

export interface EstimateOptions {
  /** Longest side of images that are estimated exactly, like those that networks are trained on. */
  readonly exactSide: number;
  /** Awaited before every window, `done` of `total`; throwing ends the work. */
  readonly onProgress?: (done: number, total: number) => Promise<void>;
}

/** Larger images are estimated exactly as well if they have no more known pixels than this. */
const mostExactPoints = 400;
/** Known pixels per window if they are evenly distributed. */
const wantedPoints = 200;
const shortestSide = 16;
const longestSide = 32;
/** Fewest known pixels for a window; below that it uses pixels around it. */
const fewestPoints = 24;
/** Most known pixels that a window is solved with. */
const mostPoints = 250;
/** Pixels by which a window grows at first; the growth doubles each time. */
const firstGrowth = 8;

/** Returns the thin plate estimate: height × width × 3 values in [0, 1], exact at known pixels. */
export async function estimateThinPlate(image: KnownImage, options: EstimateOptions): Promise<Float32Array> {
  if (isExact(image, options)) return estimateExactly('thin plate', image, options);
  const counts = countKnown(image);
  return blendWindows(image, windowsOf(image, counts), {
    ...options,
    solve: (window) => {
      const { area, observation } = pointsNear(window, image, counts);
      const left = window.x - area.x;
      const top = window.y - area.y;
      const pixels = unknownOf(image, window).map(
        (pixel) => (Math.floor(pixel / window.width) + top) * area.width + (pixel % window.width) + left,
      );
      return thinPlateAt(observation, pixels);
    },
  });
}

/** Fronts of Telea's method between two calls of `onProgress`. */
const frontsPerCall = 1000;

/**
 * Returns Telea's estimate of the whole image, without windows, because its time grows only with the number of pixels;
 * otherwise as `estimateThinPlate`.
 */
export async function estimateTelea(
  image: KnownImage,
  { onProgress }: Pick<EstimateOptions, 'onProgress'>,
): Promise<Float32Array> {
  const values = new Float32Array(image.width * image.height * 3);
  let fronts = 0;
  await onProgress?.(0, 1);
  for (const filled of fillFronts(observationOf(image), values)) {
    if (++fronts % frontsPerCall === 0) await onProgress?.(filled, 1);
  }
  return values;
}

/**
 * Returns the biharmonic estimate, otherwise as `estimateThinPlate`. Windows with few known pixels take their border from
 * `plate`, the thin plate estimate.
 */
export async function estimateBiharmonic(
  image: KnownImage,
  plate: Float32Array,
  options: EstimateOptions,
): Promise<Float32Array> {
  if (isExact(image, options)) return estimateExactly('biharmonic', image, options);
  const counts = countKnown(image);
  return blendWindows(image, windowsOf(image, counts), {
    ...options,
    solve: (window) => {
      const needsFrame = counts.countIn(window) < fewestPoints;
      const cropped = cropImage(image, window);
      const values = reconstructClassically(
        'biharmonic',
        observationOf(needsFrame ? addFrame(cropped, image, { window, plate }) : cropped),
      );
      const pixels = unknownOf(image, window);
      const found = new Float32Array(pixels.length * 3);
      pixels.forEach((pixel, row) => found.set(values.subarray(pixel * 3, pixel * 3 + 3), row * 3));
      return found;
    },
  });
}

function isExact({ width, height, isKnown }: KnownImage, { exactSide }: EstimateOptions): boolean {
  if (Math.max(width, height) <= exactSide) return true;
  return (
    isKnown.reduce((sum, known) => sum + known, 0) <= mostExactPoints && width * height <= exactSide ** 2 * 4
  );
}

async function estimateExactly(
  method: ClassicalMethodName,
  image: KnownImage,
  { onProgress }: EstimateOptions,
): Promise<Float32Array> {
  await onProgress?.(0, 1);
  return reconstructClassically(method, observationOf(image));
}

/** Returns the windows that have unknown pixels. */
function windowsOf(image: KnownImage, counts: KnownCounts): Tile[] {
  const { width, height } = image;
  const density = counts.countIn({ x: 0, y: 0, width, height }) / (width * height);
  const wanted = Math.round(Math.sqrt(wantedPoints / density));
  const side = Math.min(longestSide, Math.max(shortestSide, wanted));
  const windows = planTiles(image, { side, overlap: Math.floor(side / 4) });
  return windows.filter((window) => counts.countIn(window) < window.width * window.height);
}

/** Returns the indices of the unknown pixels within the window. */
function unknownOf(image: KnownImage, window: Tile): Int32Array {
  return pixelsWhere(cropValues(image.isKnown, { width: image.width, channels: 1 }, window), 0);
}

/** Blends the windows; `solve` returns the colours of a window's unknown pixels, in their order. */
async function blendWindows(
  image: KnownImage,
  windows: readonly Tile[],
  { onProgress, solve }: EstimateOptions & { solve: (window: Tile) => Float32Array },
): Promise<Float32Array> {
  const output = image.values.slice();
  for (const [index, window] of windows.entries()) {
    await onProgress?.(index, windows.length);
    const colours = solve(window);
    unknownOf(image, window).forEach((pixel, row) => {
      const x = pixel % window.width;
      const y = Math.floor(pixel / window.width);
      const weight = window.columnWeights[x] * window.rowWeights[y];
      const position = ((window.y + y) * image.width + window.x + x) * 3;
      for (let channel = 0; channel < 3; channel++) {
        const value = Math.min(1, Math.max(0, colours[row * 3 + channel]));
        output[position + channel] += weight * value;
      }
    });
  }
  return output;
}

/** Marks the two outermost lines on each side as known, with the colours of `plate`. */
function addFrame(
  cropped: KnownImage,
  image: KnownImage,
  { window, plate }: { window: Tile; plate: Float32Array },
): KnownImage {
  const { width, height } = cropped;
  const values = cropValues(plate, { width: image.width, channels: 3 }, window);
  const isFrame = (pixel: number) => {
    const x = pixel % width;
    const y = Math.floor(pixel / width);
    return Math.min(x, y, width - 1 - x, height - 1 - y) < 2;
  };
  const isKnown = cropped.isKnown.map((known, pixel) => (known === 1 || isFrame(pixel) ? 1 : 0));
  return { width, height, isKnown, values };
}

/** Known pixels in and around a window, as an observation of the area that contains them. */
interface WindowPoints {
  readonly area: Area;
  readonly observation: SparseObservation;
}

/**
 * Returns the known pixels that a window is solved with: all in and around it where most are known; otherwise its own, with
 * pixels around it where they are too few, or those nearest to unknown pixels where they are too many.
 */
function pointsNear(window: Area, image: KnownImage, counts: KnownCounts): WindowPoints {
  const around = growArea(window, image, firstGrowth);
  if (isDenselyObserved(counts.countIn(around), around))
    return { area: around, observation: observationOf(cropImage(image, around)) };
  const area = areaWithPoints(window, image, counts);
  const all = observationOf(cropImage(image, area));
  if (all.indices.length <= mostPoints) return { area, observation: all };
  const rank = rankIn(area, window, image);
  const ranked = Array.from(all.indices, (pixel, row) => ({ row, rank: rank(pixel) }));
  const chosen = ranked
    .sort((one, other) => one.rank - other.rank)
    .slice(0, mostPoints)
    .map(({ row }) => row)
    .sort((one, other) => one - other);
  const values = new Float32Array(chosen.length * 3);
  chosen.forEach((row, index) => values.set(all.values.subarray(row * 3, row * 3 + 3), index * 3));
  return {
    area,
    observation: { ...all, indices: Int32Array.from(chosen, (row) => all.indices[row]), values },
  };
}

function areaWithPoints(window: Area, image: KnownImage, counts: KnownCounts): Area {
  let area = window;
  for (let growth = firstGrowth; counts.countIn(area) < fewestPoints; growth *= 2) {
    if (area.width === image.width && area.height === image.height) break;
    area = growArea(window, image, growth);
  }
  return area;
}

/** Returns the area with `growth` more pixels on every side, as far as the image has them. */
function growArea(area: Area, { width, height }: KnownImage, growth: number): Area {
  const left = Math.max(0, area.x - growth);
  const top = Math.max(0, area.y - growth);
  const right = Math.min(width, area.x + area.width + growth);
  const bottom = Math.min(height, area.y + area.height + growth);
  return { x: left, y: top, width: right - left, height: bottom - top };
}

/**
 * Returns the rank of the pixels of an area: outside of the window by their distance to it, inside by their distance to the
 * nearest unknown pixel. A scattered fraction decides between equal distances.
 */
function rankIn(area: Area, window: Area, image: KnownImage): (pixel: number) => number {
  const inside = cropImage(image, window);
  const unknown = pixelsWhere(inside.isKnown, 0);
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

function outside(position: number, length: number): number {
  return Math.max(0, -position, position - length + 1);
}

/** Returns a number in [0, 1) that differs between neighbours: multiplicative hashing, Knuth, "The art of computer programming", §6.4. */
function scatterOf(pixel: number): number {
  return (Math.imul(pixel, 0x9e3779b1) >>> 0) / 2 ** 32;
}
