/** From which shares of observed pixels a training draws. */

/** The part of a mask's configuration that says so. */
export interface KeepRatios {
  readonly keepRatio: number;
  readonly keepRatioMin: number | null;
  readonly keepRatioMax: number | null;
}

/** Both the share of the scored images where there is no range. */
export function keepRatioRange({ keepRatio, keepRatioMin, keepRatioMax }: KeepRatios): {
  readonly smallest: number;
  readonly largest: number;
} {
  return { smallest: keepRatioMin ?? keepRatio, largest: keepRatioMax ?? keepRatio };
}

/** Whether images of one batch are seen through different shares. */
export function hasKeepRatioRange(mask: KeepRatios): boolean {
  const { smallest, largest } = keepRatioRange(mask);
  return smallest < largest;
}
