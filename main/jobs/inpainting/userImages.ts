/** The user's images and masks: identified by content, stored as PNG files, read back bit for bit. */

import { createHash } from 'node:crypto';
import { closeSync, existsSync, mkdirSync, openSync, readSync } from 'node:fs';
import { dirname } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { countKnown, joinEqualChannels, type Mask, type MaskChannels } from '../../../shared/images/mask.ts';
import { describeError } from '../../../shared/text/describeError.ts';
import type { MaskEntry, ImageEntry } from '../../../shared/inpainting.ts';
import { maskFile, imageFile } from '../../store/dataFolder.ts';
import { writeFileAtomically } from '../../store/files/atomicFile.ts';
import { insertMask, insertImage } from '../../store/inpaintings/inpaintings.ts';
import type { Store } from '../../store/store.ts';
import { encodeMask, encodeResult } from './inpaintingFiles.ts';

interface Size {
  readonly width: number;
  readonly height: number;
}

/** The pixels of an image: width × height × 3 bytes of upright RGB, and which of them are opaque (null: all). */
export interface ImagePixels {
  readonly pixels: Uint8Array;
  readonly opaque: Uint8Array | null;
}

/** Stores an image; one that exists already only gets the newer name. Transparency is stored as alpha of the PNG file. */
export async function addImage(
  store: Store,
  { pixels, opaque, name, width, height }: Size & ImagePixels & { readonly name: string },
): Promise<ImageEntry> {
  const id = imageIdOf({ width, height, pixels, opaque });
  const file = imageFile(store.dataFolder, id);
  await storeFile(file, () =>
    encodeResult({ width, height, pixels: opaque ? insertAlpha(pixels, opaque) : pixels }),
  );
  const image = { id, name, width, height };
  insertImage(store.db, image);
  return image;
}

/** Stores a mask: its file, and its row. */
export async function addMask(store: Store, mask: Mask): Promise<MaskEntry> {
  const { width, height } = mask;
  const id = maskIdOf(mask);
  await storeFile(maskFile(store.dataFolder, id), () => encodeMask(mask));
  const entry = { id, width, height, observed: countKnown(mask) };
  insertMask(store.db, entry);
  return entry;
}

/** @throws Error if the file is missing or damaged. */
export async function readImage(store: Store, image: ImageEntry): Promise<ImagePixels> {
  const { id, width, height } = image;
  const file = imageFile(store.dataFolder, id);
  const pixels = await readPixels(sharp(file).removeAlpha(), { file, length: width * height * 3 });
  if (!hasTransparency(store, image)) return { pixels, opaque: null };
  const alpha = await readPixels(sharp(file).extractChannel('alpha'), { file, length: width * height });
  return { pixels, opaque: alpha.map((value) => (value === 255 ? 1 : 0)) };
}

/** Offset of the colour type in a PNG file, and its values. */
const colourTypeAt = 25;
const [colour, colourWithAlpha] = [2, 6];

/** Whether a stored image has transparent pixels. */
export function hasTransparency(store: Store, { id }: Pick<ImageEntry, 'id'>): boolean {
  return readColourType(imageFile(store.dataFolder, id)) === colourWithAlpha;
}

/** Returns how many channels a stored mask has: see `Mask`. */
export function readMaskChannels(store: Store, { id }: Pick<MaskEntry, 'id'>): MaskChannels {
  return readColourType(maskFile(store.dataFolder, id)) === colour ? 3 : 1;
}

/** Returns the colour type of a PNG file; null if it is missing. */
function readColourType(file: string): number | null {
  if (!existsSync(file)) return null;
  const handle = openSync(file, 'r');
  try {
    const start = new Uint8Array(colourTypeAt + 1);
    readSync(handle, start, 0, start.length, 0);
    return start[colourTypeAt];
  } finally {
    closeSync(handle);
  }
}

/** Reads a stored mask. @throws Error as `readImage`. */
export async function readMask(store: Store, entry: MaskEntry): Promise<Mask> {
  const { width, height } = entry;
  const file = maskFile(store.dataFolder, entry.id);
  const channels = readMaskChannels(store, entry);
  const stored = channels === 3 ? sharp(file) : sharp(file).extractChannel(0);
  const bits = await readPixels(stored, { file, length: width * height * channels });
  for (let index = 0; index < bits.length; index++) bits[index] >>= 7;
  return joinEqualChannels({ width, height, channels, bits });
}

/** Returns the id of a mask, the same in the window and the terminal. */
export function maskIdOf({ width, height, bits }: Mask): string {
  return contentId({ width, height }, bits);
}

/** Returns the first 16 hex digits of the SHA-256 of width and height (32 bits, little-endian) and the bytes. */
export function contentId({ width, height }: Size, ...bytes: readonly Uint8Array[]): string {
  const hash = createHash('sha256').update(new Uint32Array([width, height]));
  for (const part of bytes) hash.update(part);
  return hash.digest('hex').slice(0, 16);
}

/** Returns the id of an image, the same in the window and the terminal; it depends on transparency too. */
export function imageIdOf({ width, height, pixels, opaque }: Size & ImagePixels): string {
  return contentId({ width, height }, pixels, ...(opaque ? [opaque] : []));
}

/** Interleaves RGB with alpha: 255 where opaque. */
function insertAlpha(pixels: Uint8Array, opaque: Uint8Array): Uint8Array {
  const rgba = new Uint8Array(4 * opaque.length);
  for (let pixel = 0; pixel < opaque.length; pixel++) {
    for (let channel = 0; channel < 3; channel++) rgba[4 * pixel + channel] = pixels[3 * pixel + channel];
    rgba[4 * pixel + 3] = 255 * opaque[pixel];
  }
  return rgba;
}

async function storeFile(file: string, encode: () => Promise<Uint8Array>): Promise<void> {
  if (existsSync(file)) return;
  const bytes = await encode();
  const folder = dirname(file);
  mkdirSync(folder, { recursive: true });
  writeFileAtomically({ folder, name: file.slice(folder.length + 1), bytes });
}

async function readPixels(
  image: Sharp,
  { file, length }: { file: string; length: number },
): Promise<Uint8Array> {
  try {
    const pixels = await image.raw().toBuffer();
    // A Buffer would have different methods under the same names.
    if (pixels.length === length) return new Uint8Array(pixels.buffer, pixels.byteOffset, length);
    throw new Error(`${pixels.length} bytes found, ${length} expected`);
  } catch (error) {
    const reason = describeError(error);
    throw new Error(`${file} cannot be read (${reason}). Add the image or mask again.`, { cause: error });
  }
}
