/** A bounded cache of decoded images by address. */

import { fetchMedia } from '../../api/fetchMedia.ts';
import { imageFromBitmap, type RasterImage } from './rasterImage.ts';

export interface ImageCache {
  /**
   * Returns the image, which is loaded once.
   * @throws Error if it cannot be loaded; the next call tries again.
   */
  load(address: string): Promise<RasterImage>;
}

/** @param capacity Number of images kept; the least recently used are dropped first. */
export function createImageCache(
  loadImage: (address: string) => Promise<RasterImage>,
  capacity: number,
): ImageCache {
  const entries = new Map<string, Promise<RasterImage>>();
  const touch = (address: string, entry: Promise<RasterImage>) => {
    entries.delete(address);
    entries.set(address, entry);
    const excess = Math.max(0, entries.size - capacity);
    for (const oldest of [...entries.keys()].slice(0, excess)) entries.delete(oldest);
  };
  const start = (address: string) =>
    loadImage(address).catch((error: unknown) => {
      entries.delete(address);
      throw error;
    });
  return {
    load(address) {
      const entry = entries.get(address) ?? start(address);
      touch(address, entry);
      return entry;
    },
  };
}

/** Fetches and decodes an image. @throws Error if it cannot be loaded. */
export async function fetchImage(address: string): Promise<RasterImage> {
  const bitmap = await createImageBitmap(await fetchMedia(address), { colorSpaceConversion: 'none' });
  return imageFromBitmap(bitmap);
}
