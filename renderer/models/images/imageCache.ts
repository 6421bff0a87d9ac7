/** Decoded images by address: a bounded number of them, each fetched once. */

import { imageFromBitmap, type RasterImage } from './rasterImage.ts';

export interface ImageCache {
  /** @throws Error when it cannot be loaded; the next call tries again. */
  load(address: string): Promise<RasterImage>;
  /** The image if it is there already. */
  peek(address: string): RasterImage | undefined;
}

/** @param capacity Pictures kept; the least recently used go first. */
export function createImageCache(
  fetchImage: (address: string) => Promise<RasterImage>,
  capacity: number,
): ImageCache {
  const entries = new Map<string, Promise<RasterImage>>();
  const decoded = new Map<string, RasterImage>();
  const touch = (address: string, entry: Promise<RasterImage>) => {
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
        fetchImage(address).then(
          (image) => {
            if (entries.has(address)) decoded.set(address, image);
            return image;
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

/** Fetches and decodes one image in the page. @throws Error naming what went wrong. */
export async function fetchImage(address: string): Promise<RasterImage> {
  const response = await fetch(address);
  if (!response.ok)
    throw new Error(`The image is not there (${response.status}). Its file may have been removed.`);
  const bitmap = await createImageBitmap(await response.blob(), { colorSpaceConversion: 'none' });
  return imageFromBitmap(bitmap);
}
