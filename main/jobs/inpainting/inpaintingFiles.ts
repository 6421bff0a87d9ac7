/** The images of an inpainting as PNG files: exact to 8 bits, with their provenance, each written completely or not at all. */

import { mkdirSync, rmSync } from 'node:fs';
import sharp from 'sharp';
import { type Mask, valueBit } from '../../../shared/images/mask.ts';
import { maskKeyword, perChannelText } from '../../../shared/images/readMask.ts';
import { insertPngText } from '../../../shared/images/pngText.ts';
import {
  classicalNames,
  type InpaintingImage,
  type InpaintingResult,
  type Provenance,
  provenanceKeyword,
} from '../../../shared/inpainting.ts';
import { measureTouched } from '../../../shared/masks/holes.ts';
import type { InpaintedImage } from '../../compute/protocol.ts';
import { inpaintingFolder } from '../../store/dataFolder.ts';
import { writeFileAtomically } from '../../store/files/atomicFile.ts';
import type { StoredInpainting } from '../../store/inpaintings/inpaintings.ts';
import type { Store } from '../../store/store.ts';

/** height × width pixels of RGB (3 bytes), RGB with alpha (4 bytes) or grey (1 byte). */
export interface ResultImage {
  readonly height: number;
  readonly width: number;
  readonly pixels: Uint8Array;
}

/**
 * Encodes an image as a PNG file that decodes to exactly these bytes, with `provenance` as text if it is given.
 * @throws Error if the number of bytes does not fit the size.
 */
export async function encodeResult(
  { height, width, pixels }: ResultImage,
  provenance?: Provenance,
): Promise<Uint8Array> {
  const channels = ([1, 3, 4] as const).find((count) => pixels.length === height * width * count);
  if (!channels) {
    throw new Error(
      `${pixels.length} bytes for ${width}×${height} pixels: expected ${width * height * 3}, or ${width * height} of grey.`,
    );
  }
  const file = await sharp(pixels, { raw: { width, height, channels } })
    .toColourspace(channels === 1 ? 'b-w' : 'srgb')
    .png()
    .toBuffer();
  return provenance ? insertPngText(file, provenanceKeyword, JSON.stringify(provenance)) : file;
}

/** Encodes an RGB image, reduced if its longer side has more than `side` pixels. */
export function encodeThumbnail({ height, width, pixels }: ResultImage, side = 320): Promise<Uint8Array> {
  const size = {
    width: side,
    height: side,
    fit: 'inside',
    withoutEnlargement: true,
  } as const;
  return sharp(pixels, { raw: { width, height, channels: 3 } })
    .resize(size)
    .png()
    .toBuffer();
}

/** Encodes a mask as a grey image, or RGB where each channel has its own mask, which says so: 255 where known. */
export async function encodeMask({ width, height, channels, bits }: Mask): Promise<Uint8Array> {
  const file = await encodeResult({ width, height, pixels: bits.map((known) => 255 * known) });
  return channels === 3 ? insertPngText(file, maskKeyword, perChannelText) : file;
}

export interface InpaintingWriter {
  /** Writes a sample or the result, with its provenance, or an intermediate state, without. */
  write(name: 'result' | `sample-${number}` | `time-${number}`, image: ResultImage): Promise<void>;
  writeResult(inpainting: InpaintedImage): Promise<void>;
  /** Removes all files, because the disk refused one of them. */
  discard(): void;
}

/** Grey of the unknown pixels in the image of the known ones. */
const unknownGrey = 128;

export function createInpaintingWriter(
  store: Store,
  entry: StoredInpainting,
  version: string,
): InpaintingWriter {
  const folder = inpaintingFolder(store.dataFolder, entry.id);
  const provenance = describeOrigin(entry, version);
  let hasResult = false;
  const write = async (name: InpaintingImage, image: ResultImage) => {
    const isResult = name === 'result' || name.startsWith('sample-');
    const bytes = await encodeResult(image, isResult ? provenance : undefined);
    writeBytes(name, bytes);
    hasResult ||= name === 'result';
  };
  const writeBytes = (name: InpaintingImage, bytes: Uint8Array) =>
    writeFileAtomically({ folder, name: `${name}.png`, bytes });
  const writeMask = async (mask: Mask) => writeBytes('mask', await encodeMask(mask));
  const writeThumbnail = async (image: ResultImage) => writeBytes('thumbnail', await encodeThumbnail(image));
  mkdirSync(folder, { recursive: true });
  return {
    write,
    async writeResult({ height, width, mask, deviation, ...found }) {
      const writeOne = (name: InpaintingImage, pixels: Uint8Array) => write(name, { height, width, pixels });
      const writes = [
        writeOne('truth', found.truth),
        writeOne('known', hideUnknown(found.truth, mask)),
        writeMask(mask),
        ...(hasResult ? [] : [writeOne('result', found.result)]),
        writeThumbnail({ height, width, pixels: found.result }),
        ...classicalNames.map((name) => writeOne(name, found.classical[name])),
        ...(deviation ? [writeOne('deviation', deviation)] : []),
      ];
      // No write may still be running when the folder is removed.
      await Promise.allSettled(writes);
      await Promise.all(writes);
    },
    discard: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Returns the numbers that the history keeps. */
export function describeResult(found: InpaintedImage, times: readonly number[]): InpaintingResult {
  const { width, height, mask, observed, nfe, seconds, peakBytes, tiles, largestDeviation, scores } = found;
  const touched = measureTouched(mask);
  return {
    width,
    height,
    ...(mask.channels === 3 && { channels: 3 }),
    observed,
    touched,
    nfe,
    seconds,
    peakBytes,
    tiles,
    largestDeviation,
    times,
    scores,
  };
}

/** What an image was started together with is no part of how it was made. */
const noBatch = { batchId: undefined };

/** Returns how the result of an entry was made, for the text in its files. */
export function describeOrigin(entry: StoredInpainting, version: string): Provenance {
  const { id, runName, checkpointStep, checkpointSha256, request } = entry;
  const checkpoint =
    checkpointStep === null || checkpointSha256 === null ? {} : { checkpointStep, checkpointSha256 };
  return { ...request, ...noBatch, inpaintingId: id, runName, ...checkpoint, version };
}

/** Unknown pixels are grey; of a pixel that is known in part, unknown channels are 0. */
function hideUnknown(truth: Uint8Array, mask: Mask): Uint8Array {
  const known = new Uint8Array(truth);
  for (let at = 0; at < known.length; at += 3) {
    const [red, green, blue] = [valueBit(mask, at), valueBit(mask, at + 1), valueBit(mask, at + 2)];
    if (red + green + blue === 0) known.fill(unknownGrey, at, at + 3);
    else {
      known[at] *= red;
      known[at + 1] *= green;
      known[at + 2] *= blue;
    }
  }
  return known;
}
