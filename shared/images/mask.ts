/** Masks: which values of an image are known. The laws that draw them are in `shared/masks`. */

/** 1: the three channels of a pixel are known or unknown together. 3: each channel by itself. */
export type MaskChannels = 1 | 3;

/** Which values of one image are known. */
export interface Mask {
  readonly width: number;
  readonly height: number;
  readonly channels: MaskChannels;
  /** width × height × channels bytes in row-major order, channels last: 1 = known, 0 = unknown. */
  readonly bits: Uint8Array;
}

/** What of a mask its values are read from. */
export type MaskValues = Pick<Mask, 'channels' | 'bits'>;

/** Returns 1 if a value of an RGB image is known, else 0; values are numbered 3 × pixel + channel. */
export function valueBit({ channels, bits }: MaskValues, value: number): number {
  return bits[channels === 3 ? value : Math.floor(value / 3)];
}

/** Returns the number of known pixels; of known values where each channel has its own mask. */
export function countKnown({ bits }: Pick<Mask, 'bits'>): number {
  let count = 0;
  for (let index = 0; index < bits.length; index++) count += bits[index];
  return count;
}

/** Returns one byte per pixel, 1 where every channel is known. */
export function knownPixels({ channels, bits }: MaskValues): Uint8Array {
  if (channels === 1) return bits;
  const pixels = new Uint8Array(bits.length / 3);
  for (let pixel = 0; pixel < pixels.length; pixel++)
    pixels[pixel] = bits[3 * pixel] & bits[3 * pixel + 1] & bits[3 * pixel + 2];
  return pixels;
}

/** Returns one byte per pixel, 1 where the channel (0 to 2) is known. */
export function knownInChannel({ channels, bits }: MaskValues, channel: number): Uint8Array {
  if (channels === 1) return bits;
  const plane = new Uint8Array(bits.length / 3);
  for (let pixel = 0; pixel < plane.length; pixel++) plane[pixel] = bits[3 * pixel + channel];
  return plane;
}

/** Returns the mask with one byte per pixel if its channels are equal everywhere, otherwise the mask itself. */
export function joinEqualChannels<Given extends MaskValues>(mask: Given): Given {
  const { channels, bits } = mask;
  if (channels === 1) return mask;
  for (let at = 0; at < bits.length; at += 3)
    if (bits[at] !== bits[at + 1] || bits[at] !== bits[at + 2]) return mask;
  return { ...mask, channels: 1, bits: knownInChannel(mask, 0) };
}

/** The part of a mask configuration that sets the fraction of observed pixels. */
export interface KeepRatios {
  readonly keepRatio: number;
  readonly keepRatioMin: number | null;
  readonly keepRatioMax: number | null;
}

/** Returns the range of observed fractions used in training; both ends are `keepRatio` when no range is configured. */
export function keepRatioRange({ keepRatio, keepRatioMin, keepRatioMax }: KeepRatios): {
  readonly smallest: number;
  readonly largest: number;
} {
  return { smallest: keepRatioMin ?? keepRatio, largest: keepRatioMax ?? keepRatio };
}

/** Returns whether images of one batch may have different fractions of observed pixels. */
export function hasKeepRatioRange(mask: KeepRatios): boolean {
  const { smallest, largest } = keepRatioRange(mask);
  return smallest < largest;
}
