/** A decoded image and the ones cut out of a preview. */

import type { Size } from './viewport.ts';

/** A part of a image, in pixels. */
export interface Area extends Size {
  readonly x: number;
  readonly y: number;
}

/** 8-bit RGB; how it is kept is its own affair: one of 12 million pixels is never copied as a whole. */
export interface RasterImage extends Size {
  /** The pixels of a part that lies inside, RGBA, row by row; alpha is 255 but where a sheet knows nothing. */
  read(area: Area): Uint8ClampedArray;
  /** What `drawImage` takes. */
  source(): CanvasImageSource;
}

/** One row of a preview. */
export interface PreviewRow {
  readonly truth: RasterImage;
  /** Grey 128, or transparent, where a pixel is not observed. */
  readonly observed: RasterImage;
  readonly result: RasterImage;
}

const columns = 3;
const grey = 128;

/** A image of pixels in memory: RGBA, row by row. */
export function imageFromPixels(
  { width, height }: Size,
  pixels: Uint8ClampedArray<ArrayBuffer>,
): RasterImage {
  let drawn: OffscreenCanvas | null = null;
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
      if (drawn) return drawn;
      drawn = new OffscreenCanvas(width, height);
      drawn.getContext('2d')?.putImageData(new ImageData(pixels, width, height), 0, 0);
      return drawn;
    },
  };
}

/** A image as the browser decoded it. */
export function imageFromBitmap(bitmap: ImageBitmap): RasterImage {
  const { width, height } = bitmap;
  return {
    width,
    height,
    read(area) {
      const context = new OffscreenCanvas(area.width, area.height).getContext('2d', {
        willReadFrequently: true,
      });
      if (!context) throw new Error('This browser gives no canvas to read images with.');
      context.drawImage(bitmap, -area.x, -area.y);
      return context.getImageData(0, 0, area.width, area.height).data;
    },
    source: () => bitmap,
  };
}

/**
 * Cuts a preview (rows of truth / observed / result, square images) apart.
 * @throws Error when its size does not fit that form.
 */
export function splitPreview(preview: RasterImage): PreviewRow[] {
  const side = preview.width / columns;
  if (!Number.isInteger(side) || side < 1 || preview.height % side !== 0 || preview.height === 0) {
    throw new Error(
      `A preview of ${preview.width}×${preview.height} pixels found, three square images a row expected. It was written by another program.`,
    );
  }
  const size = { width: side, height: side };
  return Array.from({ length: preview.height / side }, (_, row) => {
    const at = (column: number) =>
      imageFromPixels(
        size,
        new Uint8ClampedArray(preview.read({ x: column * side, y: row * side, ...size })),
      );
    return { truth: at(0), observed: at(1), result: at(2) };
  });
}

/** The three bytes of a pixel. */
export function readPixel(image: RasterImage, x: number, y: number): readonly [number, number, number] {
  const [red, green, blue] = image.read({ x, y, width: 1, height: 1 });
  return [red, green, blue];
}

/** Whether two images show the same, pixel by pixel. */
export function hasSamePixels(one: RasterImage, other: RasterImage): boolean {
  const { width, height } = one;
  if (width !== other.width || height !== other.height) return false;
  const whole = { x: 0, y: 0, width, height };
  const [first, second] = [one.read(whole), other.read(whole)];
  return first.every((byte, index) => byte === second[index]);
}

/** Whether a pixel was given to the network. One that happens to be the grey of the unobserved counts by its truth. */
export function isObserved({ truth, observed }: PreviewRow, x: number, y: number): boolean {
  const [red, green, blue, opacity] = observed.read({ x, y, width: 1, height: 1 });
  if (opacity === 0) return false;
  const found = [red, green, blue];
  return found.some((byte) => byte !== grey) || readPixel(truth, x, y).every((byte) => byte === grey);
}
