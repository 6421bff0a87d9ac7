/**
 * Classical estimates of images of any size. Every hole is solved as a whole; the work can be interrupted. Where each channel has
 * its own mask, each is estimated by itself, from its own known values.
 */

import { channelLimits } from '../classical/biharmonic.ts';
import { bendingEnergy, biharmonicEnergy, type GridEnergy, tensionEnergy } from '../classical/gridEnergy.ts';
import { moveToMinimum } from '../classical/gridMinimum.ts';
import { reconstructNearest, spreadKnown } from '../classical/nearest.ts';
import { type ClassicalMethodName, reconstructClassically } from '../classical/registry.ts';
import { fillFronts } from '../classical/telea.ts';
import { isOnOneLine } from '../classical/thinPlate.ts';
import { channelOf, type KnownImage, observationOf } from './knownImage.ts';

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
  return estimateChannels(image, options, async (part, { onProgress }) => {
    const observation = observationOf(part);
    if (isOnOneLine(observation.indices, part.width)) {
      await onProgress?.(0);
      return reconstructNearest(observation);
    }
    return clampUnknown(await minimise(bendingEnergy, part, onProgress), part, colourRange);
  });
}

/** Returns the spline in tension, otherwise as `estimateThinPlate`. */
export async function estimateTensionSpline(
  image: KnownImage,
  options: EstimateOptions,
): Promise<Float32Array> {
  if (isSmall(image, options)) return estimateExactly('tension spline', image, options);
  return estimateChannels(image, options, async (part, { onProgress }) =>
    clampUnknown(await minimise(tensionEnergy, part, onProgress), part, colourRange),
  );
}

/** Returns the biharmonic estimate, otherwise as `estimateThinPlate`; unknown pixels keep to the range of the known ones. */
export async function estimateBiharmonic(image: KnownImage, options: EstimateOptions): Promise<Float32Array> {
  if (isSmall(image, options)) return estimateExactly('biharmonic', image, options);
  return estimateChannels(image, options, async (part, { onProgress }) => {
    const values = await minimise(biharmonicEnergy, part, onProgress);
    return clampUnknown(values, part, channelLimits(observationOf(part).values));
  });
}

/** Fronts of Telea's method between two calls of `onProgress`. */
const frontsPerCall = 1000;

/** Returns Telea's estimate, otherwise as `estimateThinPlate`. */
export async function estimateTelea(image: KnownImage, options: Watched): Promise<Float32Array> {
  return estimateChannels(image, options, async (part, { onProgress }) => {
    const values = new Float32Array(part.width * part.height * 3);
    let fronts = 0;
    await onProgress?.(0);
    for (const filled of fillFronts(observationOf(part), values)) {
      if (++fronts % frontsPerCall === 0) await onProgress?.(filled);
    }
    return values;
  });
}

type Watched = Pick<EstimateOptions, 'onProgress'>;

/** Applies a method to an image, or to each channel where each has its own mask. */
async function estimateChannels(
  image: KnownImage,
  { onProgress }: Watched,
  method: (part: KnownImage, watched: Watched) => Promise<Float32Array>,
): Promise<Float32Array> {
  if (image.channels === 1) return method(image, { onProgress });
  const output = new Float32Array(image.values.length);
  for (let channel = 0; channel < 3; channel++) {
    const estimate = await method(channelOf(image, channel), {
      onProgress: async (fraction) => onProgress?.((channel + fraction) / 3),
    });
    for (let at = channel; at < output.length; at += 3) output[at] = estimate[at];
  }
  return output;
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
  { width, height, bits: isKnown, values: known }: KnownImage,
  onProgress: EstimateOptions['onProgress'],
): Promise<Float32Array> {
  const values = known.slice();
  await onProgress?.(0);
  // A third fewer iterations than from black.
  spreadKnown(values, isKnown, { width, height });
  for (const fraction of moveToMinimum(energy, { width, height, values, isKnown }))
    await onProgress?.(fraction);
  return values;
}

const colourRange = [
  [0, 0, 0],
  [1, 1, 1],
];

/** Limits the unknown pixels of each channel, in place. */
function clampUnknown(
  values: Float32Array,
  { bits }: KnownImage,
  [low, high]: readonly (readonly number[])[],
): Float32Array {
  bits.forEach((known, pixel) => {
    if (known === 1) return;
    for (let channel = 0; channel < 3; channel++) {
      const value = values[pixel * 3 + channel];
      values[pixel * 3 + channel] = Math.min(high[channel], Math.max(low[channel], value));
    }
  });
  return values;
}
