/** Inpainting an image of the user: the request, the result and the entry in the history. */

import { z } from 'zod';
import type { RunConfig } from './config/config.ts';
import { solverNames } from './config/samplerConfig.ts';
import type { MaskChannels } from './images/mask.ts';
import {
  bayerPhases,
  largestMarkSize,
  maskLawNames,
  type MaskSettings,
  mixtureSchema,
  mostBlocks,
} from './masks/laws.ts';
import { anyNumber } from './numbers/anyNumber.ts';

const shortId = z.string().regex(/^[a-z2-7]{8}$/, 'expected an id of 8 characters of a-z and 2-7');
/** The first 16 hex digits of the SHA-256 of size and pixels, so that equal images have the same ID. */
const contentId = z.string().regex(/^[0-9a-f]{16}$/, 'expected an id of 16 characters of 0-9 and a-f');
export const imageIdSchema = contentId;
const maskIdSchema = contentId;
export const inpaintingIdSchema = shortId;

/** A mask drawn by a law, see `drawMask`. */
export const drawnMaskSchema = z.strictObject({
  kind: z.literal('drawn'),
  pattern: z.enum(maskLawNames).default('uniform'),
  /** Fraction of known pixels. */
  keepRatio: z.number().gt(0).max(1).default(0.2),
  /** Options of the law; absent: its default. */
  markSize: z.number().gt(0).max(largestMarkSize).optional(),
  blocks: z.int().min(1).max(mostBlocks).optional(),
  mixture: mixtureSchema.optional(),
  phase: z.enum(bayerPhases).optional(),
  seed: z
    .int()
    .min(0)
    .max(2 ** 31 - 1)
    .default(42),
});
export type DrawnMask = z.infer<typeof drawnMaskSchema>;

/** Returns the law, options and seed of a drawn mask. */
export function settingsOf({
  pattern,
  keepRatio,
  markSize,
  blocks,
  mixture,
  phase,
  seed,
}: DrawnMask): MaskSettings & { readonly seed: number } {
  return { law: pattern, keepRatio, markSize, blocks, mixture, phase, seed };
}

/** A mask that the user painted or loaded, added before and named by its ID. */
const paintedMaskSchema = z.strictObject({
  kind: z.literal('painted'),
  maskId: maskIdSchema,
  /** Name of the file that it was loaded from; absent: painted by hand, or stored by an earlier version. */
  file: z.string().min(1).max(255).optional(),
});

const stepsSchema = z.int().min(1).max(1000);
const samplesSchema = z.int().min(1).max(64);

/** `whole`: the complete image. `fit`: its centre square, shrunk to the training size. */
const imageFits = ['whole', 'fit'] as const;

/** Classical methods that fill in an image without a run, the default first. */
export const classicalNames = ['tension-spline', 'biharmonic', 'thin-plate', 'telea'] as const;
export const classicalMethodSchema = z.enum(classicalNames);
/** Also the name of its image, see `InpaintingImage`. */
export type ClassicalMethod = z.infer<typeof classicalMethodSchema>;

export interface ClassicalTraits {
  readonly title: string;
  /** Its `method` among the scores. */
  readonly scoredAs: 'biharmonic' | 'thin plate' | 'tension spline' | 'Telea';
  /** What it does, in one sentence. */
  readonly meaning: string;
}

export const classicalMethods: Readonly<Record<ClassicalMethod, ClassicalTraits>> = {
  biharmonic: {
    title: 'Biharmonic',
    scoredAs: 'biharmonic',
    meaning: 'Smooth, with the slopes around a hole continued into it; colours stay within the known ones.',
  },
  'thin-plate': {
    title: 'Thin plate',
    scoredAs: 'thin plate',
    meaning: 'The surface through the known pixels that bends least: smooth, without texture.',
  },
  'tension-spline': {
    title: 'Tension spline',
    scoredAs: 'tension spline',
    meaning:
      'A thin plate that is pulled taut: as smooth in narrow gaps, and without the bright and dark bulges that a plate has in wide holes.',
  },
  telea: {
    title: 'Telea (fast marching)',
    scoredAs: 'Telea',
    meaning:
      'Grows inwards from the edge of a hole, each pixel from its known neighbours: fast, with streaks.',
  },
};

/** The parts of a request, for schemas that are derived from it. */
export const inpaintingFields = z.strictObject({
  /** ID of the image; the key is part of stored requests and of the text in saved PNG files. */
  pictureId: imageIdSchema,
  /** The run whose network fills in the image; absent: a classical method does. */
  runId: shortId.optional(),
  method: classicalMethodSchema.optional(),
  mask: z.discriminatedUnion('kind', [drawnMaskSchema, paintedMaskSchema]),
  fit: z.enum(imageFits).default('whole'),
  /** Factor by which the sides are enlarged; the pixels in between are unknown. */
  scale: z.union([z.literal(1), z.literal(2), z.literal(4)]).default(1),
  solver: z.enum(solverNames).default('heun'),
  steps: stepsSchema.default(10),
  /** Above 1, the result is their mean, and their standard deviation is shown. */
  samples: samplesSchema.default(1),
  /**
   * Of the posterior mean only: over so many symmetries of the image it is averaged (self-ensemble). Absent from a new request:
   * over as many as in evaluations of the run; absent from a stored one, of an earlier version: 1.
   */
  symmetries: z.literal([1, 2, 8]).optional(),
  seed: z
    .int()
    .min(0)
    .max(2 ** 31 - 1)
    .default(0),
  /** Whether samples keep to the colours of the known pixels around; those of earlier versions do not. */
  bounded: z.boolean().default(false),
  /** Whether the hidden pixels are ground truth to compare with, or damage to repair. */
  truthIsKnown: z.boolean().default(true),
  /** Only in a quick preview: the steps and samples that it leaves aside, which further results of its settings use. */
  previewOf: z.strictObject({ steps: stepsSchema, samples: samplesSchema }).optional(),
  /** Images that were started together have the same; it has no influence on the result. */
  batchId: shortId.optional(),
});

/** A request names either a run or a classical method, which computes one image of the given size. */
export const inpaintingRequestSchema = inpaintingFields.check(({ value, issues }) => {
  const refuse = (path: keyof typeof value, message: string) =>
    void issues.push({ code: 'custom', input: value, message, path: [path] });
  const { runId, method, fit, samples, symmetries } = value;
  if (runId === undefined && method === undefined)
    refuse('runId', 'neither a run nor a classical method found, one of them expected');
  if (symmetries !== undefined && !isPosteriorMean(value))
    refuse(
      'symmetries',
      `${symmetries} found, none expected: a mean of samples over symmetries is no sample`,
    );
  if (method === undefined) return;
  if (runId !== undefined) refuse('method', 'a run and a classical method found, one of them expected');
  if (fit !== 'whole')
    refuse('fit', `'${fit}' found, 'whole' expected: a classical method has no training size`);
  if (samples !== 1) refuse('samples', `${samples} found, 1 expected: a classical method has one result`);
});
export type InpaintingRequest = z.infer<typeof inpaintingRequestSchema>;

/** What each kind of result is, in one sentence. */
export const resultMeanings = {
  mean: 'The average of all images that fit: the smallest error, smooth.',
  sample: 'One of the images that fit: sharp, but further from the truth.',
  samples: 'Smooth, with a map of where the samples differ.',
} as const;

/**
 * Settings that return the posterior mean: one step from the start of the path to the data that the network expects there,
 * in one evaluation for each symmetry. `ddim`, because a network that is given its step takes `euler` as a sample in one step.
 */
export const posteriorMean = {
  solver: 'ddim',
  steps: 1,
  samples: 1,
  bounded: false,
} as const satisfies Partial<InpaintingRequest>;

/** Returns whether a request is for the posterior mean. */
export function isPosteriorMean({
  method,
  solver,
  steps,
  samples,
}: Pick<InpaintingRequest, 'method' | 'solver' | 'steps' | 'samples'>): boolean {
  return method === undefined && steps === 1 && samples === 1 && solver === posteriorMean.solver;
}

/** Returns a request with the number of symmetries that a posterior mean is averaged over: its own, or that of the run. */
export function withSymmetries<Request extends Omit<InpaintingRequest, 'pictureId' | 'runId' | 'mask'>>(
  request: Request,
  { sampler }: Pick<RunConfig, 'sampler'>,
): Request {
  if (!isPosteriorMean(request)) return request;
  // The last key, wherever it was: equal requests are stored as equal texts.
  const { symmetries = sampler.symmetries as Request['symmetries'], ...others } = request;
  return { ...others, symmetries } as Request;
}

export type InpaintingStatus = 'waiting' | 'running' | 'finished' | 'failed' | 'cancelled' | 'interrupted';

/** Keyword of the text in the PNG file of a result that holds its `Provenance` as JSON. */
export const provenanceKeyword = 'sparse-field-lab';

/** The provenance of a result. Additional keys of newer versions are ignored. */
export const provenanceSchema = z.object({
  /** Entry of the history; null: computed in the terminal. */
  inpaintingId: inpaintingIdSchema.nullable(),
  /** Absent, like the checkpoint, from results of a classical method. */
  runId: shortId.optional(),
  /** Name of the run, or title of the classical method. */
  runName: z.string(),
  checkpointStep: z.int().min(0).optional(),
  checkpointSha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional(),
  ...inpaintingFields.omit({ runId: true, batchId: true }).shape,
  /** Version of the program. */
  version: z.string(),
});
export type Provenance = z.infer<typeof provenanceSchema>;

/** An added image, upright 8-bit RGB. */
export interface ImageEntry {
  readonly id: string;
  /** Name of the file, for display only. */
  readonly name: string;
  readonly width: number;
  readonly height: number;
}

/** An added mask. */
export interface MaskEntry {
  readonly id: string;
  readonly width: number;
  readonly height: number;
  /** Number of known pixels; of known values where each channel has its own mask. */
  readonly observed: number;
}

/** Errors of one method against the ground truth. */
export const inpaintingScoreSchema = z.object({
  /** `result`, `sample 1`, `thin plate`, `biharmonic`, `Telea`, `nearest`, … */
  method: z.string(),
  /** dB over all pixels, with known ones pasted; infinite if exact, null if the truth is unknown. */
  psnr: anyNumber.nullable(),
  /** dB over the unknown pixels only; null also if there are none. */
  psnrUnobserved: anyNumber.nullable(),
  /** Uniform 7×7 window; null if a side is shorter. */
  ssim: z.number().nullable(),
  seconds: z.number(),
});
export type InpaintingScore = Readonly<z.infer<typeof inpaintingScoreSchema>>;

/** Returns the PSNR in dB of the hidden pixels, which is what a reconstruction is judged by; of all where none is hidden. */
export function hiddenPsnr({ psnr, psnrUnobserved }: InpaintingScore): number | null {
  return psnrUnobserved ?? psnr;
}

/** Returns whether a score is that of a classical method, not of the result or a sample. */
export function isClassical(method: string): boolean {
  return method !== 'result' && !method.startsWith('sample ');
}

/** Returns the classical method with the highest PSNR of the hidden pixels; undefined without any. */
export function bestClassicalScore(scores: readonly InpaintingScore[]): InpaintingScore | undefined {
  const classical = scores.filter(({ method }) => isClassical(method));
  const quality = (score: InpaintingScore) => hiddenPsnr(score) ?? -Infinity;
  return classical.toSorted((one, other) =>
    quality(one) === quality(other) ? 0 : quality(other) - quality(one),
  )[0];
}

/** Reads scores with a known truth from older versions, which wrote null for an infinite PSNR. */
export function upgradeScores(
  scores: readonly InpaintingScore[],
  {
    width,
    height,
    channels = 1,
    observed,
  }: Pick<InpaintingResult, 'width' | 'height' | 'channels' | 'observed'>,
): InpaintingScore[] {
  const hasUnknown = observed < width * height * channels;
  return scores.map((score) => ({
    ...score,
    psnr: score.psnr ?? Infinity,
    psnrUnobserved: score.psnrUnobserved ?? (hasUnknown ? Infinity : null),
  }));
}

/** The result of an inpainting. Its images are below its media address: see `InpaintingImage`. */
export interface InpaintingResult {
  /** Size of the result, after fit and scale. */
  readonly width: number;
  readonly height: number;
  /** See `Mask`; absent: 1. */
  readonly channels?: MaskChannels;
  /** Number of known pixels; of known values where each channel has its own mask. */
  readonly observed: number;
  /** Fraction of the image that had something to compute, see `measureTouched`; absent from results of earlier versions. */
  readonly touched?: number;
  /** Evaluations of the field per sample; 0: a classical method. */
  readonly nfe: number;
  readonly seconds: number;
  readonly peakBytes: number;
  /** Number of tiles; 1: computed at once. */
  readonly tiles: number;
  /** Standard deviation shown as white in the deviation map; null with a single sample. */
  readonly largestDeviation: number | null;
  /** Times of the stored states, 0 to 1. */
  readonly times: readonly number[];
  /** Without ground truth, all errors are null. */
  readonly scores: readonly InpaintingScore[];
}

/** One entry of the history. */
export interface InpaintingEntry {
  readonly id: string;
  readonly createdAt: string;
  readonly status: InpaintingStatus;
  /** Why it failed, for display. */
  readonly error: string | null;
  readonly image: ImageEntry;
  readonly request: InpaintingRequest;
  /** Name at the time of the inpainting, as the run may have been deleted since; or title of the classical method. */
  readonly runName: string;
  /** null: filled in by a classical method. */
  readonly checkpointStep: number | null;
  readonly checkpointSha256: string | null;
  /** Present phase and progress, 0 to 1, while it is running. */
  readonly phase: string | null;
  readonly fraction: number | null;
  readonly secondsLeft: number | null;
  /**
   * How often the image `result` has been written while the inpainting is running: 0 without one, and more than 1 where a better
   * one has replaced it.
   */
  readonly filled: number;
  /** Times of the states available so far. */
  readonly times: readonly number[];
  readonly result: InpaintingResult | null;
}

/**
 * The images of an inpainting below `inpaintings/<id>/`, each `<name>.png`. In addition, there are `sample-<n>` from 1 and
 * `time-<n>` from 0, the states of the first sample at the `times` of the result.
 */
export type InpaintingImage =
  /** The image that the scores refer to, after fit and scale. */
  | 'truth'
  /** Known pixels; the others are grey. Of pixels that are known in part, the hidden channels are 0. */
  | 'known'
  /** White where known; RGB where each channel has its own mask, 255 where it is known. */
  | 'mask'
  | 'result'
  /** The result at most 320 pixels wide and high. */
  | 'thumbnail'
  /** White is `largestDeviation`. */
  | 'deviation'
  /** Missing from inpaintings of versions that did not compute it; those have no score of this method either. */
  | ClassicalMethod
  | `sample-${number}`
  | `time-${number}`;

/** Returns the address of the figure of its samples side by side, which is drawn when it is requested. */
export function stripMedia(id: string): string {
  return `inpaintings/${id}/strip.png`;
}

/** Returns the address of one of its images below the media root. */
export function inpaintingMedia(id: string, image: InpaintingImage): string {
  return `inpaintings/${id}/${image}.png`;
}

/** Returns the address of an added image, which is also its path in the data folder. */
export function imageMedia(id: string): string {
  return `pictures/${id}.png`;
}

/** Returns the address of an added mask, which is an image as `mask` above. */
export function maskMedia(id: string): string {
  return `masks/${id}.png`;
}
