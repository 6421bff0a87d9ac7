/**
 * Structural similarity for the data range [0, 1], per channel and then averaged, at positions where the whole window fits.
 * Wang et al. 2004, "Image quality assessment: from error visibility to structural similarity", eq. 13.
 */

import { assertComparable, type PixelValues } from './pixelErrors.ts';

/** `uniform`: 7×7, sample covariance. `gaussian`: σ 1.5 cut off at 11×11, population covariance. */
export type SsimWindow = 'uniform' | 'gaussian';

export interface SsimOptions {
  readonly height: number;
  readonly width: number;
  readonly window: SsimWindow;
}

interface Window {
  /** Weights along one axis of the separable window; they sum to 1. */
  readonly weights: Float64Array;
  /** N / (N − 1) for the sample covariance of N pixels, 1 for the population's. */
  readonly covarianceScale: number;
}

const windows: Readonly<Record<SsimWindow, Window>> = {
  uniform: { weights: new Float64Array(7).fill(1 / 7), covarianceScale: 49 / 48 },
  gaussian: { weights: gaussianWeights(1.5, 5), covarianceScale: 1 },
};

const channels = 3;
/** Local means of truth, result, their squares and their product. */
const moments = 5;
const luminanceConstant = 0.01 ** 2;
const contrastConstant = 0.03 ** 2;

/**
 * Returns the mean structural similarity of two RGB images [height, width, 3], in [−1, 1]; 1 when they are equal.
 * @throws Error when an image does not have height × width × 3 values or is smaller than the window.
 */
export function ssim(truth: PixelValues, result: PixelValues, options: SsimOptions): number {
  const window = windows[options.window];
  assertComparable(truth, result);
  assertSize(truth, options, window.weights.length);
  let sum = 0;
  for (let channel = 0; channel < channels; channel++) {
    const rowMeans = filterRows(truth, result, { ...options, channel, weights: window.weights });
    sum += meanOverWindows(rowMeans, options, window);
  }
  return sum / channels;
}

function gaussianWeights(sigma: number, radius: number): Float64Array {
  const weights = Float64Array.from({ length: 2 * radius + 1 }, (_, index) =>
    Math.exp(-0.5 * ((index - radius) / sigma) ** 2),
  );
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}

function assertSize(truth: PixelValues, { height, width, window }: SsimOptions, side: number): void {
  if (truth.length !== height * width * channels) {
    throw new Error(
      `An image of ${height}×${width} pixels has ${height * width * channels} values, found ${truth.length}: ` +
        'pass RGB images with their own height and width.',
    );
  }
  if (height < side || width < side) {
    throw new Error(
      `The ${window} window of SSIM needs images of at least ${side}×${side} pixels, found ${height}×${width}: ` +
        'evaluate at a larger image size.',
    );
  }
}

interface ChannelOptions {
  readonly height: number;
  readonly width: number;
  readonly channel: number;
  readonly weights: Float64Array;
}

/** Returns the five moments averaged along each row: [height, width − side + 1, 5]. */
function filterRows(truth: PixelValues, result: PixelValues, options: ChannelOptions): Float64Array {
  const { height, width, channel, weights } = options;
  const columns = width - weights.length + 1;
  const means = new Float64Array(height * columns * moments);
  for (let position = 0; position < height * columns; position++) {
    const start = (Math.floor(position / columns) * width + (position % columns)) * channels + channel;
    const target = position * moments;
    for (let tap = 0; tap < weights.length; tap++) {
      const a = truth[start + tap * channels];
      const b = result[start + tap * channels];
      const weight = weights[tap];
      means[target] += weight * a;
      means[target + 1] += weight * b;
      means[target + 2] += weight * a * a;
      means[target + 3] += weight * b * b;
      means[target + 4] += weight * a * b;
    }
  }
  return means;
}

/** Averages the moments along the columns, then the similarity over all windows that fit. */
function meanOverWindows(rowMeans: Float64Array, { height, width }: SsimOptions, window: Window): number {
  const { weights, covarianceScale } = window;
  const columns = width - weights.length + 1;
  const count = (height - weights.length + 1) * columns;
  let sum = 0;
  for (let position = 0; position < count; position++) {
    let a = 0;
    let b = 0;
    let aa = 0;
    let bb = 0;
    let ab = 0;
    for (let tap = 0; tap < weights.length; tap++) {
      const source = (position + tap * columns) * moments;
      const weight = weights[tap];
      a += weight * rowMeans[source];
      b += weight * rowMeans[source + 1];
      aa += weight * rowMeans[source + 2];
      bb += weight * rowMeans[source + 3];
      ab += weight * rowMeans[source + 4];
    }
    const variances = covarianceScale * (aa - a * a + bb - b * b);
    const covariance = covarianceScale * (ab - a * b);
    const luminance = (2 * a * b + luminanceConstant) / (a * a + b * b + luminanceConstant);
    sum += (luminance * (2 * covariance + contrastConstant)) / (variances + contrastConstant);
  }
  return sum / count;
}
