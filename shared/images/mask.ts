/** Masks: which pixels of an image are known, and the laws by which they are chosen. */

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

interface MaskLawTraits {
  readonly title: string;
  /**
   * `dataset`: orders the pixels of image i of a dataset, for training and evaluation (main/datasets/masks.ts).
   * `image`: draws the mask of a single image of any size, such as one of the user's (patternMask.ts).
   */
  readonly use: 'dataset' | 'image';
  /** Whether the mask of image i can be generated without those before it. */
  readonly isRandomAccess: boolean;
  /** Whether the mask depends on a seed. */
  readonly isSeeded: boolean;
}

/** Every mask law. The names are stored in configurations, protocols and inpainting requests. */
export const maskLaws = {
  numpy: { title: 'NumPy permutations', use: 'dataset', isRandomAccess: false, isSeeded: true },
  counter: { title: 'Counter-based permutations', use: 'dataset', isRandomAccess: true, isSeeded: true },
  uniform: { title: 'Random pixels', use: 'image', isRandomAccess: true, isSeeded: true },
  'blue-noise': { title: 'Evenly spread pixels', use: 'image', isRandomAccess: true, isSeeded: true },
  grid: { title: 'Grid', use: 'image', isRandomAccess: true, isSeeded: false },
  lines: { title: 'Lines', use: 'image', isRandomAccess: true, isSeeded: false },
  block: { title: 'All but a block', use: 'image', isRandomAccess: true, isSeeded: true },
} as const satisfies Record<string, MaskLawTraits>;

type MaskLaw = keyof typeof maskLaws;
type LawOfUse<Use extends MaskLawTraits['use']> = {
  [Law in MaskLaw]: (typeof maskLaws)[Law]['use'] extends Use ? Law : never;
}[MaskLaw];

/** Laws of training and evaluation masks. */
export type DatasetMaskLaw = LawOfUse<'dataset'>;
/** Laws of masks for a single image. */
export type MaskPattern = LawOfUse<'image'>;

export const datasetMaskLaws = lawsOf('dataset');
export const maskPatterns = lawsOf('image');

function lawsOf<Use extends MaskLawTraits['use']>(use: Use): readonly LawOfUse<Use>[] {
  const laws = Object.keys(maskLaws) as MaskLaw[];
  return laws.filter((law): law is LawOfUse<Use> => maskLaws[law].use === use);
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
