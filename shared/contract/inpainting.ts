/** Requests about inpainting the user's images: adding images and masks, starting inpaintings, and their history. */

import { z } from 'zod';
import {
  imageIdSchema,
  inpaintingIdSchema,
  inpaintingFields,
  inpaintingRequestSchema,
  type InpaintingEntry,
  type MaskEntry,
  type ImageEntry,
} from '../inpainting.ts';
import type { TrainedScale } from '../config/recommendedRuns.ts';
import type { InpaintingBatch } from '../inpaintingBatch.ts';
import { runIdSchema } from '../runList.ts';
import { imageLimits } from '../images/imageHeader.ts';
import type { TimeEstimate } from '../text/timeRange.ts';
import { answers } from './define.ts';

const side = z.int().min(1).max(imageLimits.fullPixels);
const bytes = z.instanceof(Uint8Array<ArrayBuffer>);
const sized = { width: side, height: side, bytes };
/** See `Mask`. */
const maskChannels = z.union([z.literal(1), z.literal(3)]).default(1);
const fileBytes = bytes.check(isFile);
const oneInpainting = z.strictObject({ id: inpaintingIdSchema });
const manyInpaintings = z.strictObject({ ids: z.array(inpaintingIdSchema).min(1).max(1000) });

export interface InpaintingPage {
  readonly total: number;
  /** Newest first. */
  readonly entries: readonly InpaintingEntry[];
  /** The batches that entries of this page belong to. */
  readonly batches: readonly InpaintingBatch[];
}

/** An added image. */
export interface AddedImage {
  readonly image: ImageEntry;
  /** Thumbnail: a PNG as a data URL. */
  readonly thumbnail: string;
  /** Sentences about changes made to the image, e.g. that it was reduced. */
  readonly notes: readonly string[];
}

/** The result of reading a mask file. */
export interface ReadMask {
  readonly mask: MaskEntry;
  readonly notes: readonly string[];
  /** The question to ask if white seems to mark the hole; otherwise null. */
  readonly inverted: string | null;
}

/** Most runs in one request for advice: those of the list on the page. */
export const mostAdvised = 200;

/** What a run was trained on, and whether with masks like one at hand. */
export interface MaskAdvice extends TrainedScale {
  readonly runId: string;
  /** `random pixels of 32 × 32 images`. */
  readonly trainedOn: string;
  /** A plain sentence about what is new to it; null: nothing. */
  readonly warning: string | null;
  /** Why it cannot be given the mask at all, a sentence; null: it can. */
  readonly obstacle: string | null;
}

export const inpaintingRequests = {
  /** Adds an image: `bytes` is an unchanged PNG, JPEG or WebP file; the main side decodes it. */
  'pictures.add': answers<AddedImage>()(
    z.strictObject({
      name: z.string().max(255),
      bytes: fileBytes,
      /** Colour below transparent parts. */
      background: z
        .string()
        .regex(/^#[0-9a-f]{6}$/i, 'expected a colour such as #ffffff')
        .default('#ffffff'),
      /** Whether transparent pixels are hidden, to be filled in; otherwise they belong to the image, over the background. */
      hidesTransparent: z.boolean().default(true),
      /** Whether an image that is too large is reduced instead of refused. */
      mayShrink: z.boolean().default(false),
    }),
  ),
  /** Returns an added image by its ID, such as after a reload of the page. */
  'pictures.get': answers<ImageEntry>()(z.strictObject({ id: imageIdSchema })),
  /** `bytes` is an image file of the given size, white where known, or with `invert`, where hidden. */
  'masks.read': answers<ReadMask>()(
    z.strictObject({ width: side, height: side, bytes: fileBytes, invert: z.boolean().default(false) }),
  ),
  /** `bytes` is width × height × channels as those of `Mask`, 0 = unknown, 1 = known. */
  'masks.add': answers<MaskEntry>()(
    z.strictObject({ ...sized, channels: maskChannels }).check(hasBytesAPixel, isMask),
  ),
  /** Queues an inpainting; the queue runs in parallel to training. */
  'inpaint.start': answers<InpaintingEntry>()(inpaintingRequestSchema),
  /**
   * Starts the compute process ahead of an inpainting that is likely to be started soon, with a run loaded if one is named, so
   * that it begins at once.
   */
  'inpaint.prepare': answers<null>()(inpaintingFields.pick({ runId: true })),
  /** What is new to runs in a mask with these holes, see `HoleMeasure`; runs that are missing are left out. */
  'inpaint.advise': answers<readonly MaskAdvice[]>()(
    z.strictObject({
      channels: maskChannels,
      known: z.number().min(0).max(1),
      depth: z.number().min(0),
      isolated: z.number().min(0).max(1),
      runIds: z.array(runIdSchema).max(mostAdvised),
    }),
  ),
  /**
   * How long it takes until the result of an inpainting is shown. `known` and `touched` are fractions of the mask, see
   * `measureTouched`, before the image is shrunk or enlarged.
   */
  'inpaint.estimate': answers<TimeEstimate>()(
    inpaintingFields
      .pick({
        runId: true,
        method: true,
        fit: true,
        scale: true,
        solver: true,
        steps: true,
        samples: true,
        symmetries: true,
      })
      .extend({
        width: side,
        height: side,
        channels: maskChannels,
        known: z.number().min(0).max(1),
        touched: z.number().min(0).max(1),
      }),
  ),
  /** Cancels a waiting or running inpainting; partial results are kept. */
  'inpaint.cancel': answers<InpaintingEntry>()(oneInpainting),
  'inpaint.get': answers<InpaintingEntry>()(oneInpainting),
  'inpaint.list': answers<InpaintingPage>()(
    z.strictObject({
      /** Text in the name of the image or the run; empty: all. */
      text: z.string().max(200).default(''),
      offset: z.int().min(0).default(0),
      limit: z.int().min(1).max(200).default(60),
    }),
  ),
  /** Removes entries from the history; `restore` undoes it until the application ends. */
  'inpaint.delete': answers<null>()(manyInpaintings),
  'inpaint.restore': answers<null>()(manyInpaintings),
} as const;

function isFile({ value, issues }: z.core.ParsePayload<Uint8Array>): void {
  if (value.length <= imageLimits.fileBytes) return;
  const message = `${value.length} bytes found, at most ${imageLimits.fileBytes} expected`;
  issues.push({ code: 'custom', input: value, message });
}

interface SizedBytes {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly bytes: Uint8Array;
}

function hasBytesAPixel({ value, issues }: z.core.ParsePayload<SizedBytes>): void {
  const { width, height, channels, bytes: given } = value;
  const pixels = width * height;
  const refuse = (message: string) =>
    void issues.push({ code: 'custom', input: value, message, path: ['bytes'] });
  if (pixels > imageLimits.fullPixels) {
    refuse(`${width} × ${height} = ${pixels} pixels found, at most ${imageLimits.fullPixels} expected`);
  } else if (given.length !== pixels * channels) {
    const expected = `${width} × ${height}${channels === 1 ? '' : ` × ${channels}`} = ${pixels * channels}`;
    refuse(`${given.length} bytes found, ${expected} expected`);
  }
}

function isMask({ value, issues }: z.core.ParsePayload<SizedBytes>): void {
  // A mask may have 40 million bytes, so no function is called for each.
  let index = 0;
  while (value.bytes[index] <= 1) index++;
  if (index >= value.bytes.length) return;
  const other = value.bytes[index];
  const message = `a byte of ${other} found, 0 (unknown) or 1 (known) expected`;
  issues.push({ code: 'custom', input: value, message, path: ['bytes'] });
}
