/** Pictures and masks of the user's: taken in by content, kept as PNG files, read back bit for bit. */

import { createHash } from 'node:crypto';
import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import type { MaskEntry, PictureEntry } from '../../shared/inpainting.ts';
import { maskFile, pictureFile } from '../store/dataFolder.ts';
import { writeFileAtomically } from '../store/files/atomicFile.ts';
import { insertMask, insertPicture } from '../store/pictures.ts';
import type { Store } from '../store/store.ts';
import { drawMask, encodeResult, type ResultPicture } from './inpaintingFiles.ts';

interface Size {
  readonly width: number;
  readonly height: number;
}

/** `bytes`: width × height × 3, upright RGB. A picture that is there already only takes the newer name. */
export async function addPicture(
  store: Store,
  { bytes, name, width, height }: Size & { readonly name: string; readonly bytes: Uint8Array },
): Promise<PictureEntry> {
  const id = contentId({ width, height }, bytes);
  const file = pictureFile(store.dataFolder, id);
  await keepPicture(file, { width, height, pixels: bytes });
  const picture = { id, name, width, height };
  insertPicture(store.db, picture);
  return picture;
}

/** `bytes`: width × height, 1 = known. */
export async function addMask(
  store: Store,
  { bytes, width, height }: Size & { readonly bytes: Uint8Array },
): Promise<MaskEntry> {
  const id = contentId({ width, height }, bytes);
  await keepPicture(maskFile(store.dataFolder, id), { width, height, pixels: drawMask(bytes) });
  const mask = { id, width, height, observed: countKnown(bytes) };
  insertMask(store.db, mask);
  return mask;
}

/** width × height × 3. @throws Error when the file is gone or damaged. */
export function readPicture(store: Store, { id, width, height }: PictureEntry): Promise<Uint8Array> {
  const file = pictureFile(store.dataFolder, id);
  return readPixels(sharp(file).removeAlpha(), { file, length: width * height * 3 });
}

/** width × height, 1 = known. @throws Error as `readPicture`. */
export async function readMask(store: Store, { id, width, height }: MaskEntry): Promise<Uint8Array> {
  const file = maskFile(store.dataFolder, id);
  const grey = await readPixels(sharp(file).extractChannel(0), { file, length: width * height });
  for (let pixel = 0; pixel < grey.length; pixel++) grey[pixel] >>= 7;
  return grey;
}

/** The first 16 hex digits of the SHA-256 of width and height (32 bits, little-endian) and the bytes. */
export function contentId({ width, height }: Size, bytes: Uint8Array): string {
  const hash = createHash('sha256')
    .update(new Uint32Array([width, height]))
    .update(bytes);
  return hash.digest('hex').slice(0, 16);
}

function countKnown(mask: Uint8Array): number {
  let count = 0;
  for (let pixel = 0; pixel < mask.length; pixel++) count += mask[pixel];
  return count;
}

async function keepPicture(file: string, picture: ResultPicture): Promise<void> {
  if (existsSync(file)) return;
  const bytes = await encodeResult(picture);
  const folder = dirname(file);
  mkdirSync(folder, { recursive: true });
  writeFileAtomically({ folder, name: file.slice(folder.length + 1), bytes });
}

async function readPixels(
  picture: Sharp,
  { file, length }: { file: string; length: number },
): Promise<Uint8Array> {
  try {
    const pixels = await picture.raw().toBuffer();
    // No Buffer: its methods are others where they have the same names.
    if (pixels.length === length) return new Uint8Array(pixels.buffer, pixels.byteOffset, length);
    throw new Error(`${pixels.length} bytes found, ${length} expected`);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`${file} cannot be read (${reason}). Add the picture or mask again.`, { cause: error });
  }
}
