/** What an evaluation row says of one batch of reconstructions. */

import type { ImageBatch } from '../../../shared/images/image.ts';
import { imageAt } from '../../../shared/images/image.ts';
import type { EvaluationRow, PerImage } from '../../../shared/metric.ts';
import { drawResamples, meanInterval } from '../../../shared/comparison/bootstrap.ts';
import { observedRmse } from './observedError.ts';
import { radialPower, spectrumError } from './powerSpectrum.ts';
import { type ImageScores, type ScoreOptions, scoreImages } from './scoreImages.ts';

export type RowScores = ImageScores &
  Pick<
    EvaluationRow,
    'exactImages' | 'exactUnobserved' | 'psnrInterval' | 'ssimInterval' | 'spectrumError'
  > & { readonly perImage: PerImage };

/** Decimals kept of numbers of single images: far below their error, and short to store. */
const decimals = 6;

/** @throws as scoreImages. */
export function scoreRow(options: ScoreOptions): RowScores {
  const { perImage, ...averages } = scoreImages(options);
  const resamples = drawResamples(perImage.length);
  const list = <Name extends keyof ImageScores>(name: Name) =>
    perImage.map((image): ImageScores[Name] => roundOrNull(image[name]));
  const numbers = {
    psnr: list('psnr'),
    psnrUnobserved: list('psnrUnobserved'),
    ssim: list('ssim'),
    mse: list('mse'),
    mae: list('mae'),
    crps: null,
  };
  return {
    ...averages,
    psnrInterval: meanInterval(numbers.psnr, resamples),
    ssimInterval: meanInterval(numbers.ssim, resamples),
    spectrumError: spectrumError(radialPower(options.truth), radialPower(options.result)),
    perImage: numbers,
  };
}

/** Over all observed pixels of all images; `result` as the method gave it, before any pixel is pasted. */
export function scoreObserved(
  truth: ImageBatch,
  result: ImageBatch,
  observed: readonly Int32Array[],
): number {
  const sum = observed.reduce(
    (total, pixels, index) =>
      total + observedRmse(imageAt(truth, index).values, imageAt(result, index).values, pixels) ** 2,
    0,
  );
  return Math.sqrt(sum / observed.length);
}

export function roundForImage(value: number): number {
  return Number(value.toFixed(decimals));
}

function roundOrNull<Value extends number | null>(value: Value): Value {
  return (value === null ? null : roundForImage(value)) as Value;
}
