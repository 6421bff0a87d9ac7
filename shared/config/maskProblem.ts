/**
 * Which masks a network can be given: some need equally many observed pixels in every image, or a smallest number, and most
 * read no mask for each channel.
 */

import type { KeepRatios, MaskChannels } from '../images/mask.ts';
import { countKnownPixels, type MaskSettings, observesChannels } from '../masks/laws.ts';
import { type FieldConfig, traitsOf } from './networks/registry.ts';

/**
 * Returns why images of `side` × `side` pixels with these masks cannot form one batch of this network, as a clause without a
 * full stop; null if they can. Only masks that differ in their number of observed pixels, or that observe single channels,
 * can be a problem.
 */
export function findMaskProblem(
  field: FieldConfig,
  mask: MaskSettings & Partial<KeepRatios>,
  side: number,
): string | null {
  if (observesChannels(mask)) return findChannelProblem(field, mask);
  const { readsList } = traitsOf(field.kind);
  if (!readsList && field.kind !== 'local') return null;
  const { smallest, largest, varies } = countKnownPixels(mask, { width: side, height: side });
  if (!varies) return null;
  const found = `masks of the law ${mask.law} observe ${smallest} to ${largest} pixels`;
  if (readsList) {
    return `${found}, but the network ${field.kind} reads the same number of observed pixels of every image; expected laws with one fraction each that observe equally many, such as "uniform keep=0.8, strokes keep=0.8", or field.kind = unet or local`;
  }
  const needed = field.kind === 'local' ? field.neighbours : 0;
  if (smallest >= needed) return null;
  return `${found}, but the network local reads ${needed} observed pixels around each query; expected masks with at least that many, or fewer field.neighbours`;
}

function findChannelProblem(field: FieldConfig, { law }: MaskSettings): string | null {
  if (readsChannels(field)) return null;
  const found =
    law === 'mixture'
      ? 'masks of the law bayer in the mixture observe one channel of each pixel'
      : `masks of the law ${law} observe one channel of each pixel`;
  return field.kind === 'unet'
    ? `${found}, but this network reads one mask for all three channels; expected field.channelMask = true`
    : `${found}, but the network ${field.kind} reads whole pixels; expected field.kind = unet with field.channelMask = true`;
}

/** Returns whether a network reads a mask for each channel. */
export function readsChannels(field: FieldConfig): boolean {
  return 'channelMask' in field && field.channelMask;
}

/** Returns why a network cannot be given the mask of an image, as a sentence; null if it can. */
export function findChannelObstacle(
  field: FieldConfig,
  { channels }: { readonly channels: MaskChannels },
): string | null {
  if (channels === 1 || readsChannels(field)) return null;
  return 'This mask shows single channels of pixels, and the network of this run reads whole pixels. Choose a classical method, or a run trained on Bayer patterns.';
}

/** @throws Error if the network cannot be given masks of this law. */
export function checkMaskFits(field: FieldConfig, mask: MaskSettings, side: number): void {
  const problem = findMaskProblem(field, mask, side);
  if (problem === null) return;
  throw new Error(`${problem.charAt(0).toUpperCase()}${problem.slice(1)}.`);
}
