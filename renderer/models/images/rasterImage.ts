/**
 * Images as the page reads and draws them: 8-bit RGB, from pixels in memory or decoded by the browser; a cache of decoded
 * images; and several images side by side as one PNG.
 */

import { fetchMedia } from '../../api/fetchMedia.ts';
import type { Size } from './viewport.ts';

/** A rectangle of an image, in pixels. */
export interface ImageArea extends Size {
  readonly x: number;
  readonly y: number;
}

/** An 8-bit RGB image. Images of up to 12 million pixels are never copied as a whole. */
export interface RasterImage extends Size {
  /** Returns the RGBA pixels of an area inside the image, row by row. Alpha is 0 only for unknown pixels of a sheet. */
  read(area: ImageArea): Uint8ClampedArray;
  /** Returns what `drawImage` accepts. */
  source(): CanvasImageSource;
}

/** Creates an image from RGBA pixels, row by row. */
export function imageFromPixels(
  { width, height }: Size,
  pixels: Uint8ClampedArray<ArrayBuffer>,
): RasterImage {
  let canvas: OffscreenCanvas | null = null;
  return {
    width,
    height,
    read(area) {
      const part = new Uint8ClampedArray(area.width * area.height * 4);
      for (let row = 0; row < area.height; row++) {
        const start = ((area.y + row) * width + area.x) * 4;
        part.set(pixels.subarray(start, start + area.width * 4), row * area.width * 4);
      }
      return part;
    },
    source() {
      if (canvas) return canvas;
      canvas = new OffscreenCanvas(width, height);
      canvas.getContext('2d')?.putImageData(new ImageData(pixels, width, height), 0, 0);
      return canvas;
    },
  };
}

/** Creates an image from a bitmap that the browser decoded. */
export function imageFromBitmap(bitmap: ImageBitmap): RasterImage {
  const { width, height } = bitmap;
  return {
    width,
    height,
    read(area) {
      const context = new OffscreenCanvas(area.width, area.height).getContext('2d', {
        willReadFrequently: true,
      });
      if (!context) throw new Error('The browser provides no canvas to read the image with.');
      context.drawImage(bitmap, -area.x, -area.y);
      return context.getImageData(0, 0, area.width, area.height).data;
    },
    source: () => bitmap,
  };
}

/** Returns the three bytes of a pixel. */
export function readPixel(image: RasterImage, x: number, y: number): readonly [number, number, number] {
  const [red, green, blue] = image.read({ x, y, width: 1, height: 1 });
  return [red, green, blue];
}

/** Returns whether two images have the same size and pixels. */
export function hasSamePixels(one: RasterImage, other: RasterImage): boolean {
  const { width, height } = one;
  if (width !== other.width || height !== other.height) return false;
  const whole = { x: 0, y: 0, width, height };
  const first = one.read(whole);
  const second = other.read(whole);
  return first.every((byte, index) => byte === second[index]);
}

/** A bounded cache of decoded images by address. */
interface ImageCache {
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

/** An image of a comparison. */
export interface NamedImage {
  readonly name: string;
  readonly image: RasterImage;
}

/** Minimum width of an enlarged image, pixels. */
const smallestWidth = 256;
const gap = 12;
const nameHeight = 26;
const captionHeight = 30;

/** Draws images of one size with a caption below them. @throws Error if the browser provides no canvas. */
export async function renderComparison(images: readonly NamedImage[], caption: string): Promise<Blob> {
  const scale = Math.max(1, Math.ceil(smallestWidth / images[0].image.width));
  const width = images[0].image.width * scale;
  const height = images[0].image.height * scale;
  const canvas = new OffscreenCanvas(
    images.length * (width + gap) + gap,
    gap + height + nameHeight + captionHeight,
  );
  const context = canvas.getContext('2d');
  if (!context) throw new Error('The browser provides no canvas to draw the comparison on.');
  context.fillStyle = '#ffffff';
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.imageSmoothingEnabled = false;
  context.fillStyle = '#1c232b';
  images.forEach(({ name, image }, index) => {
    const x = gap + index * (width + gap);
    context.drawImage(image.source(), x, gap, width, height);
    context.font = '14px Inter, sans-serif';
    context.fillText(name, x, gap + height + 19, width);
  });
  context.font = '12px Inter, sans-serif';
  context.fillText(caption, gap, canvas.height - 11, canvas.width - 2 * gap);
  return canvas.convertToBlob({ type: 'image/png' });
}
