/**
 * Classical estimates of pictures of any size: exact where the picture is small, else window by window, as large as the
 * pictures that networks are trained on, blended over what they share.
 */

import { type ClassicalMethodName, reconstructClassically } from '../classical/registry.ts';
import { thinPlateAt } from '../classical/thinPlate.ts';
import { countKnown, type KnownCounts } from './knownCounts.ts';
import { cutPicture, cutRows, type KnownPicture, observationOf, placesOf } from './knownPicture.ts';
import { planTiles, type Tile } from './planTiles.ts';
import { fewestPoints, pointsNear } from './windowPoints.ts';

export interface EstimateOptions {
  /** Pictures no wider and no higher are estimated exactly, like those the networks are trained on. */
  readonly exactSide: number;
  /** Called before every window, `done` of `total`; what it throws ends the work. */
  readonly turn?: (done: number, total: number) => Promise<void>;
}

/** Larger pictures are exact as well while they have no more known pixels. */
const mostExactPoints = 400;
/** The known pixels a window has where they lie evenly. */
const wantedPoints = 200;
const [shortestSide, longestSide] = [16, 32];

/** Thin plates: height × width × 3 values in [0, 1], known pixels exact. */
export async function estimateThinPlate(
  picture: KnownPicture,
  options: EstimateOptions,
): Promise<Float32Array> {
  if (isExact(picture, options)) return estimateExactly('thin plate', picture, options);
  const counts = countKnown(picture);
  const windows = windowsOf(picture, counts);
  return blendWindows(picture, windows, {
    ...options,
    solve: (window) => {
      const { area, observation } = pointsNear(window, picture, counts);
      const offset = { x: window.x - area.x, y: window.y - area.y };
      const pixels = unknownOf(picture, window).map(
        (pixel) =>
          (Math.floor(pixel / window.width) + offset.y) * area.width + (pixel % window.width) + offset.x,
      );
      return thinPlateAt(observation, pixels);
    },
  });
}

/**
 * Biharmonic functions, otherwise as estimateThinPlate. Windows with next to nothing known take the border that they need
 * from `plate`, the thin plates' estimate.
 */
export async function estimateBiharmonic(
  picture: KnownPicture,
  plate: Float32Array,
  options: EstimateOptions,
): Promise<Float32Array> {
  if (isExact(picture, options)) return estimateExactly('biharmonic', picture, options);
  const counts = countKnown(picture);
  return blendWindows(picture, windowsOf(picture, counts), {
    ...options,
    solve: (window) => {
      const isPoor = counts.countIn(window) < fewestPoints;
      const seen = cutPicture(picture, window);
      const values = reconstructClassically(
        'biharmonic',
        observationOf(isPoor ? framed(seen, picture, { window, plate }) : seen),
      );
      const pixels = unknownOf(picture, window);
      const found = new Float32Array(pixels.length * 3);
      pixels.forEach((pixel, row) => found.set(values.subarray(pixel * 3, pixel * 3 + 3), row * 3));
      return found;
    },
  });
}

function isExact({ width, height, isKnown }: KnownPicture, { exactSide }: EstimateOptions): boolean {
  if (Math.max(width, height) <= exactSide) return true;
  return (
    isKnown.reduce((sum, known) => sum + known, 0) <= mostExactPoints && width * height <= exactSide ** 2 * 4
  );
}

async function estimateExactly(
  method: ClassicalMethodName,
  picture: KnownPicture,
  { turn }: EstimateOptions,
): Promise<Float32Array> {
  await turn?.(0, 1);
  return reconstructClassically(method, observationOf(picture));
}

/** Only those with something unknown. */
function windowsOf(picture: KnownPicture, counts: KnownCounts): Tile[] {
  const { width, height } = picture;
  const density = counts.countIn({ x: 0, y: 0, width, height }) / (width * height);
  const wanted = Math.round(Math.sqrt(wantedPoints / density));
  const side = Math.min(longestSide, Math.max(shortestSide, wanted));
  const windows = planTiles(picture, { side, overlap: Math.floor(side / 4) });
  return windows.filter((window) => counts.countIn(window) < window.width * window.height);
}

/** Numbers of the unknown pixels within the window. */
function unknownOf(picture: KnownPicture, window: Tile): Int32Array {
  return placesOf(cutRows(picture.isKnown, { width: picture.width, channels: 1 }, window), 0);
}

/** `solve` gives the colours of a window's unknown pixels, in their order. */
async function blendWindows(
  picture: KnownPicture,
  windows: readonly Tile[],
  { turn, solve }: EstimateOptions & { solve: (window: Tile) => Float32Array },
): Promise<Float32Array> {
  const output = picture.values.slice();
  for (const [index, window] of windows.entries()) {
    await turn?.(index, windows.length);
    const colours = solve(window);
    unknownOf(picture, window).forEach((pixel, row) => {
      const [x, y] = [pixel % window.width, Math.floor(pixel / window.width)];
      const weight = window.columnWeights[x] * window.rowWeights[y];
      const place = ((window.y + y) * picture.width + window.x + x) * 3;
      for (let channel = 0; channel < 3; channel++) {
        const value = Math.min(1, Math.max(0, colours[row * 3 + channel]));
        output[place + channel] += weight * value;
      }
    });
  }
  return output;
}

/** With the two outermost lines on each side known as well, as `plate` has them. */
function framed(
  seen: KnownPicture,
  picture: KnownPicture,
  { window, plate }: { window: Tile; plate: Float32Array },
): KnownPicture {
  const { width, height } = seen;
  const guessed = cutRows(plate, { width: picture.width, channels: 3 }, window);
  const isFrame = (pixel: number) => {
    const [x, y] = [pixel % width, Math.floor(pixel / width)];
    return Math.min(x, y, width - 1 - x, height - 1 - y) < 2;
  };
  const isKnown = seen.isKnown.map((known, pixel) => (known === 1 || isFrame(pixel) ? 1 : 0));
  return { width, height, isKnown, values: guessed };
}
