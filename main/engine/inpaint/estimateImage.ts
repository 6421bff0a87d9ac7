/** Classical estimates of images of any size. Every hole is solved as a whole; the work can be interrupted. */

import { channelLimits } from '../classical/biharmonic.ts';
import { bendingEnergy, biharmonicEnergy, type GridEnergy } from '../classical/gridEnergy.ts';
import { moveToMinimum } from '../classical/gridMinimum.ts';
import { reconstructNearest } from '../classical/nearest.ts';
import { type ClassicalMethodName, reconstructClassically } from '../classical/registry.ts';
import { fillFronts } from '../classical/telea.ts';
import { isOnOneLine } from '../classical/thinPlate.ts';
import { type KnownImage, observationOf } from './knownImage.ts';

export interface EstimateOptions {
  /** Longest side of images that are estimated like those that networks are trained on. */
  readonly exactSide: number;
  /** Awaited several times with the completed fraction, 0 to 1; throwing ends the work. */
  readonly onProgress?: (fraction: number) => Promise<void>;
}

/**
 * Returns the thin plate estimate: height × width × 3 values in [0, 1], exact at known pixels. Images above the exact side
 * minimise the bending energy on the pixel grid whatever their mask, because a spline through thousands of pixels is out of
 * reach and, where it was compared, no better.
 */
export async function estimateThinPlate(image: KnownImage, options: EstimateOptions): Promise<Float32Array> {
  if (isSmall(image, options)) return estimateExactly('thin plate', image, options);
  const observation = observationOf(image);
  if (isOnOneLine(observation.indices, image.width)) {
    await options.onProgress?.(0);
    return reconstructNearest(observation);
  }
  const values = await minimise(bendingEnergy, image, options);
  return clampUnknown(values, image, [
    [0, 0, 0],
    [1, 1, 1],
  ]);
}

/** Returns the biharmonic estimate, otherwise as `estimateThinPlate`; unknown pixels keep to the range of the known ones. */
export async function estimateBiharmonic(image: KnownImage, options: EstimateOptions): Promise<Float32Array> {
  if (isSmall(image, options)) return estimateExactly('biharmonic', image, options);
  const values = await minimise(biharmonicEnergy, image, options);
  return clampUnknown(values, image, channelLimits(observationOf(image).values));
}

/** Fronts of Telea's method between two calls of `onProgress`. */
const frontsPerCall = 1000;

/** Returns Telea's estimate, otherwise as `estimateThinPlate`. */
export async function estimateTelea(
  image: KnownImage,
  { onProgress }: Pick<EstimateOptions, 'onProgress'>,
): Promise<Float32Array> {
  const values = new Float32Array(image.width * image.height * 3);
  let fronts = 0;
  await onProgress?.(0);
  for (const filled of fillFronts(observationOf(image), values)) {
    if (++fronts % frontsPerCall === 0) await onProgress?.(filled);
  }
  return values;
}

function isSmall({ width, height }: KnownImage, { exactSide }: EstimateOptions): boolean {
  return Math.max(width, height) <= exactSide;
}

async function estimateExactly(
  method: ClassicalMethodName,
  image: KnownImage,
  { onProgress }: EstimateOptions,
): Promise<Float32Array> {
  await onProgress?.(0);
  return reconstructClassically(method, observationOf(image));
}

/** Returns the image with its unknown pixels at the minimum of an energy. */
async function minimise(
  energy: GridEnergy,
  { width, height, isKnown, values: known }: KnownImage,
  { onProgress }: EstimateOptions,
): Promise<Float32Array> {
  const values = known.slice();
  await onProgress?.(0);
  for (const fraction of moveToMinimum(energy, { width, height, values, isKnown }))
    await onProgress?.(fraction);
  return values;
}

/** Limits the unknown pixels of each channel, in place. */
function clampUnknown(
  values: Float32Array,
  { isKnown }: KnownImage,
  [low, high]: readonly (readonly number[])[],
): Float32Array {
  isKnown.forEach((known, pixel) => {
    if (known === 1) return;
    for (let channel = 0; channel < 3; channel++) {
      const value = values[pixel * 3 + channel];
      values[pixel * 3 + channel] = Math.min(high[channel], Math.max(low[channel], value));
    }
  });
  return values;
}
