/** Errors between images of one size: per pixel, as a colour map, and as scores. */

import { colourOf } from '../../../shared/charts/colourMap.ts';
import { errorScale } from './colourMap.ts';
import { hiddenChannels, type PreviewRow } from './previewRows.ts';
import { imageFromPixels, readPixel, type ImageArea, type RasterImage } from './rasterImage.ts';
import type { Size } from './viewport.ts';

/** Returns |result − truth| of a pixel, averaged over the three channels, in [0, 1]. */
export function pixelError(result: RasterImage, truth: RasterImage, x: number, y: number): number {
  const a = readPixel(result, x, y);
  const b = readPixel(truth, x, y);
  return (Math.abs(a[0] - b[0]) + Math.abs(a[1] - b[1]) + Math.abs(a[2] - b[2])) / (3 * 255);
}

/** Returns the pixel errors as colours. */
export function errorMap(result: RasterImage, truth: RasterImage): RasterImage {
  const colours = colourTable(3 * 255, errorScale * 3 * 255);
  return mapPixels(truth, (area, target) => {
    const a = result.read(area);
    const b = truth.read(area);
    for (let pixel = 0, at = 0; pixel < target.length; pixel++, at += 4) {
      const sum = Math.abs(a[at] - b[at]) + Math.abs(a[at + 1] - b[at + 1]) + Math.abs(a[at + 2] - b[at + 2]);
      target[pixel] = colours[sum];
    }
  });
}

/** Applies the colour map to a grey image: black gets the first colour, white the last. */
export function colourGrey(grey: RasterImage): RasterImage {
  const colours = colourTable(255, 255);
  return mapPixels(grey, (area, target) => {
    const values = grey.read(area);
    for (let pixel = 0; pixel < target.length; pixel++) target[pixel] = colours[values[4 * pixel]];
  });
}

/** Pixels read at a time, so that large images are not copied as a whole. */
const bandPixels = 2 ** 19;

/** Creates an image band by band. `paint` writes each pixel's four bytes as one number. */
function mapPixels(size: Size, paint: (area: ImageArea, target: Uint32Array) => void): RasterImage {
  const { width, height } = size;
  const pixels = new Uint32Array(width * height);
  const rows = Math.max(1, Math.floor(bandPixels / width));
  for (let y = 0; y < height; y += rows) {
    const area = { x: 0, y, width, height: Math.min(rows, height - y) };
    paint(area, pixels.subarray(y * width, (y + area.height) * width));
  }
  return imageFromPixels(size, new Uint8ClampedArray(pixels.buffer));
}

/** Returns the colours of the values 0 … `largest` as RGBA bytes; `brightest` and above have the last colour. */
function colourTable(largest: number, brightest: number): Uint32Array {
  const bytes = Array.from({ length: largest + 1 }, (_, value) => [...colourOf(value / brightest), 255]);
  return new Uint32Array(Uint8Array.from(bytes.flat()).buffer);
}

export interface PreviewScore {
  /** Mean squared error of values in [0, 1]. */
  readonly mse: number;
  /** dB, data range 1; infinite for an exact result. */
  readonly psnr: number;
  /** dB over the unobserved values; null if all were observed. */
  readonly psnrUnobserved: number | null;
}

/** Scores the 8-bit images of a preview; up to their rounding the values equal those of an evaluation. */
export function scorePreview(row: PreviewRow, result: RasterImage = row.result): PreviewScore {
  const { width, height } = row.truth;
  let sum = 0;
  let sumUnobserved = 0;
  let unobserved = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const errors = squaredErrors(readPixel(result, x, y), readPixel(row.truth, x, y));
      errors.forEach((squared) => (sum += squared));
      for (const channel of hiddenChannels(row, x, y)) {
        sumUnobserved += errors[channel];
        unobserved++;
      }
    }
  }
  const mse = sum / (width * height * 3);
  return {
    mse,
    psnr: toDecibels(mse),
    psnrUnobserved: unobserved === 0 ? null : toDecibels(sumUnobserved / unobserved),
  };
}

/** Returns the PSNR of two images in dB, data range 1; infinite if they are equal. */
export function imagePsnr(result: RasterImage, truth: RasterImage): number {
  const { width, height } = truth;
  const whole = { x: 0, y: 0, width, height };
  const a = result.read(whole);
  const b = truth.read(whole);
  let sum = 0;
  for (let at = 0; at < a.length; at += 4)
    for (let channel = at; channel < at + 3; channel++) sum += (a[channel] - b[channel]) ** 2;
  return toDecibels(sum / (width * height * 3 * 255 ** 2));
}

function squaredErrors(a: readonly number[], b: readonly number[]): number[] {
  return a.map((value, channel) => ((value - b[channel]) / 255) ** 2);
}

function toDecibels(mse: number): number {
  return -10 * Math.log10(mse);
}
