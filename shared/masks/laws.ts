/** The registry of mask laws: training, evaluation, previews, classical baselines and the user's images all draw their masks here. */

import { z } from 'zod';
import { describeError } from '../text/describeError.ts';
import {
  countKnown,
  type KeepRatios,
  keepRatioRange,
  knownPixels,
  type Mask,
  type MaskChannels,
} from '../images/mask.ts';
import { type BayerPhase, defaultPhase } from './bayer.ts';
import {
  chooseLaw,
  type ChosenLaw,
  defaultMixture,
  expectedKeepRatio,
  formatMixture,
  listExtremes,
  type MixturePart,
  observesChannelsOf,
  oneChannel,
  parseMixture,
  type Range,
  takesKeepRatio,
} from './mixture.ts';
import type { MaskBits } from './request.ts';
import {
  largestMarkSize,
  type MaskLawTraits,
  mostBlocks,
  singleLaws,
  traitsOfSingleLaw,
} from './singleLaws.ts';

export { type BayerPhase, bayerPhases, defaultPhase } from './bayer.ts';
export { defaultMixture } from './mixture.ts';
export { largestMarkSize, type MaskOption, maskOptions, mostBlocks } from './singleLaws.ts';

/** Every mask law. Masks of a mixture differ in their number of known pixels; those of any other law do not. */
export const maskLaws = {
  ...singleLaws,
  mixture: {
    title: 'Mixture of laws',
    fraction: 'That of the laws in the mixture without a fraction of their own (keep=…).',
    options: ['mixture'],
    isSeeded: true,
    isRandomAccess: true,
  },
} as const satisfies Record<string, MaskLawTraits>;

export type MaskLaw = keyof typeof maskLaws;
export const maskLawNames = Object.keys(maskLaws) as readonly MaskLaw[] as readonly [MaskLaw, ...MaskLaw[]];
/** Laws to choose from for a single image: those with a distribution of their own. */
export const imageLaws: readonly MaskLaw[] = maskLawNames.filter((law) => !('variantOf' in maskLaws[law]));

/** Returns the traits of a law. */
export function traitsOfLaw(law: MaskLaw): MaskLawTraits {
  return maskLaws[law];
}

/** Returns whether masks of a law, or some of a mixture, observe single channels of a pixel. */
export function observesChannels({ law, mixture }: Pick<LawSettings, 'law' | 'mixture'>): boolean {
  return law === 'mixture' ? partsOf({ mixture }).some(observesChannelsOf) : observesChannelsOf({ law });
}

/** The text of a mixture, see `parseMixture`; equal mixtures are stored as equal texts. */
export const mixtureSchema = z
  .string()
  .superRefine((text, context) => {
    try {
      parseMixture(text);
    } catch (error) {
      // Nothing that reads the mixture can be checked any more.
      context.addIssue({ code: 'custom', message: describeError(error), continue: false });
    }
  })
  .overwrite(canonicalMixture);

function canonicalMixture(text: string): string {
  try {
    return formatMixture(parseMixture(text));
  } catch {
    // Reported as an issue of the schema.
    return text;
  }
}

/** Options of a law; one that is absent has its default. */
export interface LawOptions {
  /** See `MaskRequest`; default null. */
  readonly markSize?: number | null;
  /** See `MaskRequest`; default 1. */
  readonly blocks?: number;
  /** See `parseMixture`; default `defaultMixture`. */
  readonly mixture?: string;
  /** See `bayerPhases`; default `defaultPhase`. */
  readonly phase?: BayerPhase;
}

/** A law with its options. */
export interface MaskSettings extends LawOptions {
  readonly law: MaskLaw;
  /** Fraction of the pixels that are known, in (0, 1]. */
  readonly keepRatio: number;
}

/** Which mask of a law: `index` is that of an image in its dataset, by default 0. */
export interface MaskPlace {
  readonly seed: number;
  readonly index?: number;
  readonly width: number;
  readonly height: number;
}

export type DrawnBits = Mask & { readonly bits: MaskBits };

/**
 * Draws a mask; one of single channels has three bytes a pixel. The same options give the same mask, everywhere; at least
 * one value is known.
 * @throws Error when an option is out of its range, or a mixture cannot be read.
 */
export function drawMask(settings: MaskSettings & MaskPlace): DrawnBits {
  checkMaskSettings(settings);
  const { seed, index = 0, width, height } = settings;
  checkPlace({ seed, index, width, height });
  const { law, ...options } = resolveLaw(settings, { seed, index });
  const { draw, channels = 1 } = traitsOfSingleLaw(law);
  return { width, height, channels, bits: draw({ ...options, seed, index, width, height }) };
}

/** Returns how many channels the mask has that these settings draw, see `Mask`. @throws Error when a mixture cannot be read. */
export function countChannels(settings: MaskSettings & Pick<MaskPlace, 'seed' | 'index'>): MaskChannels {
  const { seed, index = 0 } = settings;
  return traitsOfSingleLaw(resolveLaw(settings, { seed, index }).law).channels ?? 1;
}

/** Returns what a mask is drawn by: of a mixture, the law that is chosen for this seed and image. */
function resolveLaw(settings: MaskSettings, place: { seed: number; index: number }): ChosenLaw {
  const { law, keepRatio, markSize = null, blocks = 1, phase = defaultPhase } = settings;
  if (law === 'mixture') return chooseLaw(partsOf(settings), { ...place, keepRatio });
  return { law, keepRatio, markSize, blocks, phase };
}

/** @throws Error when the fraction or an option is out of its range. */
export function checkMaskSettings({ keepRatio, markSize = null, blocks = 1 }: MaskSettings): void {
  if (!(keepRatio > 0 && keepRatio <= 1))
    throw new Error(`Fraction of known pixels ${keepRatio}: expected a number > 0 and ≤ 1, such as 0.2.`);
  if (markSize !== null && !(markSize > 0 && markSize <= largestMarkSize)) {
    throw new Error(
      `Size of strokes or letters ${markSize}: expected a fraction of the shorter side > 0 and ≤ ${largestMarkSize}, such as 0.05.`,
    );
  }
  if (!Number.isSafeInteger(blocks) || blocks < 1 || blocks > mostBlocks)
    throw new Error(`Number of blocks ${blocks}: expected a whole number from 1 to ${mostBlocks}.`);
}

function checkPlace({ seed, index, width, height }: Required<MaskPlace>): void {
  if (!Number.isSafeInteger(seed) || seed < 0)
    throw new Error(`Mask seed ${seed}: expected a whole number ≥ 0.`);
  if (!Number.isSafeInteger(index) || index < 0)
    throw new Error(`Image index ${index}: expected an integer ≥ 0.`);
  if (![width, height].every((side) => Number.isSafeInteger(side) && side > 0))
    throw new Error(`An image of ${width}×${height} pixels: expected whole numbers ≥ 1.`);
}

/** Options that are stored: those of the law that differ from their defaults, and every mixture. */
export interface UsedOptions {
  readonly markSize?: number;
  readonly blocks?: number;
  readonly mixture?: string;
  readonly phase?: BayerPhase;
}

/** A law without the fraction of known pixels. */
export type LawSettings = Omit<MaskSettings, 'keepRatio'>;

/** Returns the options that the law has, without those that have their default; a mixture is always written out. */
export function usedOptions({
  law,
  markSize,
  blocks,
  mixture = defaultMixture,
  phase = defaultPhase,
}: LawSettings): UsedOptions {
  const { options } = traitsOfLaw(law);
  return {
    ...(options.includes('markSize') && (markSize ?? null) !== null && { markSize: markSize as number }),
    ...(options.includes('blocks') && blocks !== undefined && blocks !== 1 && { blocks }),
    ...(options.includes('mixture') && { mixture: canonicalMixture(mixture) }),
    ...(options.includes('phase') && phase !== defaultPhase && { phase }),
  };
}

/** Returns what a law knows or hides, in words: its title without remarks. `brush strokes`, `random pixels`, `Bayer pattern`. */
export function plainTitle(law: MaskLaw): string {
  const title = traitsOfLaw(law)
    .title.replace(/^All but /, '')
    .replace(/ \(.*\)$/, '');
  // A name keeps its capital letter.
  return title.startsWith('Bayer') ? title : title.toLowerCase();
}

/** Describes a mixture in words, e.g. `67 % brush strokes (60–95 % known), 33 % text`. */
export function describeMixture(text: string): string {
  const parts = parseMixture(text);
  const total = parts.reduce((sum, { weight }) => sum + weight, 0);
  const share = ({ weight }: MixturePart) => Number(((100 * weight) / total).toPrecision(2));
  return parts.map((part) => `${share(part)} % ${describePart(part)}`).join(', ');
}

function describePart({ law, keep, size, blocks, phase }: MixturePart): string {
  const span = ({ low, high }: Range) => (low === high ? `${low}` : `${low}–${high}`);
  const percent = ({ low, high }: Range) => ({ low: percentOf(low), high: percentOf(high) });
  const options = [
    ...(size ? [`size ${span(size)}`] : []),
    ...(blocks ? [`${span(blocks)} per image`] : []),
    ...(keep ? [`${span(percent(keep))} % known`] : []),
    ...(phase ? [phase] : []),
  ];
  return options.length === 0 ? plainTitle(law) : `${plainTitle(law)} (${options.join(', ')})`;
}

/** Without the error of a product such as 100 · 0.07. */
function percentOf(fraction: number): number {
  return Number((100 * fraction).toPrecision(6));
}

/**
 * Describes a law with its options in words, e.g. `brush strokes (size 0.05)`; options of their default are left out. `title`:
 * another one, with a mixture as it is written in a configuration.
 */
export function describeLaw(settings: LawSettings, title?: string): string {
  const { markSize, blocks, mixture, phase } = usedOptions(settings);
  if (mixture !== undefined && title === undefined) return `mixture of ${describeMixture(mixture)}`;
  const parts = [
    ...(markSize === undefined ? [] : [`size ${markSize}`]),
    ...(blocks === undefined ? [] : [`${blocks} blocks`]),
    ...(mixture === undefined ? [] : [mixture]),
    ...(phase === undefined ? [] : [phase]),
  ];
  const name = title ?? plainTitle(settings.law);
  return parts.length === 0 ? name : `${name} (${parts.join(', ')})`;
}

/**
 * Returns the law of a run's evaluations where none is chosen: random pixels are always those of `numpy`, so that all
 * such runs compare; a run of another law is scored on its own kind of mask.
 */
export function evaluationLaw({ law, ...options }: LawSettings): UsedOptions & { readonly law: MaskLaw } {
  const { variantOf } = traitsOfLaw(law);
  if (variantOf === 'uniform' || law === 'uniform') return { law: 'numpy' };
  return { law, ...usedOptions({ law, ...options }) };
}

function partsOf({ mixture = defaultMixture }: LawOptions): readonly MixturePart[] {
  return parseMixture(mixture);
}

/**
 * Returns whether the fraction of known pixels has an effect; it has none on a mixture in which every law has its own, and
 * none on laws that observe single channels.
 */
export function usesKeepRatio(settings: LawSettings): boolean {
  if (settings.law === 'mixture') return takesKeepRatio(partsOf(settings));
  return !observesChannels(settings);
}

/** Returns the fraction to store: the given one, or the expected one where that has no effect. */
export function nominalKeepRatio(settings: MaskSettings): number {
  if (usesKeepRatio(settings)) return settings.keepRatio;
  return settings.law === 'mixture' ? expectedKeepRatio(partsOf(settings)) : oneChannel;
}

/** Numbers of known pixels of the masks of a law. */
export interface KnownCounts {
  readonly smallest: number;
  readonly largest: number;
  /** Whether masks may differ in their number of known pixels. */
  readonly varies: boolean;
}

/**
 * Returns of how many pixels of an image of this size all channels are known; `keepRatioMin` and `keepRatioMax` widen the
 * fraction to a range.
 */
export function countKnownPixels(
  settings: MaskSettings & Partial<KeepRatios>,
  { width, height }: Pick<MaskPlace, 'width' | 'height'>,
): KnownCounts {
  const { keepRatioMin = null, keepRatioMax = null } = settings;
  const { smallest: low, largest: high } = keepRatioRange({ ...settings, keepRatioMin, keepRatioMax });
  const parts = settings.law === 'mixture' ? partsOf(settings) : null;
  const extremes: readonly MaskSettings[] = parts
    ? listExtremes(parts, { low, high })
    : [low, high].map((keepRatio) => ({ ...settings, keepRatio }));
  const counts = extremes.map((each) =>
    countKnown({ bits: knownPixels(drawMask({ ...each, seed: 0, width, height })) }),
  );
  const [smallest, largest] = [Math.min(...counts), Math.max(...counts)];
  const isRange = parts?.some(({ keep }) => keep !== undefined && keep.low < keep.high) ?? false;
  return { smallest, largest, varies: isRange || low < high || smallest < largest };
}
