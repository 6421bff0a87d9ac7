/** How far a result lies from its truth: as a number, and as a map. */

import { colourOf } from './colourMap.ts';
import { isObserved, readPixel, type Picture, type PreviewRow } from './picture.ts';

/** The error that has the last colour of every map: one scale for all pictures, so that maps compare. */
export const errorScale = 0.25;

/** |result − truth| averaged over the three channels, 0 … 1. */
export function pixelError(result: Picture, truth: Picture, x: number, y: number): number {
  const [a, b] = [readPixel(result, x, y), readPixel(truth, x, y)];
  return (Math.abs(a[0] - b[0]) + Math.abs(a[1] - b[1]) + Math.abs(a[2] - b[2])) / (3 * 255);
}

/** The errors of two pictures of one size as colours. */
export function errorMap(result: Picture, truth: Picture): Picture {
  const { width, height } = truth;
  const pixels = new Uint8ClampedArray(width * height * 4);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [red, green, blue] = colourOf(pixelError(result, truth, x, y) / errorScale);
      pixels.set([red, green, blue, 255], (y * width + x) * 4);
    }
  }
  return { width, height, pixels };
}

export interface PictureScore {
  /** Mean squared error, values in [0, 1]. */
  readonly mse: number;
  /** dB, data range 1; null: exact. */
  readonly psnr: number | null;
  /** dB over the pixels that were not observed; null: exact, or none. */
  readonly psnrUnobserved: number | null;
}

/** Scores the 8-bit pictures of a preview: within its rounding the numbers of an evaluation. */
export function scorePicture(row: PreviewRow, result: Picture = row.result): PictureScore {
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

function squaredError(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, channel) => sum + ((value - b[channel]) / 255) ** 2, 0) / 3;
}

function toDecibels(mse: number): number | null {
  return mse === 0 ? null : -10 * Math.log10(mse);
}
