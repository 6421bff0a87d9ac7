/** Requests about the user's own pictures: taking them in, saying what is known, reconstructing, looking back. */

import { z } from 'zod';
import {
  inpaintingIdSchema,
  inpaintingRequestSchema,
  type InpaintingEntry,
  type MaskEntry,
  type PictureEntry,
} from '../inpainting.ts';
import { imageLimits } from '../images/imageHeader.ts';
import { answers } from './define.ts';

const side = z.int().min(1).max(imageLimits.fullPixels);
const bytes = z.instanceof(Uint8Array<ArrayBuffer>);
const sized = { width: side, height: side, bytes };
const fileBytes = bytes.check(isFile);
const oneInpainting = z.strictObject({ id: inpaintingIdSchema });
const manyInpaintings = z.strictObject({ ids: z.array(inpaintingIdSchema).min(1).max(1000) });

export interface InpaintingPage {
  readonly total: number;
  /** Newest first. */
  readonly entries: readonly InpaintingEntry[];
}

/** An image that was taken in. */
export interface AddedPicture {
  readonly picture: PictureEntry;
  /** A small PNG of it, as a data URL. */
  readonly thumbnail: string;
  /** Sentences about what was done to it, e.g. that it was reduced. */
  readonly notes: readonly string[];
}

/** A mask file that was read. */
export interface ReadMask {
  readonly mask: MaskEntry;
  readonly notes: readonly string[];
  /** The question to ask where white seems to mark the hole; null: it does not. */
  readonly inverted: string | null;
}

export const inpaintingRequests = {
  /** `bytes` is a PNG, JPEG or WebP file as it is: the main side has the only decoder. */
  'pictures.add': answers<AddedPicture>()(
    z.strictObject({
      name: z.string().max(255),
      bytes: fileBytes,
      /** What transparent parts are shown over. */
      background: z
        .string()
        .regex(/^#[0-9a-f]{6}$/i, 'expected a colour such as #ffffff')
        .default('#ffffff'),
      /** Transparent pixels are hidden, to be filled in; otherwise they are part of the image, over the background. */
      hidesTransparent: z.boolean().default(true),
      /** An image too large for its full size is reduced instead of being refused. */
      mayShrink: z.boolean().default(false),
    }),
  ),
  /** `bytes` is an image file of the size that is expected, white where known. */
  'masks.read': answers<ReadMask>()(z.strictObject({ width: side, height: side, bytes: fileBytes })),
  /** `bytes` is width × height, 0 = unknown, 1 = known. */
  'masks.add': answers<MaskEntry>()(z.strictObject(sized).check(hasBytesAPixel(1), isMask)),
  /** Into the queue of inpaintings, which runs beside a training. */
  'inpaint.start': answers<InpaintingEntry>()(inpaintingRequestSchema),
  /** Ends one that waits or is computed; what it has stays. */
  'inpaint.cancel': answers<InpaintingEntry>()(oneInpainting),
  'inpaint.get': answers<InpaintingEntry>()(oneInpainting),
  'inpaint.list': answers<InpaintingPage>()(
    z.strictObject({
      /** In the picture's or the run's name; empty: all. */
      text: z.string().max(200).default(''),
      offset: z.int().min(0).default(0),
      limit: z.int().min(1).max(200).default(60),
    }),
  ),
  /** Out of the history; `restore` brings them back until the application ends. */
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
  readonly bytes: Uint8Array;
}

function hasBytesAPixel(channels: number): z.core.CheckFn<SizedBytes> {
  return ({ value, issues }) => {
    const { width, height, bytes: given } = value;
    const pixels = width * height;
    const refuse = (message: string) =>
      void issues.push({ code: 'custom', input: value, message, path: ['bytes'] });
    if (pixels > imageLimits.fullPixels) {
      refuse(`${width} × ${height} = ${pixels} pixels found, at most ${imageLimits.fullPixels} expected`);
    } else if (given.length !== pixels * channels) {
      const expected = `${width} × ${height}${channels === 1 ? '' : ` × ${channels}`} = ${pixels * channels}`;
      refuse(`${given.length} bytes found, ${expected} expected`);
    }
  };
}

function isMask({ value, issues }: z.core.ParsePayload<SizedBytes>): void {
  // A mask may have 40 million of them: no function is called for each.
  let place = 0;
  while (value.bytes[place] <= 1) place++;
  if (place >= value.bytes.length) return;
  const other = value.bytes[place];
  const message = `a byte of ${other} found, 0 (unknown) or 1 (known) expected`;
  issues.push({ code: 'custom', input: value, message, path: ['bytes'] });
}
