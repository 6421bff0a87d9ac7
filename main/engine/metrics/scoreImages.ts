/** The scores of a batch of reconstructions: of every image, their averages, and a row of an evaluation. */

import { drawResamples, meanInterval } from '../../../shared/comparison/bootstrap.ts';
import { type Image, imageAt, type ImageBatch, type ObservedPixels } from '../../../shared/images/image.ts';
import {
  type EvaluationRow,
  type ImageMetricName,
  type PerImage,
  perImageMetrics,
} from '../../../shared/metric.ts';
import { meanPsnr } from '../../../shared/numbers/psnrMean.ts';
import { meanAbsoluteError, meanSquaredError, observedRmse, psnr, psnrUnobserved } from './pixelErrors.ts';
import { radialPower, spectrumError } from './powerSpectrum.ts';
import { ssim } from './ssim.ts';

/** Metrics that are not averages of the scores of single images. */
type BatchMetric = 'rmseObserved' | 'spectrumError';

/** The scores of one image; a PSNR is infinite where an image is exact. */
export type ImageScores = Pick<EvaluationRow, Exclude<ImageMetricName, BatchMetric>>;

/** Metrics that are averaged over all images; a PSNR only over images that are not exact. */
type AveragedMetric = Exclude<keyof ImageScores, 'psnr' | 'psnrUnobserved'>;

/** Averages over the images, and the scores of every image in their order. */
export interface BatchScores extends ImageScores, Pick<EvaluationRow, 'exactUnobserved'> {
  readonly psnr: number;
  readonly exactImages: number;
  readonly perImage: readonly ImageScores[];
}

export interface ScoreOptions {
  readonly truth: ImageBatch;
  readonly result: ImageBatch;
  /** What is observed of each image. */
  readonly observed: readonly ObservedPixels[];
}

/** The part of an evaluation row that one batch of reconstructions determines. */
export type RowScores = ImageScores &
  Pick<
    EvaluationRow,
    'exactImages' | 'exactUnobserved' | 'psnrInterval' | 'ssimInterval' | 'spectrumError'
  > & { readonly perImage: PerImage };

/** Decimals of stored scores of single images: far below their error, and short. */
const decimals = 6;

/**
 * Returns the averages of an evaluation row with bootstrap intervals, the error of the power spectrum, and the scores of
 * every image, rounded.
 * @throws Error under the conditions of `scoreImages`.
 */
export function scoreRow(options: ScoreOptions): RowScores {
  const { perImage, ...averages } = scoreImages(options);
  const resamples = drawResamples(perImage.length);
  const scores = listScores(perImage);
  return {
    ...averages,
    psnrInterval: meanInterval(scores.psnr, resamples),
    ssimInterval: meanInterval(scores.ssim, resamples),
    spectrumError: spectrumError(radialPower(options.truth), radialPower(options.result)),
    perImage: scores,
  };
}

/**
 * Scores every image and averages the scores; a mean PSNR is the mean of the dB values of the images that are not exact.
 * Truth and result are clamped to [0, 1] first, because no display or file shows more.
 * @throws Error when counts or sizes differ, the batch is empty, an image is smaller than 11×11 pixels or a value is NaN.
 */
export function scoreImages({ truth, result, observed }: ScoreOptions): BatchScores {
  assertSameImages(truth, result, observed.length);
  const perImage = observed.map((pixels, index) =>
    scoreImage(clampImage(imageAt(truth, index), index), clampImage(imageAt(result, index), index), pixels),
  );
  const [whole, unobserved] = (['psnr', 'psnrUnobserved'] as const).map((name) =>
    meanPsnr(perImage.map((image) => image[name])),
  );
  return {
    // There is at least one image, so that there is a mean.
    psnr: whole.mean ?? Infinity,
    exactImages: whole.exact,
    psnrUnobserved: unobserved.mean,
    exactUnobserved: unobserved.exact,
    ...averageScores(perImage),
    perImage,
  };
}

function averageScores(perImage: readonly ImageScores[]): Pick<ImageScores, AveragedMetric> {
  const names = Object.keys(perImage[0]).filter((name) => name !== 'psnr' && name !== 'psnrUnobserved');
  const entries = (names as AveragedMetric[]).map((name) => [
    name,
    perImage.reduce((sum, image) => sum + image[name], 0) / perImage.length,
  ]);
  return Object.fromEntries(entries) as Pick<ImageScores, AveragedMetric>;
}

/** Lists the rounded scores of the single images by metric; null for metrics of ensembles. */
function listScores(perImage: readonly ImageScores[]): PerImage {
  const entries = perImageMetrics.map((name) => [
    name,
    name in perImage[0] ? perImage.map((image) => roundOrNull(image[name as keyof ImageScores])) : null,
  ]);
  return Object.fromEntries(entries) as PerImage;
}

/** Returns the RMSE over the observed values of all images; `result` must be the method's output before any is pasted. */
export function scoreObserved(
  truth: ImageBatch,
  result: ImageBatch,
  observed: readonly ObservedPixels[],
): number {
  const sum = observed.reduce(
    (total, pixels, index) =>
      total + observedRmse(imageAt(truth, index).values, imageAt(result, index).values, pixels) ** 2,
    0,
  );
  return Math.sqrt(sum / observed.length);
}

/** Rounds the score of a single image to the decimals that are stored. */
export function roundForImage(value: number): number {
  return Number(value.toFixed(decimals));
}

function roundOrNull<Value extends number | null>(value: Value): Value {
  return (value === null ? null : roundForImage(value)) as Value;
}

function assertSameImages(truth: ImageBatch, result: ImageBatch, masks: number): void {
  const expected = `${truth.count} images of ${truth.height}×${truth.width}`;
  const found = `${result.count} images of ${result.height}×${result.width}`;
  if (truth.count === 0 || found !== expected || masks !== truth.count) {
    throw new Error(
      `Cannot score ${found} with ${masks} masks against ${expected}: ` +
        'expected the same images, one mask each, and at least one image.',
    );
  }
}

function clampImage(image: Image, index: number): Image {
  const values = image.values.map((value) => Math.min(1, Math.max(0, value)));
  const broken = values.findIndex((value) => Number.isNaN(value));
  if (broken >= 0) {
    throw new Error(
      `Image ${index} holds NaN at value ${broken}: expected numbers; the method that made it has diverged.`,
    );
  }
  return { ...image, values };
}

function scoreImage(
  { values: truth, height, width }: Image,
  result: Image,
  observed: ObservedPixels,
): ImageScores {
  return {
    psnr: psnr(truth, result.values),
    ssim: ssim(truth, result.values, { height, width, window: 'uniform' }),
    ssimGaussian: ssim(truth, result.values, { height, width, window: 'gaussian' }),
    psnrUnobserved: psnrUnobserved(truth, result.values, observed),
    mse: meanSquaredError(truth, result.values),
    mae: meanAbsoluteError(truth, result.values),
  };
}
