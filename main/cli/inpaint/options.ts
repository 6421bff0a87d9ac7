/** The options of lab inpaint. */

import {
  classicalMethods,
  classicalNames,
  type DrawnMask,
  type InpaintingRequest,
  inpaintingFields,
  isPosteriorMean,
  posteriorMean,
  resultMeanings,
} from '../../../shared/inpainting.ts';
import { imageLaws, nominalKeepRatio, usedOptions } from '../../../shared/masks/laws.ts';
import { solverNames } from '../../../shared/config/samplerConfig.ts';
import { type OptionValues, UsageError } from '../command.ts';
import { readSymmetries } from '../samplingOptions.ts';
import { checkKeepOptions, maskOptionOptions, readMaskOptions } from '../maskOptions.ts';
import {
  flagOption,
  readBounded,
  readChoice,
  readColour,
  readFlag,
  readRatio,
  readText,
  valueOption,
} from '../options.ts';

export interface InpaintSettings {
  /** Names the classical method, if it is not a run that fills in. */
  readonly request: Omit<InpaintingRequest, 'pictureId' | 'runId' | 'mask'>;
  /** Drawn by a law, or read from a file of the image's size, or from those of a folder. */
  readonly mask: DrawnMask | { readonly kind: 'file'; readonly file: string };
  /** Whether options gave the mask; otherwise the hole of a transparent image takes precedence over the default mask. */
  readonly isMaskGiven: boolean;
  readonly invertMask: boolean;
  /** Colour below transparent pixels; null: they are a hole to fill in. */
  readonly background: string | null;
  readonly hasStrip: boolean;
}

function lowerFirst(sentence: string): string {
  return sentence.charAt(0).toLowerCase() + sentence.slice(1);
}

export const inpaintOptions = {
  method: valueOption(
    'NAME',
    `Fill in with a classical method, without a run: ${classicalNames.join(', ')}. Then only images are named.`,
  ),
  keep: valueOption('R', 'Fraction of known pixels.', '0.2'),
  pattern: valueOption('LAW', `Law that selects them: ${imageLaws.join(', ')}.`, 'uniform'),
  ...maskOptionOptions,
  'mask-seed': valueOption('S', 'Seed of that selection.', '42'),
  mask: valueOption(
    'FILE',
    'Use a mask file instead: an image of the same size, white where known, or a copy with the hole erased; one of pure red, green and blue pixels marks each channel by itself. A folder: for each image the mask of its name.',
  ),
  'invert-mask': flagOption('With --mask: white marks the hole, as in many other tools.'),
  truth: flagOption(
    'With --mask: the hidden pixels are the ground truth, so score against them; otherwise they count as damage.',
  ),
  fit: flagOption('Use the centre square, shrunk to the training size.'),
  scale: valueOption('N', 'Enlarge 1, 2 or 4 times.', '1'),
  result: valueOption(
    'KIND',
    `mean: ${lowerFirst(resultMeanings.mean)} sample: ${lowerFirst(resultMeanings.sample)} Default: sample with --solver, --steps, --samples or --seed, else mean.`,
  ),
  symmetries: valueOption(
    '1|2|8',
    'Self-ensemble of a mean: of the image alone (1), also mirrored (2), mirrored and turned (8), which takes as many times as long.',
    'as in the run',
  ),
  solver: valueOption('NAME', `Solver of a sample: ${solverNames.join(', ')}.`, 'heun'),
  steps: valueOption('N', 'Solver steps of a sample.', '10'),
  samples: valueOption('K', 'Average this many samples and map their standard deviation.', '1'),
  seed: valueOption('S', 'Seed of the initial noise.', '0'),
  unbounded: flagOption(
    'Let samples have colours that no known pixel around them has, as in earlier versions: coloured specks.',
  ),
  ground: valueOption(
    'COLOUR',
    'Background for transparent pixels (white, black or #rrggbb) instead of filling them in.',
  ),
  strip: flagOption(
    'Also write ground truth, known pixels, result and error side by side; several samples of the largest hole, up to eight.',
  ),
  out: valueOption('FOLDER', 'Folder of the results; created if missing.', 'inpainted'),
};

const largestSeed = 2 ** 31 - 1;

/** @throws UsageError for values out of range and options that exclude each other. */
export function readInpaintSettings(values: OptionValues): InpaintSettings {
  const mask = readMask(values);
  const method = readMethod(values);
  const isMean = method === undefined && readsMean(values);
  const request = inpaintingFields.omit({ pictureId: true, runId: true, mask: true }).parse({
    method,
    fit: readFlag(values, 'fit') ? 'fit' : 'whole',
    scale: Number(readChoice(values, 'scale', ['1', '2', '4']) ?? 1),
    solver: readChoice(values, 'solver', solverNames),
    steps: readBounded(values, 'steps', { min: 1, max: 1000 }),
    samples: readBounded(values, 'samples', { min: 1, max: 64 }),
    bounded: method === undefined && !readFlag(values, 'unbounded'),
    ...(isMean ? { ...posteriorMean, symmetries: readSymmetries(values) } : {}),
    seed: readBounded(values, 'seed', { min: 0, max: largestSeed }),
    truthIsKnown: mask.kind === 'drawn' || readFlag(values, 'truth'),
  });
  return {
    request,
    mask,
    isMaskGiven: maskOptions.some((name) => values[name] !== undefined),
    invertMask: readFlag(values, 'invert-mask'),
    background: readColour(values, 'ground') ?? null,
    hasStrip: readFlag(values, 'strip'),
  };
}

/** Options that only a network has. */
const networkOptions = [
  'fit',
  'result',
  'symmetries',
  'solver',
  'steps',
  'samples',
  'seed',
  'unbounded',
] as const;

/** @throws UsageError for an unknown method, or options that only a network has. */
function readMethod(values: OptionValues): InpaintingRequest['method'] {
  const method = readChoice(values, 'method', classicalNames);
  const other = networkOptions.find((name) => values[name] !== undefined);
  if (method !== undefined && other !== undefined) {
    throw new UsageError(
      `--method ${method} and --${other} exclude each other: --${other} is an option of networks. Leave out one of them.`,
    );
  }
  return method;
}

/** Options that only a sample has; each of them requests one. */
const sampleOptions = ['solver', 'steps', 'samples', 'unbounded'] as const;

/** Returns whether the posterior mean is requested. A seed alone requests a sample, as it always has. */
function readsMean(values: OptionValues): boolean {
  const kind = readChoice(values, 'result', ['mean', 'sample']);
  const sampling = sampleOptions.find((name) => values[name] !== undefined);
  if (kind === 'mean' && sampling !== undefined) {
    throw new UsageError(
      `--result mean and --${sampling} exclude each other: the posterior mean is no sample. Leave out one of them.`,
    );
  }
  const isMean = kind ? kind === 'mean' : sampling === undefined && values.seed === undefined;
  if (!isMean && values.symmetries !== undefined) {
    throw new UsageError(
      '--symmetries needs the posterior mean: a mean of samples over symmetries is no sample. Add --result mean, or leave it out.',
    );
  }
  return isMean;
}

/** Describes the kind of result in one sentence, and how to get the other. */
export function describeKind({ request }: Pick<InpaintSettings, 'request'>): string {
  if (request.method !== undefined) {
    const { title, meaning } = classicalMethods[request.method];
    return `Result: ${title}. ${meaning} A network that was trained on such images can add texture: lab inpaint RUN.`;
  }
  if (isPosteriorMean(request))
    return `Result: the posterior mean. ${resultMeanings.mean} --result sample draws one image, --samples 8 several.`;
  if (request.samples > 1) return `Result: the mean of ${request.samples} samples. ${resultMeanings.samples}`;
  return `Result: one sample. ${resultMeanings.sample} --result mean has the smallest error.`;
}

const drawingOptions = ['keep', 'pattern', 'mark-size', 'blocks', 'mixture', 'phase', 'mask-seed'];
const maskOptions = [...drawingOptions, 'mask'];

function readMask(values: OptionValues): InpaintSettings['mask'] {
  const file = readText(values, 'mask');
  const drawing = drawingOptions.find((name) => values[name] !== undefined);
  if (file !== undefined && drawing !== undefined) {
    throw new UsageError(`--mask and --${drawing} exclude each other. Leave out one of them.`);
  }
  if (file === undefined && readFlag(values, 'invert-mask')) {
    throw new UsageError('--invert-mask needs --mask FILE. Add a mask file, or leave it out.');
  }
  if (file !== undefined) return { kind: 'file', file };
  const pattern = readChoice(values, 'pattern', imageLaws) ?? 'uniform';
  const settings = { law: pattern, ...readMaskOptions(values, pattern) };
  checkKeepOptions(values, settings);
  return {
    kind: 'drawn',
    keepRatio: nominalKeepRatio({ ...settings, keepRatio: readRatio(values, 'keep') ?? 0.2 }),
    pattern,
    ...usedOptions(settings),
    seed: readBounded(values, 'mask-seed', { min: 0, max: largestSeed }) ?? 42,
  };
}
