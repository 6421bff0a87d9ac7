/** Masks: which pixels of an image are known. The laws that draw them are in `shared/masks`. */

/** Which pixels of one image are known. */
export interface Mask {
  readonly width: number;
  readonly height: number;
  /** width × height bytes in row-major order: 1 = known, 0 = unknown. */
  readonly bits: Uint8Array;
}

/** Returns the number of known pixels. */
export function countKnown({ bits }: Pick<Mask, 'bits'>): number {
  let count = 0;
  for (let pixel = 0; pixel < bits.length; pixel++) count += bits[pixel];
  return count;
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
