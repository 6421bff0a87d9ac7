/**
 * Mixtures of mask laws: every mask is of one law, chosen by weight, with options in ranges. A mixture is written as text,
 * the same in configurations, on the command line, in forms and in protocols:
 *
 *     strokes 2 keep=0.7..0.95 size=0.02..0.1, text, block keep=0.8 blocks=1..3
 *
 * Each part is the name of a law, then its weight (1 if it is left out), then what it restricts: `keep`, the fraction of
 * known pixels (that of the settings if it is left out), `size` of strokes or letters, and `blocks`; a number or a range.
 * The law `bayer` has a `phase` instead.
 */

import { randomUniforms } from '../numbers/random.ts';
import { type BayerPhase, bayerPhases, defaultPhase } from './bayer.ts';
import type { MaskRequest } from './request.ts';
import {
  largestMarkSize,
  type MaskOption,
  mostBlocks,
  type SingleLaw,
  singleLawNames,
  traitsOfSingleLaw,
} from './singleLaws.ts';

/** Both ends belong to it; they may be equal. */
export interface Range {
  readonly low: number;
  readonly high: number;
}

/** A law of a mixture. */
export interface MixturePart {
  readonly law: SingleLaw;
  /** Above 0; the law's probability is its weight over the sum of all. */
  readonly weight: number;
  /** Fraction of the pixels that are known; absent: that of the settings. */
  readonly keep?: Range;
  /** See `MaskRequest.markSize`; absent: from small to large. */
  readonly size?: Range;
  /** Whole numbers; absent: 1. */
  readonly blocks?: Range;
  /** Of the law `bayer`; absent: `defaultPhase`. */
  readonly phase?: BayerPhase;
}

/** The mixture where none is given: damage of photographs, and random pixels. */
export const defaultMixture =
  'strokes keep=0.7..0.95, text keep=0.7..0.95, block keep=0.7..0.95, uniform keep=0.05..0.5';

/** Laws that a mixture can have: each distribution once, and none that depends on the masks before it. */
export const mixedLaws: readonly SingleLaw[] = singleLawNames.filter(
  (law) => traitsOfSingleLaw(law).variantOf === undefined,
);

const mostParts = 32;

interface PartOption {
  readonly max: number;
  readonly isWhole: boolean;
  readonly example: string;
  /** The option that the law must have. */
  readonly needs?: MaskOption;
}

const partOptions: Readonly<Record<'keep' | 'size' | 'blocks', PartOption>> = {
  keep: { max: 1, isWhole: false, example: 'keep=0.7..0.95' },
  size: { max: largestMarkSize, isWhole: false, example: 'size=0.02..0.1', needs: 'markSize' },
  blocks: { max: mostBlocks, isWhole: true, example: 'blocks=1..3', needs: 'blocks' },
};
type PartOptionName = keyof typeof partOptions;
const partOptionNames = Object.keys(partOptions) as readonly PartOptionName[];

/** @throws Error that names the part, what was found and what was expected. */
export function parseMixture(text: string): readonly MixturePart[] {
  const parts = text.split(',').map((part) => part.trim());
  if (parts.length > mostParts)
    throw new Error(`A mixture of ${parts.length} laws: expected at most ${mostParts}. Join some of them.`);
  return parts.map(parsePart);
}

/** Writes a mixture; equal mixtures give equal texts, which `parseMixture` reads. */
export function formatMixture(parts: readonly MixturePart[]): string {
  return parts.map(formatPart).join(', ');
}

function formatPart(part: MixturePart): string {
  const options = partOptionNames.flatMap((name) => {
    const range = part[name];
    return range === undefined ? [] : [`${name}=${formatRange(range)}`];
  });
  const phase = part.phase === undefined ? [] : [`phase=${part.phase}`];
  return [part.law, ...(part.weight === 1 ? [] : [String(part.weight)]), ...options, ...phase].join(' ');
}

function formatRange({ low, high }: Range): string {
  return low === high ? String(low) : `${low}..${high}`;
}

function parsePart(text: string): MixturePart {
  const [name, ...words] = text.split(/\s+/);
  const law = mixedLaws.find((candidate) => candidate === name);
  if (law === undefined) {
    throw new Error(
      `"${text}" in a mixture: ${describeMissing(name)}. Expected parts such as "strokes 2 keep=0.7..0.95", separated by commas, of the laws ${mixedLaws.join(', ')}.`,
    );
  }
  const isWeighted = words.length > 0 && !words[0].includes('=');
  const weight = isWeighted ? readNumber(words[0]) : 1;
  if (!(weight > 0)) {
    throw new Error(
      `"${text}" in a mixture: the weight is "${words[0]}". Expected a number above 0 after the law, such as "${law} 2".`,
    );
  }
  const part: Partial<Record<PartOptionName, Range>> & { phase?: BayerPhase } = {};
  for (const word of isWeighted ? words.slice(1) : words) {
    const given = parseOption(word, { law, text });
    const [option] = Object.keys(given) as [keyof typeof part];
    if (part[option] !== undefined)
      throw new Error(`"${text}" in a mixture: ${option} is given twice. Leave one of them out.`);
    Object.assign(part, given);
  }
  return { law, weight, ...part };
}

function describeMissing(name: string): string {
  return name === '' ? 'a law is missing' : `no law "${name}"`;
}

function parseOption(
  word: string,
  { law, text }: { readonly law: SingleLaw; readonly text: string },
): Partial<Record<PartOptionName, Range>> & { readonly phase?: BayerPhase } {
  const [given, ...values] = word.split('=');
  const value = values.join('=');
  const { options, channels } = traitsOfSingleLaw(law);
  if (options.includes('phase')) return { phase: parsePhase(word, text) };
  const known = partOptionNames.filter((name) => {
    const { needs } = partOptions[name];
    return needs === undefined ? channels !== 3 : options.includes(needs);
  });
  const name = known.find((candidate) => candidate === given);
  if (name === undefined) {
    const examples = known.map((candidate) => partOptions[candidate].example).join(' or ');
    throw new Error(`"${text}" in a mixture: ${law} has no option "${word}". Expected ${examples}.`);
  }
  const { max, isWhole, example } = partOptions[name];
  const ends = value.split('..').map(readNumber);
  const [low, high = low] = ends;
  const isInside = [low, high].every((end) => end > 0 && end <= max && (!isWhole || Number.isInteger(end)));
  if (ends.length > 2 || !isInside || low > high) {
    throw new Error(
      `"${text}" in a mixture: ${name} is "${value}". Expected a ${isWhole ? 'whole number' : 'number'} above 0 and up to ${max}, or a range from a smaller to a larger one, such as ${example}.`,
    );
  }
  return { [name]: { low, high } };
}

function parsePhase(word: string, text: string): BayerPhase {
  const phase = bayerPhases.find((name) => word === `phase=${name}`);
  if (phase) return phase;
  throw new Error(
    `"${text}" in a mixture: bayer has no option "${word}". Expected phase=${bayerPhases.join(', phase=')}, or nothing for ${defaultPhase}.`,
  );
}

/** Returns NaN for anything but a decimal number. */
function readNumber(text: string): number {
  return /^(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
}

/** Returns whether a part takes the fraction of known pixels of the settings. */
export function takesKeepRatio(parts: readonly MixturePart[]): boolean {
  return parts.some((part) => part.keep === undefined && !observesChannelsOf(part));
}

/** Returns whether the masks of a part observe single channels of a pixel. */
export function observesChannelsOf({ law }: Pick<MixturePart, 'law'>): boolean {
  return traitsOfSingleLaw(law).channels === 3;
}

/**
 * 1/ρ and 1/φ, the inverses of the plastic number and of the golden ratio: multiples of a single one modulo 1 are more evenly
 * spread than random numbers, and those of both together fill the unit square evenly.
 */
const [choiceStep, keepStep] = [0.7548776662466927, (Math.sqrt(5) - 1) / 2];

/** What one mask of a mixture is: a law with its options. */
export interface ChosenLaw extends Pick<MaskRequest, 'keepRatio' | 'markSize' | 'blocks'> {
  readonly law: SingleLaw;
  readonly phase: BayerPhase;
}

/**
 * Chooses the law and the options of mask `index`, a pure function of (seed, index). Laws and fractions follow a Kronecker
 * sequence from a random start, so that the laws of a few consecutive masks meet their weights; sizes and numbers of blocks
 * are random.
 */
export function chooseLaw(
  parts: readonly MixturePart[],
  { seed, index, keepRatio }: Pick<MaskRequest, 'seed' | 'index' | 'keepRatio'>,
): ChosenLaw {
  const [choiceStart, keepStart] = randomUniforms({ seed, stream: 'mixture', step: 0 }, 2);
  const [size, blocks] = randomUniforms({ seed, stream: 'mixture', step: index + 1 }, 2);
  const part = findPart(parts, (choiceStart + index * choiceStep) % 1);
  const between = ({ low, high }: Range, at: number) => low + at * (high - low);
  return {
    law: part.law,
    keepRatio: part.keep ? between(part.keep, (keepStart + index * keepStep) % 1) : keepRatio,
    markSize: part.size ? between(part.size, size) : null,
    blocks: part.blocks
      ? Math.floor(between({ low: part.blocks.low, high: part.blocks.high + 1 }, blocks))
      : 1,
    phase: part.phase ?? defaultPhase,
  };
}

function findPart(parts: readonly MixturePart[], at: number): MixturePart {
  let left = at * parts.reduce((sum, { weight }) => sum + weight, 0);
  return parts.find(({ weight }) => (left -= weight) < 0) ?? parts[parts.length - 1];
}

/** Returns the laws and options at the ends of all ranges: those with the fewest and the most known pixels are among them. */
export function listExtremes(parts: readonly MixturePart[], keep: Range): readonly ChosenLaw[] {
  const endsOf = ({ low, high }: Range) => (low === high ? [low] : [low, high]);
  return parts.flatMap((part) =>
    endsOf(part.keep ?? keep).flatMap((keepRatio) =>
      endsOf(part.blocks ?? { low: 1, high: 1 }).map((blocks) => ({
        law: part.law,
        keepRatio,
        markSize: part.size?.low ?? null,
        blocks,
        phase: part.phase ?? defaultPhase,
      })),
    ),
  );
}

/** The fraction of the values that are known where every pixel shows one of three channels, to six decimals. */
export const oneChannel = 0.333333;

/**
 * Returns the expected fraction of known pixels, or values, for mixtures whose parts all have one of their own: by weight, each in the
 * middle of its range, to six decimals.
 */
export function expectedKeepRatio(parts: readonly MixturePart[]): number {
  const total = parts.reduce((sum, { weight }) => sum + weight, 0);
  const expected = (part: MixturePart) => {
    const { low, high } = part.keep ?? { low: 0, high: 0 };
    return observesChannelsOf(part) ? oneChannel : (low + high) / 2;
  };
  const mean = parts.reduce((sum, part) => sum + (part.weight / total) * expected(part), 0);
  return Math.max(1e-6, Math.round(1e6 * mean) / 1e6);
}
