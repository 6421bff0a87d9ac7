/** The options of lab inpaint. */

import {
  type DrawnMask,
  type InpaintingRequest,
  inpaintingRequestSchema,
} from '../../../shared/inpainting.ts';
import { maskPatterns } from '../../../shared/images/mask.ts';
import { solverNames } from '../../../shared/config/samplerConfig.ts';
import { type OptionValues, UsageError } from '../command.ts';
import {
  flagOption,
  readBounded,
  readChoice,
  readColour,
  readFlag,
  readShare,
  readText,
  valueOption,
} from '../options.ts';

export interface InpaintSettings {
  readonly request: Omit<InpaintingRequest, 'pictureId' | 'runId' | 'mask'>;
  /** Drawn by a rule, or a file of the picture's size. */
  readonly mask: DrawnMask | { readonly kind: 'file'; readonly file: string };
  /** Whether the mask was asked for; otherwise it is the default, and the hole of a transparent image takes its place. */
  readonly isMaskGiven: boolean;
  readonly invertMask: boolean;
  /** What transparent pixels are shown over; null: they are a hole to be filled in. */
  readonly background: string | null;
  readonly hasStrip: boolean;
}

export const inpaintOptions = {
  keep: valueOption('R', 'Share of the pixels that is known (default 0.2).'),
  pattern: valueOption('LAW', `How they are chosen: ${maskPatterns.join(', ')} (default uniform).`),
  'mask-seed': valueOption('S', 'Seed of that choice (default 42).'),
  mask: valueOption(
    'FILE',
    "Instead: an image of the picture's size, white where known; or one with the hole erased.",
  ),
  'invert-mask': flagOption('With --mask: white marks the hole, as in other tools.'),
  truth: flagOption('With --mask: what it hides is the truth, so score against it (without: damage).'),
  fit: flagOption('The centre square, shrunk to the size the run was trained at.'),
  scale: valueOption('N', 'Enlarge 1, 2 or 4 times (default 1).'),
  solver: valueOption('NAME', `${solverNames.join(', ')} (default heun).`),
  steps: valueOption('N', 'Solver steps (default 10); euler with 1 step is the quickest guess.'),
  samples: valueOption('K', 'Average this many and map how much they differ (default 1).'),
  seed: valueOption('S', 'Seed of the starting noise (default 0).'),
  ground: valueOption(
    'COLOUR',
    'Show transparent pixels over this colour (white, black or #rrggbb) instead of filling them in.',
  ),
  strip: flagOption('Also a picture of truth, known pixels, result and error side by side.'),
  out: valueOption('FOLDER', 'Where the results go; made if missing (default inpainted).'),
};

const largestSeed = 2 ** 31 - 1;

/** @throws UsageError for values out of range, and options that exclude each other. */
export function readInpaintSettings(values: OptionValues): InpaintSettings {
  const mask = readMask(values);
  const request = inpaintingRequestSchema.omit({ pictureId: true, runId: true, mask: true }).parse({
    fit: readFlag(values, 'fit') ? 'fit' : 'whole',
    scale: Number(readChoice(values, 'scale', ['1', '2', '4']) ?? 1),
    solver: readChoice(values, 'solver', solverNames),
    steps: readBounded(values, 'steps', { min: 1, max: 1000 }),
    samples: readBounded(values, 'samples', { min: 1, max: 64 }),
    seed: readBounded(values, 'seed', { min: 0, max: largestSeed }),
    truthIsKnown: mask.kind === 'drawn' || readFlag(values, 'truth'),
  });
  return {
    ...{ request, mask, isMaskGiven: maskOptions.some((name) => values[name] !== undefined) },
    invertMask: readFlag(values, 'invert-mask'),
    background: readColour(values, 'ground') ?? null,
    hasStrip: readFlag(values, 'strip'),
  };
}

const drawingOptions = ['keep', 'pattern', 'mask-seed'];
const maskOptions = [...drawingOptions, 'mask'];

function readMask(values: OptionValues): InpaintSettings['mask'] {
  const file = readText(values, 'mask');
  const drawing = drawingOptions.find((name) => values[name] !== undefined);
  if (file !== undefined && drawing !== undefined) {
    throw new UsageError(`--mask is a mask already: leave out --${drawing}, or --mask.`);
  }
  if (file === undefined && readFlag(values, 'invert-mask')) {
    throw new UsageError('--invert-mask inverts the file of --mask: give one, or leave it out.');
  }
  if (file !== undefined) return { kind: 'file', file };
  return {
    kind: 'drawn',
    keepRatio: readShare(values, 'keep') ?? 0.2,
    pattern: readChoice(values, 'pattern', maskPatterns) ?? 'uniform',
    seed: readBounded(values, 'mask-seed', { min: 0, max: largestSeed }) ?? 42,
  };
}
