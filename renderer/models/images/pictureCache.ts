/** Decoded pictures by address: a bounded number of them, each fetched once. */

import { bitmapPicture, type Picture } from './picture.ts';

export interface PictureCache {
  /** @throws Error when it cannot be loaded; the next call tries again. */
  load(address: string): Promise<Picture>;
  /** The picture if it is there already. */
  peek(address: string): Picture | undefined;
}

/** @param capacity Pictures kept; the least recently used go first. */
export function createPictureCache(
  fetchPicture: (address: string) => Promise<Picture>,
  capacity: number,
): PictureCache {
  const entries = new Map<string, Promise<Picture>>();
  const decoded = new Map<string, Picture>();
  const touch = (address: string, entry: Promise<Picture>) => {
    entries.delete(address);
    entries.set(address, entry);
    for (const oldest of [...entries.keys()].slice(0, Math.max(0, entries.size - capacity))) {
      entries.delete(oldest);
      decoded.delete(oldest);
    }
  };
  return {
    load(address) {
      const known = entries.get(address);
      const entry =
        known ??
        fetchPicture(address).then(
          (picture) => {
            if (entries.has(address)) decoded.set(address, picture);
            return picture;
          },
          (error: unknown) => {
            entries.delete(address);
            throw error;
          },
        );
      touch(address, entry);
      return entry;
    },
    peek: (address) => decoded.get(address),
  };
}

/** Fetches and decodes one picture in the page. @throws Error naming what went wrong. */
export async function fetchPicture(address: string): Promise<Picture> {
  const response = await fetch(address);
  if (!response.ok)
    throw new Error(`The picture is not there (${response.status}). Its file may have been removed.`);
  const bitmap = await createImageBitmap(await response.blob(), { colorSpaceConversion: 'none' });
  return bitmapPicture(bitmap);
}
