/** Reconstructing a picture of the user's: what is asked for, what came of it, and the entry its history keeps. */

import { z } from 'zod';
import { solverNames } from './config/samplerConfig.ts';
import { maskPatterns } from './images/mask.ts';
import { anyNumber } from './numbers/nonFinite.ts';

const shortId = z.string().regex(/^[a-z2-7]{8}$/, 'expected an id of 8 characters of a-z and 2-7');
/** The first 16 hex digits of the SHA-256 of sizes and pixels: the same picture has one id. */
const contentId = z.string().regex(/^[0-9a-f]{16}$/, 'expected an id of 16 characters of 0-9 and a-f');
export const pictureIdSchema = contentId;
const maskIdSchema = contentId;
export const inpaintingIdSchema = shortId;

/** A mask drawn by a law, see `drawPatternMask`. */
export const drawnMaskSchema = z.strictObject({
  kind: z.literal('drawn'),
  pattern: z.enum(maskPatterns).default('uniform'),
  /** Share of the pixels that is known. */
  keepRatio: z.number().gt(0).max(1).default(0.2),
  seed: z
    .int()
    .min(0)
    .max(2 ** 31 - 1)
    .default(42),
});
export type DrawnMask = z.infer<typeof drawnMaskSchema>;

/** A mask the user painted or loaded; it was given before and is named by its id. */
const paintedMaskSchema = z.strictObject({ kind: z.literal('painted'), maskId: maskIdSchema });

/** `whole`: the picture as it is. `fit`: its centre square, shrunk to the size the run was trained at. */
const pictureFits = ['whole', 'fit'] as const;

export const inpaintingRequestSchema = z.strictObject({
  pictureId: pictureIdSchema,
  runId: shortId,
  mask: z.discriminatedUnion('kind', [drawnMaskSchema, paintedMaskSchema]),
  fit: z.enum(pictureFits).default('whole'),
  /** The result has so many times the picture's sides; the pixels between are unknown ones. */
  scale: z.union([z.literal(1), z.literal(2), z.literal(4)]).default(1),
  solver: z.enum(solverNames).default('heun'),
  steps: z.int().min(1).max(1000).default(10),
  /** Above 1, the result is their mean, and their standard deviation is shown. */
  samples: z.int().min(1).max(64).default(1),
  seed: z
    .int()
    .min(0)
    .max(2 ** 31 - 1)
    .default(0),
  /** Whether the hidden pixels of the picture are the truth to compare with, or damage to be mended. */
  truthIsKnown: z.boolean().default(true),
});
export type InpaintingRequest = z.infer<typeof inpaintingRequestSchema>;

export type InpaintingStatus = 'waiting' | 'running' | 'finished' | 'failed' | 'cancelled' | 'interrupted';

/** Keyword of the text in a result's PNG file that says how it came about: a `Provenance` as JSON. */
export const provenanceKeyword = 'sparse-field-lab';

/** How a result came about. What a newer version wrote besides is passed over. */
export const provenanceSchema = z.object({
  /** Entry of the history; null: computed in the terminal. */
  inpaintingId: inpaintingIdSchema.nullable(),
  runId: shortId,
  runName: z.string(),
  checkpointStep: z.int().min(0),
  checkpointSha256: z.string().regex(/^[0-9a-f]{64}$/),
  ...inpaintingRequestSchema.omit({ runId: true }).shape,
  /** The program's. */
  version: z.string(),
});
export type Provenance = z.infer<typeof provenanceSchema>;

/** A picture that was taken in, upright 8-bit RGB. */
export interface PictureEntry {
  readonly id: string;
  /** The file's name, to be read by people. */
  readonly name: string;
  readonly width: number;
  readonly height: number;
}

/** A mask that was given: one byte a pixel. */
export interface MaskEntry {
  readonly id: string;
  readonly width: number;
  readonly height: number;
  /** Pixels that are known. */
  readonly observed: number;
}

/** Errors of one way of filling in, against the truth. */
export const pictureScoreSchema = z.object({
  /** `result`, `sample 1`, `thin plate`, `biharmonic`, `nearest`, … */
  method: z.string(),
  /** dB over all pixels, the known ones pasted; infinite where they are exact, null where the truth is not known. */
  psnr: anyNumber.nullable(),
  /** dB over the unknown pixels only; null also where there are none. */
  psnrUnobserved: anyNumber.nullable(),
  /** Uniform 7×7 window; null where a side is shorter than it. */
  ssim: z.number().nullable(),
  seconds: z.number(),
});
export type PictureScore = Readonly<z.infer<typeof pictureScoreSchema>>;

/** Of a result with a truth: older versions wrote null for an infinite PSNR. */
export function upgradeScores(
  scores: readonly PictureScore[],
  { width, height, observed }: Pick<InpaintingResult, 'width' | 'height' | 'observed'>,
): PictureScore[] {
  const hasUnknown = observed < width * height;
  return scores.map((score) => ({
    ...score,
    psnr: score.psnr ?? Infinity,
    psnrUnobserved: score.psnrUnobserved ?? (hasUnknown ? Infinity : null),
  }));
}

/** What came of an inpainting. Its pictures stand below its media address, see `inpaintingPictures`. */
export interface InpaintingResult {
  /** Of the result, after fit and scale. */
  readonly width: number;
  readonly height: number;
  readonly observed: number;
  /** Evaluations of the field a sample. */
  readonly nfe: number;
  readonly seconds: number;
  readonly peakBytes: number;
  /** Tiles the picture was computed in; 1: at once. */
  readonly tiles: number;
  /** Standard deviation that white stands for in the map of deviations; null with a single sample. */
  readonly largestDeviation: number | null;
  /** Times of the states that were kept, 0 to 1. */
  readonly times: readonly number[];
  /** Without the truth: classical rows and the result with null errors. */
  readonly scores: readonly PictureScore[];
}

/** One entry of the history. */
export interface InpaintingEntry {
  readonly id: string;
  readonly createdAt: string;
  readonly status: InpaintingStatus;
  /** Why it failed, for people. */
  readonly error: string | null;
  readonly picture: PictureEntry;
  readonly request: InpaintingRequest;
  /** As it was called then: the run may be gone. */
  readonly runName: string;
  readonly checkpointStep: number;
  readonly checkpointSha256: string;
  /** While it is computed: what is done, and how much of it, 0 to 1. */
  readonly phase: string | null;
  readonly share: number | null;
  readonly secondsLeft: number | null;
  /** Times of the states that can be looked at already. */
  readonly times: readonly number[];
  readonly result: InpaintingResult | null;
}

/**
 * The pictures of an inpainting below `inpaintings/<id>/`, each `<name>.png`. Besides these there are `sample-<n>` from 1,
 * and `time-<n>` from 0: the first sample's states, at the result's `times`.
 */
export const inpaintingPictures = [
  /** The picture the numbers compare with, after fit and scale. */
  'truth',
  /** Known pixels, the rest grey. */
  'known',
  /** White where known. */
  'mask',
  'result',
  /** The result, at most 320 pixels wide and high. */
  'thumbnail',
  /** White is `largestDeviation`. */
  'deviation',
  'thin-plate',
  'biharmonic',
] as const;
export type InpaintingPicture = (typeof inpaintingPictures)[number] | `sample-${number}` | `time-${number}`;

/** The address of one of its pictures below the media root. */
export function inpaintingMedia(id: string, picture: InpaintingPicture): string {
  return `inpaintings/${id}/${picture}.png`;
}

/** The address of a picture that was taken in. */
export function pictureMedia(id: string): string {
  return `pictures/${id}.png`;
}

/** The address of a mask that was given: white where known. */
export function maskMedia(id: string): string {
  return `masks/${id}.png`;
}
