/** All metrics of an evaluation row for a batch of reconstructions. */

import { imageAt } from '../../../shared/images/image.ts';
import type { Image, ImageBatch } from '../../../shared/images/image.ts';
import type { EvaluationRow } from '../../../shared/metric.ts';
import { meanPsnr } from '../../../shared/numbers/psnrMean.ts';
import { meanAbsoluteError } from './meanAbsoluteError.ts';
import { meanSquaredError } from './meanSquaredError.ts';
import { psnr, psnrUnobserved } from './psnr.ts';
import { ssim } from './ssim.ts';

/** The part of an evaluation row that is measured on each image; a PSNR is infinite where an image is exact. */
export type ImageScores = Pick<
  EvaluationRow,
  'psnr' | 'ssim' | 'ssimGaussian' | 'psnrUnobserved' | 'mse' | 'mae'
>;

/** Averages over the images, and what they are averages of, in image order. */
export interface BatchScores extends ImageScores, Pick<EvaluationRow, 'exactUnobserved'> {
  readonly psnr: number;
  readonly exactImages: number;
  readonly perImage: readonly ImageScores[];
}

export interface ScoreOptions {
  readonly truth: ImageBatch;
  readonly result: ImageBatch;
  /** Row-major indices of the observed pixels, one array an image. */
  readonly observed: readonly Int32Array[];
}

/**
 * Scores every image, then averages: a mean PSNR is the mean of the dB values of the images that are not exact.
 * Truth and result are clamped to [0, 1] first, because no display or file shows more.
 * @throws Error when counts or sizes differ, the batch is empty, an image is smaller than 11×11 pixels or a value
 * is not a number.
 */
export function scoreImages({ truth, result, observed }: ScoreOptions): BatchScores {
  assertSameImages(truth, result, observed.length);
  const perImage = observed.map((pixels, index) =>
    scoreImage(clampImage(imageAt(truth, index), index), clampImage(imageAt(result, index), index), pixels),
  );
  const average = (name: 'ssim' | 'ssimGaussian' | 'mse' | 'mae') =>
    perImage.reduce((sum, image) => sum + image[name], 0) / perImage.length;
  const [whole, unobserved] = (['psnr', 'psnrUnobserved'] as const).map((name) =>
    meanPsnr(perImage.map((image) => image[name])),
  );
  return {
    // There is at least one image, so there is a mean.
    psnr: whole.mean ?? Infinity,
    exactImages: whole.exact,
    ssim: average('ssim'),
    ssimGaussian: average('ssimGaussian'),
    psnrUnobserved: unobserved.mean,
    exactUnobserved: unobserved.exact,
    mse: average('mse'),
    mae: average('mae'),
    perImage,
  };
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
  observed: Int32Array,
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
