/** How far a result lies from its truth: as a number, and as a map. */

import { colourOf } from './colourMap.ts';
import {
  isObserved,
  imageFromPixels,
  readPixel,
  type Area,
  type RasterImage,
  type PreviewRow,
} from './rasterImage.ts';
import type { Size } from './viewport.ts';

/** The error that has the last colour of every map: one scale for all images, so that maps compare. */
export const errorScale = 0.25;

/** |result − truth| averaged over the three channels, 0 … 1. */
export function pixelError(result: RasterImage, truth: RasterImage, x: number, y: number): number {
  const [a, b] = [readPixel(result, x, y), readPixel(truth, x, y)];
  return (Math.abs(a[0] - b[0]) + Math.abs(a[1] - b[1]) + Math.abs(a[2] - b[2])) / (3 * 255);
}

/** The errors of two images of one size as colours. */
export function errorMap(result: RasterImage, truth: RasterImage): RasterImage {
  const colours = colourTable(3 * 255, errorScale * 3 * 255);
  return mapPixels(truth, (area, target) => {
    const [a, b] = [result.read(area), truth.read(area)];
    for (let pixel = 0, at = 0; pixel < target.length; pixel++, at += 4) {
      const sum = Math.abs(a[at] - b[at]) + Math.abs(a[at + 1] - b[at + 1]) + Math.abs(a[at + 2] - b[at + 2]);
      target[pixel] = colours[sum];
    }
  });
}

/** A grey image in the colours of errors: black has the first, white the last. */
export function colourGrey(grey: RasterImage): RasterImage {
  const colours = colourTable(255, 255);
  return mapPixels(grey, (area, target) => {
    const values = grey.read(area);
    for (let pixel = 0; pixel < target.length; pixel++) target[pixel] = colours[values[4 * pixel]];
  });
}

/** Pixels that are read at a time: a image of 12 million is not copied as a whole for it. */
const atOnce = 2 ** 19;

/** `paint` sees a pixel's four bytes as one number. */
function mapPixels(size: Size, paint: (area: Area, target: Uint32Array) => void): RasterImage {
  const { width, height } = size;
  const pixels = new Uint32Array(width * height);
  const rows = Math.max(1, Math.floor(atOnce / width));
  for (let y = 0; y < height; y += rows) {
    const area = { x: 0, y, width, height: Math.min(rows, height - y) };
    paint(area, pixels.subarray(y * width, (y + area.height) * width));
  }
  return imageFromPixels(size, new Uint8ClampedArray(pixels.buffer));
}

/** The colours of 0 … `largest`, where `brightest` has the last. */
function colourTable(largest: number, brightest: number): Uint32Array {
  const bytes = Array.from({ length: largest + 1 }, (_, value) => [...colourOf(value / brightest), 255]);
  return new Uint32Array(Uint8Array.from(bytes.flat()).buffer);
}

export interface PreviewScore {
  /** Mean squared error, values in [0, 1]. */
  readonly mse: number;
  /** dB, data range 1; infinite where it is exact. */
  readonly psnr: number;
  /** dB over the pixels that were not observed; null where all were. */
  readonly psnrUnobserved: number | null;
}

/** Scores the 8-bit images of a preview: within its rounding the numbers of an evaluation. */
export function scorePreview(row: PreviewRow, result: RasterImage = row.result): PreviewScore {
  const { width, height } = row.truth;
  let sum = 0;
  let sumUnobserved = 0;
  let unobserved = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const squared = squaredError(readPixel(result, x, y), readPixel(row.truth, x, y));
      sum += squared;
      if (isObserved(row, x, y)) continue;
      sumUnobserved += squared;
      unobserved++;
    }
  }
  const mse = sum / (width * height);
  return {
    mse,
    psnr: toDecibels(mse),
    psnrUnobserved: unobserved === 0 ? null : toDecibels(sumUnobserved / unobserved),
  };
}

/** dB of two images of one size, data range 1; infinite where they are the same. */
export function imagePsnr(result: RasterImage, truth: RasterImage): number {
  const { width, height } = truth;
  const whole = { x: 0, y: 0, width, height };
  const [a, b] = [result.read(whole), truth.read(whole)];
  let sum = 0;
  for (let at = 0; at < a.length; at += 4)
    for (let channel = at; channel < at + 3; channel++) sum += (a[channel] - b[channel]) ** 2;
  return toDecibels(sum / (width * height * 3 * 255 ** 2));
}

function squaredError(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, channel) => sum + ((value - b[channel]) / 255) ** 2, 0) / 3;
}

function toDecibels(mse: number): number {
  return -10 * Math.log10(mse);
}
